"""A packed study that comes by the page: kept, looked at, confirmed, stored or dropped.

The worker does what takes long: it proves every member of the file, says what would
happen, and stores the study once somebody has seen that and wants it.
"""

import hashlib
import logging
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path, PurePath
from shutil import copyfileobj
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DataError, transaction
from django.db.models import Q
from django.utils import timezone

from readerstudy.accounts.models import User
from readerstudy.audit.services import record
from readerstudy.cases.intake import staging
from readerstudy.cases.names import shown
from readerstudy.export.models import Arrival
from readerstudy.export.moving.archive import Packed, read
from readerstudy.export.moving.matching import Found, look
from readerstudy.export.moving.unpacking import store_rows
from readerstudy.media_store import store
from readerstudy.studies.models import Membership, Study
from readerstudy.studies.protocol import canonical_json
from readerstudy.work import leases
from readerstudy.work.worker import patiently

logger = logging.getLogger(__name__)
FOLDER = "arrivals"
Status = Arrival.Status


def file_of(arrival: Arrival) -> str:
    """Where the ZIP of a packed study lies in the store."""
    return f"{FOLDER}/{arrival.token}.zip"


def keep(*, name: str, chunks: Iterable[bytes], code: str, actor: User) -> Arrival:
    """Keep an uploaded file, and let a worker look at it.

    Raises DiskFull, which is a ValidationError.
    """
    made = Arrival(
        name=shown(PurePath(name.replace("\\", "/")).name)[-200:] or "study.zip",
        code=code,
        asked_by=actor,
    )
    with _room_on_disk(), _on_disk() as copy:
        for chunk in chunks:
            copy.write(chunk)
        copy.flush()
        made.size = copy.tell()
        # It lies in the store as well; on a disk that is one more.
        staging.refuse_full(made.size)
        store().put_file(file_of(made), Path(copy.name))
    with transaction.atomic():
        made.save(force_insert=True)
        record(actor=actor, verb="arrival.uploaded", subject=made.name)
        leases.ring_on_commit(Arrival.objects.filter(pk=made.pk))
    return made


@contextmanager
def _room_on_disk() -> Iterator[None]:
    """Raise DiskFull where the disk turns out to be full."""
    staging.refuse_full()
    try:
        yield
    except OSError as problem:
        if problem.errno in staging.NO_ROOM:
            raise staging.DiskFull from problem
        raise


@contextmanager
def _on_disk() -> Iterator[BinaryIO]:
    """A file with a path for a while, where Django puts uploads: /tmp may be memory."""
    folder = settings.FILE_UPLOAD_TEMP_DIR
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".upload.zip") as copy:
        yield cast(BinaryIO, copy)


@contextmanager
def opened(arrival: Arrival) -> Iterator[Packed]:
    """The study in the file; raises ValidationError with what is wrong with it."""
    with _on_disk() as copy:
        patiently(partial(_copy, arrival, copy))
        try:
            yield read(Path(copy.name))
        except (KeyError, TypeError, AttributeError, DataError) as problem:
            # Should the fault be ours and not the file's, this is where it shows.
            logger.warning("%s could not be read", arrival, exc_info=True)
            raise ValidationError(
                "Its rows are not those of a packed study. Pack the study again."
            ) from problem


def _copy(arrival: Arrival, copy: BinaryIO) -> None:
    """The file from the store; a store that is away comes back."""
    if not store().has(file_of(arrival)):
        raise ValidationError(
            "The file is gone from the media folder. Drop it, and upload it again."
        )
    staging.refuse_full(arrival.size)
    copy.seek(0)
    with store().opened(file_of(arrival)) as stream:
        copyfileobj(stream, copy)
    copy.flush()


def as_seen(packed: Packed, found: Found) -> dict[str, Any]:
    """What is shown of a packed study before somebody confirms it, as JSON."""
    return {
        "title": packed.study["title"],
        "state": packed.study["state"],
        "code": found.code,
        "problems": found.problems,
        "added": [[name, cases] for name, cases in sorted(found.added.items())],
        "people": [
            {
                "username": username,
                "name": name,
                "here": (there.get_full_name() or there.username) if there else "",
            }
            for username, name, there in found.people
        ],
    }


def digest_of(seen: dict[str, Any]) -> str:
    """What somebody confirms: exactly what the page showed."""
    return hashlib.sha256(canonical_json(seen).encode()).hexdigest()


def show(claimed: leases.Claim, *, arrival: Arrival, packed: Packed) -> None:
    """Note what a worker found, and hold the study back until somebody confirms."""
    _refuse_who_may_not(arrival.asked_by, packed)
    seen = as_seen(packed, look(packed, code=arrival.code))
    with transaction.atomic():
        row: Arrival | None = leases.held(claimed).select_for_update().first()
        if row is not None:
            _hold(row, seen, len(packed.frames))


def _hold(row: Arrival, seen: dict[str, Any], frames: int) -> None:
    row.seen, row.is_sure, row.steps, row.done = seen, False, frames, 0
    row.status, row.lease_token, row.lease_until = Status.HELD, "", None
    row.attempts, row.failure = 0, ""
    row.save()


