"""The path of a reader through a study: what comes next, and when it may."""

import datetime
from dataclasses import dataclass
from enum import StrEnum, auto

from django.db.models import Max
from django.utils import timezone

from readerstudy.grading.models import Grade
from readerstudy.presentation.models import Slot, SlotQuerySet
from readerstudy.studies.models import Membership


class Stop(StrEnum):
    """Where a reader stands."""

    READ = auto()
    WAIT = auto()
    DONE = auto()
    CLOSED = auto()


@dataclass(frozen=True)
class Step:
    """What comes next for a reader.

    slot      the leading slot that is next, where there is one
    opens_at  when its session opens, for WAIT
    """

    stop: Stop
    slot: Slot | None = None
    opens_at: datetime.datetime | None = None


def next_slot(reader: Membership) -> Slot | None:
    """Return a reader's first leading slot without a grade; drafts do not count."""
    return _ungraded(reader).first()


def slot_after(slot: Slot) -> Slot | None:
    """Return the next leading slot without a grade behind a slot in its session.

    It is None at the end of a session: what comes then is not for the reading page.
    """
    return (
        _ungraded(slot.reader)
        .filter(position__gt=slot.position, session=slot.session)
        .first()
    )


def _ungraded(reader: Membership) -> SlotQuerySet:
    return (
        Slot.objects.of_reader(reader)
        .leading()
        .filter(grade=None)
        .select_related("presented__case__image", "reader__study", "reader__user")
    )


def next_step(reader: Membership) -> Step:
    """Return what comes next for a reader; a handful of queries."""
    slot = next_slot(reader)
    if not reader.study.is_open:
        return Step(Stop.CLOSED, slot)
    if slot is None:
        return Step(Stop.DONE)
    opens_at = session_opens_at(slot)
    if opens_at is not None and opens_at > timezone.now():
        return Step(Stop.WAIT, slot, opens_at)
    return Step(Stop.READ, slot)


def session_opens_at(slot: Slot) -> datetime.datetime | None:
    """Return when the wash-out of a slot's session is over; None without one.

    The session opens as a whole: when the last of its radiographs was read long
    enough ago.
    """
    days = slot.reader.study.washout_days
    if not days:
        return None
    waiting = Slot.objects.of_reader(slot.reader).filter(
        session=slot.session, grade=None
    )
    last = Grade.objects.of_reader(slot.reader).filter(
        slot__session__lt=slot.session,
        slot__presented__case__in=waiting.values("presented__case"),
    )
    read_at: datetime.datetime | None = last.aggregate(at=Max("submitted_at"))["at"]
    return None if read_at is None else read_at + datetime.timedelta(days=days)
