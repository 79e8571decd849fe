"""A packed study that comes by the page: kept, looked at, confirmed, stored or dropped.

The worker does what takes long: it proves every member of the file, says what would
happen, and stores the study once somebody has seen that and wants it.
"""

import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path, PurePath
from shutil import copyfileobj
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
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
from readerstudy.studies.models import Study
from readerstudy.work import leases

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
    staging.refuse_full()
    try:
        with _on_disk() as copy:
            for chunk in chunks:
                copy.write(chunk)
            copy.flush()
            made.size = copy.tell()
            store().put_file(file_of(made), Path(copy.name))
    except OSError as problem:
        if problem.errno in staging.NO_ROOM:
            raise staging.DiskFull from problem
        raise
    with transaction.atomic():
        made.save(force_insert=True)
        record(actor=actor, verb="arrival.uploaded", subject=made.name)
        leases.ring_on_commit(Arrival.objects.filter(pk=made.pk))
    return made


@contextmanager
def _on_disk() -> Iterator[BinaryIO]:
    """A file with a path for a while, where Django puts uploads: /tmp may be memory."""
    folder = settings.FILE_UPLOAD_TEMP_DIR
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".upload.zip") as copy:
        yield cast(BinaryIO, copy)


@contextmanager
def opened(arrival: Arrival) -> Iterator[Packed]:
    """The study in the file; raises ValidationError with what is wrong with it."""
    if not store().has(file_of(arrival)):
        raise ValidationError(
            "The file is gone from the media folder. Drop it, and upload it again."
        )
    with _on_disk() as copy:
        with store().opened(file_of(arrival)) as stream:
            copyfileobj(stream, copy)
        copy.flush()
        yield read(Path(copy.name))


def as_seen(packed: Packed, found: Found) -> dict[str, Any]:
    """What is shown of a packed study before somebody confirms it, as JSON."""
    return {
        "title": packed.study["title"],
        "state": packed.study["state"],
        "code": found.code,
        "problems": found.problems,
        "added": found.added,
        "people": [
            {
                "username": username,
                "name": name,
                "here": (there.get_full_name() or there.username) if there else "",
            }
            for username, name, there in found.people
        ],
    }


@transaction.atomic
def show(claimed: leases.Claim, *, packed: Packed) -> None:
    """Note what a worker found, and hold the study back until somebody confirms."""
    row: Arrival | None = leases.held(claimed).select_for_update().first()
    if row is None:
        return
    row.seen = as_seen(packed, look(packed, code=row.code))
    row.status, row.lease_token, row.lease_until = Status.HELD, "", None
    row.attempts, row.failure, row.steps = 0, "", len(packed.frames)
    row.save()


@transaction.atomic
def confirm(*, arrival: Arrival, actor: User) -> None:
    """Let a worker store what somebody has looked at."""
    held = Arrival.objects.select_for_update().get(pk=arrival.pk)
    if held.status != Status.HELD or not held.seen or held.seen["problems"]:
        raise ValidationError("This study can't be taken in now. Look at it again.")
    held.is_sure, held.status, held.rung_at = True, Status.QUEUED, None
    held.save()
    record(actor=actor, verb="arrival.confirmed", subject=held.name)
    leases.ring_on_commit(Arrival.objects.filter(pk=held.pk))


@transaction.atomic
def look_again(*, arrival: Arrival, actor: User, code: str) -> None:
    """Let a worker look at a file anew: under another code, or since this server holds
    other things now."""
    held = Arrival.objects.select_for_update().get(pk=arrival.pk)
    if held.status not in (Status.HELD, Status.FAILED):
        raise ValidationError("A worker has it in hand. Wait until it is through.")
    held.code, held.seen, held.is_sure = code, {}, False
    held.status, held.failure, held.rung_at = Status.QUEUED, "", None
    held.attempts = held.done = 0
    held.finished_at = None
    held.save()
    record(actor=actor, verb="arrival.looked_at_again", subject=held.name)
    leases.ring_on_commit(Arrival.objects.filter(pk=held.pk))


@transaction.atomic
def finish(claimed: leases.Claim, *, packed: Packed) -> Study | None:
    """Store the rows and mark the work as done, both or neither."""
    row: Arrival | None = leases.held(claimed).select_for_update().first()
    if row is None:
        return None
    row.study = store_rows(packed=packed, actor=row.asked_by, code=row.code)
    leases.finish(row)
    row.save()
    transaction.on_commit(lambda: store().remove(file_of(row)))
    return row.study


@transaction.atomic
def drop(*, arrival: Arrival, actor: User | None) -> None:
    """Forget a packed study that was not taken in, and its file."""
    held = Arrival.objects.select_for_update().get(pk=arrival.pk)
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
    age = timedelta(days=settings.LEFTOVERS_KEPT_DAYS)
    waiting = Arrival.objects.filter(created_at__lt=timezone.now() - age)
    for forgotten in waiting.filter(status__in=[Status.HELD, Status.FAILED]):
        drop(arrival=forgotten, actor=None)
    before = time.time() - age.total_seconds()
    for each in list(store().listed(FOLDER)):
        token = PurePath(each.name).stem
        is_named = Arrival.objects.exclude(status=Status.DONE).filter(token=token)
        if each.seconds < before and not is_named.exists():
            store().remove(each.name)
    for left in Path(settings.FILE_UPLOAD_TEMP_DIR).glob("tmp*.upload*"):
        # Of a process that was killed; an upload takes no days.
        if left.stat().st_mtime < before:
            left.unlink(missing_ok=True)
