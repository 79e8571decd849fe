"""The event logs that reading pages keep, and the times that come of them."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from readerstudy.grading.models import Visit, visits_of
from readerstudy.grading.timing import (
    BEGINNINGS,
    LoggedEvent,
    ReadingTimes,
    reading_times,
)
from readerstudy.presentation.models import Slot
from readerstudy.writing import Insertion

EventRow = tuple[int, str, str]

_visits = Insertion(Visit)


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
    slot: Slot,
    visits: Sequence[VisitLog],
    *,
    version: int | None = None,
    are_first: bool = False,
) -> list[Visit]:
    """Store the logs of a slot; one that led to a grade is not touched again.

    Returns those behind `version` of its grade. The caller has locked the slot's row.
    are_first: whether it is known that none is stored yet.
    """
    stored = [] if are_first else visits_of.rows(slot=slot.pk)
    known = {visit.key: visit for visit in stored}
    changed: dict[str, Visit] = {}
    for log in visits:
        visit = known.setdefault(
            log.key, Visit(slot=slot, key=log.key, client_began_at=log.began_at)
        )
        # A late draft may bring less than the grade has brought.
        if visit.version is None and (
            version is not None or len(log.events) >= len(visit.events)
        ):
            visit.events = [list(row) for row in log.events]
            changed[log.key] = visit
    if version is not None:
        # Earlier visits of the page led to this grade as well.
        open_ones = [visit for visit in known.values() if visit.version is None]
        for visit in open_ones:
            visit.version = version
            changed[visit.key] = visit
    new = [visit for visit in known.values() if visit._state.adding]
    for visit in changed.values():
        if visit not in new:
            visit.save(update_fields=["events", "version"])
    _visits.store(new)
    return [each for each in known.values() if each.version == version]


def times_of(slot: Slot, visits: Sequence[Visit]) -> ReadingTimes | None:
    """Derive the reading times from the visits behind a grade; None without a log.

    The threshold is the protocol's.
    """
    logs = [[LoggedEvent(*row) for row in visit.events] for visit in visits]
    if not any(event.kind in BEGINNINGS for log in logs for event in log):
        return None
    return reading_times(logs, threshold_ms=slot.reader.study.idle_seconds * 1000)
