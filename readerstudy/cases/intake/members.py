"""An archive's members become files of the delivery, each with a line of its own."""

from functools import partial
from pathlib import PurePosixPath

from django.db import transaction

from readerstudy.cases.archives import Kind
from readerstudy.cases.found import is_companion
from readerstudy.cases.intake import sources
from readerstudy.cases.intake.fates import Fate, require_held, settle
from readerstudy.cases.intake.labels import first_free, label
from readerstudy.cases.intake.layouts import layout_of
from readerstudy.cases.intake.models import DeliveredFile, Delivery
from readerstudy.work.leases import Claim
from readerstudy.work.worker import patiently

State = DeliveredFile.State
_BATCH = 1000


def unpack(
    claim: Claim, delivery: Delivery, archive: DeliveredFile, kind: Kind
) -> None:
    """List an archive's members as files; none of them is read yet. Raises Refused.

    Where it was interrupted, it goes on.
    """
    listed = sources.members(archive, kind)
    layout = layout_of(delivery)
    there = set(archive.members.values_list("address", flat=True))
    taken = set(delivery.files.values_list("name", flat=True))
    rows: list[DeliveredFile] = []
    for number, (name, _) in enumerate(listed):
        if str(number) in there:
            continue
        own = first_free(label(f"{archive.name}/{name}"), taken.__contains__)
        taken.add(own)
        rows.append(
            DeliveredFile(
                delivery=delivery,
                archive=archive,
                name=own,
                address=str(number),
                key=layout.key_of(own),
                turn=layout.turn_of(own, True),
                state=State.RECEIVED,
            )
        )
    for start in range(0, len(rows), _BATCH):
        some = rows[start : start + _BATCH]
        patiently(partial(_list, claim, some))
    if not listed:
        settle(claim, [archive], lambda: Fate(State.SET_ASIDE, "It holds no files."))
        return
    patiently(partial(_mark_unpacked, claim, archive))


@transaction.atomic
def _list(claim: Claim, rows: list[DeliveredFile]) -> None:
    require_held(claim)
    DeliveredFile.objects.bulk_create(rows)


@transaction.atomic
def _mark_unpacked(claim: Claim, archive: DeliveredFile) -> None:
    require_held(claim)
    archive.state = State.UNPACKED
    archive.save(update_fields=["state"])


def is_set_aside(name: str) -> bool:
    """Whether a file is no radiograph by its name alone."""
    path = PurePosixPath(name)
    return "__MACOSX" in path.parts or is_companion(path.name)
