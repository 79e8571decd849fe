"""Writes on deliveries: open, announce, receive, seal, cancel, try again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO, NoReturn, Protocol

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Now

from readerstudy.accounts.models import User
from readerstudy.audit.services import record
from readerstudy.cases.codes import CODES
from readerstudy.cases.imports import checked_name, collection_named
from readerstudy.cases.intake import folders, staging
from readerstudy.cases.intake.forgetting import forget_if_at_once, name_instead
from readerstudy.cases.intake.labels import label, numbered
from readerstudy.cases.intake.layouts import layout_of
from readerstudy.cases.intake.models import DeliveredFile, Delivery
from readerstudy.cases.intake.telling import tell_import
from readerstudy.cases.radiograph import Refused
from readerstudy.work.leases import ring_on_commit, start_anew

State = DeliveredFile.State
CANCELLED = "Cancelled: what had not been taken in by then was left out."
LEFT_OUT = "It was left out, for it had not come whole."
_NOT_CHOSEN = {field.name for field in Delivery._meta.fields} - {"origin", "layout"}
_BATCH = 1000


class Stream(Protocol):
    """Bytes that come bit by bit: an open file, or a request."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; none at the end."""


class WrongOffset(ValidationError):
    """A chunk that does not follow on what is there; `offset` is where the next one
    begins."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"The next byte that is wanted of this file is {offset}.")
        self.offset = offset


@dataclass(frozen=True)
class Announced:
    """A file that is to come: its name, its bytes, and where they are.

    size     0 where `address` has them and they were not counted
    address  a path on the server, or of a PACS's instance; empty for an upload
    mark     what tells an upload from another of its name and size (contents.js);
             empty where the sender makes none
    """

    name: str
    size: int = 0
    address: str = ""
    mark: str = ""

    def is_of(self, row: DeliveredFile) -> bool:
        """Whether a row under its name is this file's."""
        told = self.size, self.address, self.mark
        return told == (row.size, row.address, row.mark)


@transaction.atomic
def open_delivery(
    *,
    collection: str,
    origin: str,
    layout: str,
    options: dict[str, Any],
    actor: User | None,
) -> Delivery:
    """Begin a delivery, which is held until it is sealed. Raises ValidationError."""
    delivery = Delivery(
        collection=collection_named(checked_name(collection)),
        origin=origin,
        layout=layout,
        options=_checked(options),
        asked_by=actor,
        status=Delivery.Status.HELD,
    )
    delivery.clean_fields(exclude=_NOT_CHOSEN)
    delivery.save()
    record(
        actor=actor,
        verb="delivery.opened",
        subject=delivery.collection.name,
        detail={
            "delivery": delivery.pk,
            "origin": origin,
            "layout": layout,
            "options": delivery.options,
        },
    )
    return delivery


def _checked(options: dict[str, Any]) -> dict[str, Any]:
    """The options that every way in knows, checked; others are their origin's own."""
    checked = {"code_from": CODES[0], "take_burned_in": False} | options
    if checked["code_from"] not in CODES:
        raise ValidationError(f"Case codes come from one of: {', '.join(CODES)}.")
    if not isinstance(checked["take_burned_in"], bool):
        raise ValidationError("take_burned_in is either true or false.")
    return checked


@transaction.atomic
def announce(*, delivery: Delivery, files: Sequence[Announced]) -> list[DeliveredFile]:
    """Say which files come; returns their rows, in the order of `files`.

    The same name, size and mark again is the same file: its row says how much is
    there. Two files of one call are two, however alike they are.
    """
    locked = _held(delivery)
    locked.save(update_fields=["touched_at"])
    layout = layout_of(locked)
    there = _rows_of_names(locked, [label(each.name) for each in files])
    new: list[DeliveredFile] = []
    answered: set[str] = set()
    answer: list[DeliveredFile] = []
    for each in files:
        _refuse_size(each)
        row = _found_again(there, each, answered)
        if row is None:
            row = _new_row(locked, there, each)
            row.key = layout.key_of(row.name)
            row.turn = layout.turn_of(row.name, False)
            new.append(row)
        answered.add(row.name)
        answer.append(row)
    _refuse_room(locked, sum(row.size for row in new if not row.address))
    DeliveredFile.objects.bulk_create(new, batch_size=_BATCH)
    return answer