def _refuse_who_may_not(person: User, packed: Packed) -> None:
    """Refuse who has lost the right meanwhile, and who reads cases that it names.

    What stands against a study tells which source wrote a text that is here already.
    """
    account = User.objects.get(pk=person.pk)
    if not (account.is_active and account.may_create_studies):
        raise ValidationError("Taking in a study needs a coordinator's account.")
    names = {row["collection"][0] for row in packed.rows["cases.Case"]}
    reads = Membership.objects.readers().of_studies_not_ended()
    cases = "study__caseset__studycase__case__collection__name__in"
    if reads.filter(user=account, **{cases: names}).exists():
        raise ValidationError(
            "You read cases of its collections in a study that is not closed yet, and "
            "which source wrote which text is kept from you until then. Somebody else "
            "has to bring this study in."
        )


def _locked(arrival: Arrival) -> Arrival:
    """The row as it is now, locked; raises ValidationError where it has gone."""
    held = Arrival.objects.select_for_update().filter(pk=arrival.pk).first()
    if held is None:
        raise ValidationError("This file was dropped.")
    return held


@transaction.atomic
def confirm(*, arrival: Arrival, actor: User, seen_sha256: str) -> None:
    """Let a worker store what somebody has looked at: `seen_sha256`, and no other."""
    held = _locked(arrival)
    if held.status != Status.HELD or not held.seen or held.seen["problems"]:
        raise ValidationError("This study can't be taken in now. Look at it again.")
    if digest_of(held.seen) != seen_sha256:
        raise ValidationError("It was looked at anew meanwhile. Read what it says now.")
    held.is_sure, held.status, held.rung_at = True, Status.QUEUED, None
    held.save()
    record(actor=actor, verb="arrival.confirmed", subject=held.name)
    leases.ring_on_commit(Arrival.objects.filter(pk=held.pk))


@transaction.atomic
def look_again(*, arrival: Arrival, actor: User, code: str) -> None:
    """Let a worker look at a file anew: under another code, or since this server holds
    other things now."""
    held = _locked(arrival)
    if held.status not in (Status.HELD, Status.FAILED):
        raise ValidationError("A worker has it in hand. Wait until it is through.")
    held.code, held.seen, held.is_sure = code, {}, False
    leases.start_anew(held)
    held.done = 0
    held.save()
    record(actor=actor, verb="arrival.looked_at_again", subject=held.name)
    leases.ring_on_commit(Arrival.objects.filter(pk=held.pk))


@transaction.atomic
def finish(claimed: leases.Claim, *, packed: Packed) -> Study | None:
    """Store the rows and mark the work as done, both or neither.

    Where this server holds other things than were shown, it is held back again.
    """
    row: Arrival | None = leases.held(claimed).select_for_update().first()
    if row is None:
        return None
    _refuse_who_may_not(row.asked_by, packed)
    seen = as_seen(packed, look(packed, code=row.code))
    if seen != row.seen:
        _hold(row, seen, len(packed.frames))
        return None
    row.study = store_rows(packed=packed, actor=row.asked_by, code=row.code)
    leases.finish(row)
    row.save()
    transaction.on_commit(lambda: store().remove(file_of(row)))
    return row.study


@transaction.atomic
def drop(*, arrival: Arrival, actor: User | None) -> None:
    """Forget a packed study that was not taken in, and its file."""
    held = _locked(arrival)
    if held.status == Status.RUNNING:
        raise ValidationError("A worker has it in hand. Wait until it is through.")
    if held.study is not None:
        raise ValidationError("This study was taken in.")
    record(actor=actor, verb="arrival.dropped", subject=held.name)
    name = file_of(held)
    held.delete()
    transaction.on_commit(lambda: store().remove(name))


def sweep() -> None:
    """Drop what nobody came back for, and files that a killed process left."""
    before = timezone.now() - timedelta(days=settings.LEFTOVERS_KEPT_DAYS)
    old = Arrival.objects.filter(created_at__lt=before).filter(
        Q(finished_at=None) | Q(finished_at__lt=before),
        Q(started_at=None) | Q(started_at__lt=before),
    )
    for forgotten in old.filter(status__in=[Status.HELD, Status.FAILED]):
        with suppress(ValidationError):
            _forget(forgotten)
    for each in list(store().listed(FOLDER)):
        token = PurePath(each.name).stem
        is_named = Arrival.objects.exclude(status=Status.DONE).filter(token=token)
        if each.seconds < before.timestamp() and not is_named.exists():
            store().remove(each.name)
    for left in Path(settings.FILE_UPLOAD_TEMP_DIR).glob("tmp*.upload*"):
        # Of a process that was killed; an upload takes no days.
        with suppress(FileNotFoundError):
            if left.stat().st_mtime < before.timestamp():
                left.unlink()


@transaction.atomic
def _forget(arrival: Arrival) -> None:
    """Drop it, unless somebody has come back for it in this moment."""
    if _locked(arrival).status in (Status.HELD, Status.FAILED):
        drop(arrival=arrival, actor=None)
