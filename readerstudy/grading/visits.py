"""The event logs that reading pages keep, and the times that come of them."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from readerstudy.grading.models import Visit
from readerstudy.grading.timing import (
    BEGINNINGS,
    LoggedEvent,
    ReadingTimes,
    reading_times,
)
from readerstudy.presentation.models import Slot

EventRow = tuple[int, str, str]


@dataclass(frozen=True)
class VisitLog:
    """The log of one opening of a reading page, as the browser sends it.

    began_at  by the clock of the reader's computer
    events    (milliseconds since began_at, kind, detail), kinds as in timing.py
    """

    key: str
    began_at: datetime.datetime
    events: tuple[EventRow, ...]

    def as_json(self) -> list[object]:
        return [self.key, self.began_at.isoformat(), [list(row) for row in self.events]]


def keep_visits(
    slot: Slot, visits: Sequence[VisitLog], *, version: int | None = None
) -> None:
    """Store the logs of a slot; one that led to a grade is not touched again."""
    for visit in visits:
        stored, _ = Visit.objects.get_or_create(
            slot=slot, key=visit.key, defaults={"client_began_at": visit.began_at}
        )
        # A late draft may bring less than the grade has brought.
        if stored.version is None and (
            version is not None or len(visit.events) >= len(stored.events)
        ):
            stored.events = [list(row) for row in visit.events]
            stored.save()
    if version is not None:
        # Earlier visits of the page led to this grade as well.
        Visit.objects.filter(slot=slot, version=None).update(version=version)


def times_of(slot: Slot, *, version: int) -> ReadingTimes | None:
    """Derive the reading times behind a version of a slot's grade; None without a log.

    The threshold is the protocol's.
    """
    visits = Visit.objects.filter(slot=slot, version=version)
    logs = [[LoggedEvent(*row) for row in visit.events] for visit in visits]
    if not any(event.kind in BEGINNINGS for log in logs for event in log):
        return None
    return reading_times(logs, threshold_ms=slot.reader.study.idle_seconds * 1000)