def _held(delivery: Delivery) -> Delivery:
    """The delivery, locked. Raises ValidationError once it is sealed."""
    locked = Delivery.objects.select_for_update(of=["self"]).get(pk=delivery.pk)
    if locked.status != Delivery.Status.HELD:
        raise ValidationError("This delivery is closed: begin another one.")
    return locked


def _rows_of_names(delivery: Delivery, names: list[str]) -> dict[str, DeliveredFile]:
    """The rows that are there under some names, and under those names numbered."""
    there: dict[str, DeliveredFile] = {}
    number, wanted = 1, list(dict.fromkeys(names))
    while wanted:
        spelled = {numbered(name, number): name for name in wanted}
        found = _found_under(delivery, list(spelled))
        there |= found
        wanted = [spelled[name] for name in found]
        number += 1
    return there


def _found_under(delivery: Delivery, names: list[str]) -> dict[str, DeliveredFile]:
    """Rows by some names, also those whose names were replaced since."""
    called = {name: name for name in names}
    if delivery.is_secret:
        called |= {name_instead(name): name for name in names}
    found: dict[str, DeliveredFile] = {}
    for start in range(0, len(called), _BATCH):
        some = list(called)[start : start + _BATCH]
        for row in delivery.files.filter(name__in=some):
            found[called[row.name]] = row
    return found


def _found_again(
    there: dict[str, DeliveredFile], announced: Announced, answered: set[str]
) -> DeliveredFile | None:
    name, number = label(announced.name), 1
    while row := there.get(numbered(name, number)):
        if row.name not in answered and announced.is_of(row):
            if row.name != numbered(name, number):
                # Whoever chose it again sees by its name which one it is.
                row.name = numbered(name, number)
                row.save(update_fields=["name"])
            return row
        number += 1
    return None


def _new_row(
    delivery: Delivery, there: dict[str, DeliveredFile], announced: Announced
) -> DeliveredFile:
    name, number = label(announced.name), 1
    while numbered(name, number) in there:
        number += 1
    is_here = delivery.comes_from_an_address or announced.size == 0
    row = DeliveredFile(
        delivery=delivery,
        name=numbered(name, number),
        address=announced.address,
        size=announced.size,
        mark=announced.mark,
        state=State.RECEIVED if is_here else State.EXPECTED,
    )
    there[row.name] = row
    return row


def _refuse_size(announced: Announced) -> None:
    most = settings.INTAKE_LARGEST_FILE_BYTES
    if announced.size > most:
        raise ValidationError(
            f"{label(announced.name)} has {announced.size / 1024**3:.1f} GB; at most "
            f"{most / 1024**3:.0f} GB can be uploaded in one file. Put it into a "
            "folder of the server, or divide it."
        )
    if announced.size < 0:
        raise ValidationError(f"{label(announced.name)} has no size.")


def _refuse_room(delivery: Delivery, new: int) -> None:
    if delivery.comes_from_an_address or not new:
        return
    coming = delivery.files.filter(state=State.EXPECTED)
    sums = coming.aggregate(size=Sum("size"), received=Sum("received"))
    staging.refuse_full(new + (sums["size"] or 0) - (sums["received"] or 0))


