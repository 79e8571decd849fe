"""The path of a reader through a study: what comes next, and when it may."""

import datetime
from dataclasses import dataclass
from enum import StrEnum, auto

from django.db import models
from django.db.models import Max
from django.utils import timezone

from readerstudy.grading.after.guessing import session_to_guess
from readerstudy.grading.before.consent import lacks_consent
from readerstudy.grading.before.display import check_is_due
from readerstudy.grading.before.practice import next_practice
from readerstudy.grading.models import Grade, Reopening
from readerstudy.presentation.models import Slot, SlotQuerySet
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


class Missing(StrEnum):
    """What a reader still does before a report may be opened, in this order."""

    CONSENT = auto()
    DISPLAY = auto()
    PRACTICE = auto()


@dataclass(frozen=True)
class Step:
    """What comes next for a reader.

    slot      the leading slot that is next, where there is one
    opens_at  when its session opens, for WAIT
    missing   what comes before it, for PREPARE
    session   the finished session whose sources are guessed, for GUESS
    """

    stop: Stop
    slot: Slot | None = None
    opens_at: datetime.datetime | None = None
    missing: Missing | None = None
    session: int | None = None


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
    return Slot.objects.of_reader(reader).leading().filter(grade=None).in_full()


def next_step(reader: Membership) -> Step:
    """Return what comes next for a reader; a handful of queries."""
    slot = next_slot(reader)
    if not reader.may_read:
        return Step(_stop_of(reader), slot)
    # What was taken up again is submitted before anything else: no permission is kept
    # for later, and none is in the way of what follows.
    again = taken_up_again(reader)
    if again is not None:
        return Step(Stop.READ, again)
    session = session_to_guess(reader)
    if session is not None:
        return Step(Stop.GUESS, slot, session=session)
    if slot is None:
        return Step(Stop.DONE)
    opens_at = session_opens_at(slot)
    if opens_at is not None and opens_at > timezone.now():
        return Step(Stop.WAIT, slot, opens_at)
    missing = what_is_missing(reader, slot)
    if missing is not None:
        return Step(Stop.PREPARE, slot, missing=missing)
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
    submitted = Grade.objects.filter(
        slot=models.OuterRef("slot"), version=models.OuterRef("version")
    )
    pending = Reopening.objects.filter(
        ~models.Exists(submitted), slot__reader=reader
    ).order_by("at")
    return Slot.objects.filter(pk__in=pending.values("slot")[:1]).in_full().first()


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


def what_is_missing(reader: Membership, slot: Slot) -> Missing | None:
    """Return what a reader has to do before a slot may be opened, if anything."""
    if lacks_consent(reader):
        return Missing.CONSENT
    if check_is_due(reader, slot.session):
        return Missing.DISPLAY
    if next_practice(reader) is not None:
        return Missing.PRACTICE
    return None


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
