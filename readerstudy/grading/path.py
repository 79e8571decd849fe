"""The path of a reader through a study: what comes next, and when it may."""

import datetime
from dataclasses import dataclass
from enum import StrEnum, auto

from django.db.models import Max
from django.utils import timezone

from readerstudy.grading.after.guessing import session_to_guess
from readerstudy.grading.before.preparation import Missing as Missing
from readerstudy.grading.before.preparation import what_is_missing
from readerstudy.grading.models import Grade
from readerstudy.grading.places import next_place
from readerstudy.grading.places import next_slot as next_slot
from readerstudy.grading.places import slot_after as slot_after
from readerstudy.grading.standing import not_submitted_again
from readerstudy.presentation.models import Slot
from readerstudy.statements import Statement
from readerstudy.studies.models import Membership


class Stop(StrEnum):
    """Where a reader stands."""

    PREPARE = auto()
    READ = auto()
    GUESS = auto()
    WAIT = auto()
    DONE = auto()
    NOT_YET = auto()
    PAUSED = auto()
    WITHDRAWN = auto()
    CLOSED = auto()


@dataclass(frozen=True)
class Step:
    """What comes next for a reader.

    slot      the leading slot that is next, where there is one
    opens_at  when its session opens, for WAIT
    missing   what comes before it, for PREPARE
    session   the finished session whose sources are guessed, for GUESS
    is_again  whether its grade was taken up again, for READ
    """

    stop: Stop
    slot: Slot | None = None
    opens_at: datetime.datetime | None = None
    missing: Missing | None = None
    session: int | None = None
    is_again: bool = False


def next_step(reader: Membership, *, awaits_again: bool = True) -> Step:
    """Return what comes next for a reader; a handful of queries.

    awaits_again: False where it is known that nothing was taken up again.
    """
    step = step_once_prepared(reader, awaits_again=awaits_again)
    if step.stop != Stop.READ or step.slot is None or step.is_again:
        return step
    missing = what_is_missing(reader, step.slot.session)
    return Step(Stop.PREPARE, step.slot, missing=missing) if missing else step


def step_once_prepared(
    reader: Membership, *, begun: Slot | None = None, awaits_again: bool = True
) -> Step:
    """Return what comes next for a reader who has prepared for it, or need not.

    begun: a page without a grade that was opened, where there is one: all before it are
    graded, so it is the next.  awaits_again: as of `next_step`.
    """
    slot = begun or next_place(reader)
    if not reader.may_read:
        return Step(_stop_of(reader), slot)
    # What was taken up again is submitted before anything else: no permission is kept
    # for later, and none is in the way of what follows.
    again = taken_up_again(reader) if awaits_again else None
    if again is not None:
        return Step(Stop.READ, again, is_again=True)
    session = session_to_guess(reader, unfinished=slot.session if slot else None)
    if session is not None:
        return Step(Stop.GUESS, slot, session=session)
    if slot is None:
        return Step(Stop.DONE)
    opens_at = session_opens_at(slot)
    if opens_at is not None and opens_at > timezone.now():
        return Step(Stop.WAIT, slot, opens_at)
    return Step(Stop.READ, slot)


def _stop_of(reader: Membership) -> Stop:
    """Where a reader stands who may not read."""
    study = reader.study
    if reader.has_withdrawn:
        return Stop.WITHDRAWN
    if study.is_closed:
        return Stop.CLOSED
    return Stop.PAUSED if study.is_paused else Stop.NOT_YET


def taken_up_again(reader: Membership) -> Slot | None:
    """Return the slot whose grade was reopened and not submitted again yet."""
    pending = _pending.first(reader=reader.pk)
    if pending is None:
        return None
    return Slot.objects.in_full().get(pk=pending.slot_id)


_pending = Statement(lambda reader: not_submitted_again(reader)[:1], numbers=["reader"])


def may_look_ahead(slot: Slot) -> bool:
    """Whether the page behind a slot may be fetched ahead.

    Of a page that was opened, and of the one right behind it: it may be on the screen
    already, with the grade that opens it still on its way. Further ahead nobody looks.
    """
    if slot.opened_at is not None:
        return True
    before = (
        Slot.objects.of_reader(slot.reader)
        .leading()
        .filter(position__lt=slot.position)
        .last()
    )
    return before is not None and before.opened_at is not None


def session_begins(slot: Slot) -> bool:
    """Whether a slot is the first of a later session, none of which is graded yet."""
    graded = Slot.objects.of_reader(slot.reader).exclude(grade=None)
    return slot.session > 1 and not graded.filter(session=slot.session).exists()


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