def receive(*, file: DeliveredFile, offset: int, content: bytes | Stream) -> int:
    """Take a chunk of a file; returns how many bytes of it are there now.

    The same chunk again changes nothing. Raises WrongOffset for any other place, and
    ValidationError where the file takes nothing, is too long, or the disk is full.
    """
    staging.refuse_full()
    with staging.opened(file) as stream:
        row = DeliveredFile.objects.select_related("delivery").get(pk=file.pk)
        if row.delivery.status != Delivery.Status.HELD:
            raise ValidationError("This delivery is closed: it takes no more bytes.")
        there = min(row.received, stream.seek(0, 2))
        if offset < there and _is_repeated(stream, offset, content, there):
            return there
        if offset != there or row.state != State.EXPECTED:
            raise WrongOffset(there)
        there += staging.append(
            stream, offset=offset, blocks=_blocks(content), most=row.size - offset
        )
        is_whole = there == row.size
        row.received = there
        row.state = State.RECEIVED if is_whole else State.EXPECTED
        row.save(update_fields=["received", "state"])
    return there


def _blocks(content: bytes | Stream) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
    else:
        yield from iter(partial(content.read, staging.BLOCK_BYTES), b"")


def _is_repeated(
    stream: BinaryIO, offset: int, content: bytes | Stream, there: int
) -> bool:
    """Whether a chunk is what lies there already; it is read up."""
    stream.seek(offset)
    same = True
    for block in _blocks(content):
        same = same and stream.read(len(block)) == block
    return same and stream.tell() <= there


def bring_folder(*, delivery: Delivery, path: str, actor: User | None) -> Delivery:
    """Take in every file below a folder of the server. Raises ValidationError.

    What a link leads out to is left out, and told in the delivery's note. The folder
    is walked before anything is written, and its files are written batch by batch: on
    SQLite nobody else writes meanwhile. Where that is interrupted, nothing is taken in,
    and the same folder can be chosen again.
    """
    try:
        found = folders.files_below(path)
    except Refused as refusal:
        raise ValidationError(refusal.reason) from None
    files = [Announced(file.name, file.size, file.address) for file in found.files]
    for start in range(0, len(files), _BATCH):
        announce(delivery=delivery, files=files[start : start + _BATCH])
    return _sealed_folder(delivery, path, found, actor)


@transaction.atomic
def _sealed_folder(
    delivery: Delivery, path: str, found: folders.FoundFiles, actor: User | None
) -> Delivery:
    locked = _held(delivery)
    _record(
        locked,
        actor,
        "delivery.folder_chosen",
        # The record stays for ever, and a folder can be called by a patient's name.
        path=folders.told_path(path, is_secret=locked.is_secret),
        files=len(found.files),
        left_out=found.left_out,
    )
    if found.left_out:
        note = f"{found.left_out} entries were left out: links that lead elsewhere."
        Delivery.objects.filter(pk=delivery.pk).update(note=note)
    return seal(delivery=delivery, actor=actor)


@transaction.atomic
def seal(
    *, delivery: Delivery, actor: User | None, without_missing: bool = False
) -> Delivery:
    """Say that all files are there: a worker takes them in.

    without_missing   leave out what has not come whole
    """
    locked = _held(delivery)
    missing = list(locked.files.filter(state=State.EXPECTED))
    if missing and not without_missing:
        raise ValidationError(
            f"{len(missing)} of the files have not come whole yet. Choose them again "
            "to go on, or leave them out."
        )
    for file in missing:
        # If this is refused in the end, what came is still there.
        transaction.on_commit(partial(staging.remove, file))
    _leave_out(locked)
    files = locked.files.count()
    if not files:
        raise ValidationError("There is nothing to bring in yet: choose files first.")
    _queue(locked)
    _record(locked, actor, "delivery.sealed", files=files, left_out=len(missing))
    return locked


def _queue(delivery: Delivery) -> None:
    start_anew(delivery)
    delivery.waits_since = None
    delivery.save()
    ring_on_commit(Delivery.objects.filter(pk=delivery.pk))


def _record(
    delivery: Delivery, actor: User | None, verb: str, **detail: object
) -> None:
    record(
        actor=actor,
        verb=verb,
        subject=delivery.collection.name,
        detail={"delivery": delivery.pk, **detail},
    )


