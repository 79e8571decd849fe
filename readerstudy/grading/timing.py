"""Reading times, derived from the event log of a slot by one function.

The reader's browser writes down what happened and when; how much of the time was spent
reading is worked out here, once, under a threshold that is stored beside the result.
"""

from collections.abc import Sequence
from dataclasses import dataclass

# What an event log may hold. "input" stands for pointer, wheel or keys.
KINDS = (
    "shown",
    "painted",
    "input",
    "tool",
    "blur",
    "focus",
    "pause",
    "resume",
    "submit",
    "leave",
)
# A visit counts from the first of these that its log has, in this order.
BEGINNINGS = ("painted", "shown")
_AWAY = {"blur": True, "pause": True, "focus": False, "resume": False}


@dataclass(frozen=True)
class LoggedEvent:
    """One event: milliseconds since the visit began, what happened, particulars."""

    at_ms: int
    kind: str
    detail: str = ""


@dataclass(frozen=True)
class ReadingTimes:
    """How long a report was read, in milliseconds.

    wall     from the beginning of each visit to its last event, over all visits
    active   the part in which the page had the focus, was not paused, and the last
             sign of the reader was no older than the threshold
    idle     the rest
    threshold  the one that was used
    """

    wall_ms: int
    active_ms: int
    idle_ms: int
    threshold_ms: int


def reading_times(
    visits: Sequence[Sequence[LoggedEvent]], *, threshold_ms: int
) -> ReadingTimes:
    """Return the times of a slot from the logs of its visits."""
    wall = active = 0
    for visit in visits:
        visit_wall, visit_active = _of_visit(visit, threshold_ms)
        wall += visit_wall
        active += visit_active
    return ReadingTimes(wall, active, wall - active, threshold_ms)


def _of_visit(visit: Sequence[LoggedEvent], threshold_ms: int) -> tuple[int, int]:
    """Wall and active time of one visit.

    It begins when the radiograph stood there in full resolution, "painted"; where a
    client says nothing of that, when the page was shown. Reading after a sign of the
    reader counts up to the threshold; a pause longer than that counts as the
    threshold, whatever came after.
    """
    events = sorted(visit, key=lambda event: event.at_ms)
    first: dict[str, int] = {}
    for event in events:
        first.setdefault(event.kind, event.at_ms)
    begins = [first[kind] for kind in BEGINNINGS if kind in first]
    if not begins:
        return 0, 0
    begin = begins[0]
    active = 0
    blurred = paused = False
    mark = sign = begin
    for event in events:
        if event.at_ms >= begin:
            if not (blurred or paused):
                active += max(0, min(event.at_ms, sign + threshold_ms) - mark)
            mark = event.at_ms
            if event.kind not in ("blur", "leave"):
                sign = event.at_ms
        if event.kind in ("blur", "focus"):
            blurred = _AWAY[event.kind]
        elif event.kind in ("pause", "resume"):
            paused = _AWAY[event.kind]
    return events[-1].at_ms - begin, active