def _leave_out(delivery: Delivery) -> None:
    """Leave out what has not come whole.

    Of an archive that is tried again members may be in: their rows go with its own,
    so that one stays.
    """
    missing = delivery.files.filter(state=State.EXPECTED)
    tried = missing.filter(members__isnull=False).values_list("pk", flat=True)
    delivery.files.filter(pk__in=list(tried)).update(
        state=State.REFUSED, reason=LEFT_OUT
    )
    missing.delete()


@transaction.atomic
def cancel(
    *, delivery: Delivery, actor: User | None, reason: str = CANCELLED
) -> Delivery:
    """End a delivery. What was taken in stays, and is told; the rest is left out."""
    locked = Delivery.objects.select_for_update(of=["self"]).get(pk=delivery.pk)
    if locked.status == Delivery.Status.DONE:
        raise ValidationError("This delivery is over: there is nothing to cancel.")
    left = locked.files.filter(state__in=(State.EXPECTED, State.RECEIVED))
    left_out = left.update(state=State.REFUSED, reason="The delivery was cancelled.")
    locked.status = Delivery.Status.DONE
    locked.finished_at = Now()
    locked.lease_token, locked.lease_until = "", None
    locked.note = reason
    locked.names_forgotten_at = None
    locked.save()
    _record(locked, actor, "delivery.cancelled", left_out=left_out)
    tell_import(locked)
    forget_if_at_once(locked.pk)
    transaction.on_commit(partial(staging.remove_all, locked.pk))
    return locked


@transaction.atomic
def retry(*, delivery: Delivery, actor: User | None) -> Delivery:
    """Try again what was refused, or go on where the work itself failed.

    Files of a folder or a PACS are read anew. Uploads are not kept once they are over:
    the delivery waits until they are chosen again, an archive as a whole.
    """
    locked = Delivery.objects.select_for_update(of=["self"]).get(pk=delivery.pk)
    if locked.status not in (Delivery.Status.DONE, Delivery.Status.FAILED):
        raise ValidationError("This delivery is not over yet.")
    refused = locked.files.filter(state=State.REFUSED)
    if locked.comes_from_an_address:
        refused = refused.filter(pk__in=list(_known_places(refused)))
        tried = refused.update(state=State.RECEIVED, reason="", warnings=[], tries=0)
    else:
        tried = refused.count()
        _wait_for_uploads(locked)
    locked.note = ""
    locked.names_forgotten_at = None
    if locked.files.filter(state=State.EXPECTED).exists():
        locked.status = Delivery.Status.HELD
        locked.save()
    elif locked.files.all().to_do().exists():
        _queue(locked)
    else:
        _refuse_retry(locked)
    _record(locked, actor, "delivery.retried", files=tried)
    return locked


def _known_places(refused: QuerySet[DeliveredFile]) -> QuerySet[DeliveredFile, int]:
    """The ids of those whose address, or whose archive's, is not forgotten."""
    own = Q(archive=None) & ~Q(address="")
    known = refused.filter(own | (Q(archive__isnull=False) & ~Q(archive__address="")))
    return known.values_list("pk", flat=True)


def _refuse_retry(delivery: Delivery) -> NoReturn:
    if delivery.files.filter(state=State.REFUSED).exists():
        raise ValidationError(
            "It is forgotten by now where these files lie, for that could say whose "
            "they are. Bring them in by a new delivery."
        )
    raise ValidationError("Nothing of this delivery was refused.")


def _wait_for_uploads(delivery: Delivery) -> None:
    """Refused uploads have to come again; of a member, its whole archive."""
    refused = delivery.files.filter(state=State.REFUSED)
    archives = set(refused.exclude(archive=None).values_list("archive_id", flat=True))
    refused.exclude(archive=None).delete()
    again = refused | delivery.files.filter(pk__in=archives)
    again.filter(size=0).update(state=State.RECEIVED, reason="", tries=0)
    again.filter(size__gt=0).update(
        state=State.EXPECTED, received=0, reason="", warnings=[], tries=0
    )
