"""Pace, expected end and what is worth a look, from the reads of one study.

Pure: times come in, numbers and sentences go out. The thresholds are conventions, not
measurements; they flag a reader for a talk, and exclude nobody.

FAST_SECONDS      nobody takes a radiograph and a report in in five seconds; for answers
                  in surveys two seconds an item are the floor of care (Huang et al.,
                  J Bus Psychol 2012), and an item here is far longer
FAST_SHARE        every tenth page, so that a few plain cases flag nobody
FAR_BELOW_OTHERS  a third of what the other readers take: readers differ by a factor of
                  two in honest work
UNIFORM_SHARE, UNIFORM_READS   of 20 answers more than 95 % alike, which is all of them;
                  fewer answers may well be alike
IDLE_DAYS         a week, with its weekend, is when a study begins to wait
"""

import datetime
import math
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

FAST_SECONDS = 5.0
FAST_SHARE = 0.10
FAR_BELOW_OTHERS = 1 / 3
FEWEST_TIMED = 5
UNIFORM_SHARE = 0.95
UNIFORM_READS = 20
IDLE_DAYS = 7


@dataclass(frozen=True)
class PageRead:
    """One page that was read: when it was submitted, and the active seconds."""

    at: datetime.datetime
    seconds: float | None


@dataclass(frozen=True)
class Reading:
    """What is known of one reader's reading.

    pages      those graded, in any order
    answers    what was answered on each report, only to tell whether answers vary
    left       pages that are still to be graded
    waits      wash-outs that are still to come
    """

    code: str
    pages: Sequence[PageRead]
    answers: Sequence[str]
    left: int
    waits: int = 0
    last_seen: datetime.datetime | None = None
    lacks_consent: bool = False
    lacks_display_check: bool = False
    display_failed: bool = False
    has_withdrawn: bool = False


@dataclass(frozen=True)
class Pace:
    """How fast somebody reads: active seconds a page, and pages a reading day."""

    seconds: float | None
    pages_a_day: float | None


def pace_of(reading: Reading) -> Pace:
    """The median of the timed pages, and pages over days on which any was graded."""
    timed = _timed(reading)
    days = {page.at.date() for page in reading.pages}
    return Pace(
        statistics.median(timed) if timed else None,
        len(reading.pages) / len(days) if days else None,
    )


def expected_end(
    reading: Reading, today: datetime.date, *, washout_days: int = 0
) -> datetime.date | None:
    """When a reader is done who goes on as until now; None before the first page.

    Pages a day count days between as well, so that those who read on Mondays only are
    expected on a Monday. The wash-outs still to come are waited for in any case.
    """
    if not reading.pages or reading.has_withdrawn or not reading.left:
        return None
    first = min(page.at.date() for page in reading.pages)
    days = max(1, (today - first).days + 1)
    by_pace = math.ceil(reading.left * days / len(reading.pages))
    return today + datetime.timedelta(days=max(by_pace, reading.waits * washout_days))


def flags_of(
    reading: Reading,
    others: Sequence[Reading],
    now: datetime.datetime,
    *,
    is_open: bool,
    is_waiting: bool = False,
) -> list[str]:
    """What is worth a look about a reader, a sentence each."""
    found: list[str] = []
    if reading.has_withdrawn:
        return found
    if _is_fast(reading, others):
        found.append("reads unusually fast")
    if hardly_varies(reading.answers):
        found.append("grades hardly vary")
    if not is_open:
        return found
    if reading.lacks_consent:
        found.append("has not given consent")
    if reading.lacks_display_check:
        found.append("has not checked the display")
    elif reading.display_failed:
        found.append("reads on a display that did not pass")
    if reading.left and not is_waiting and _is_long_idle(reading, now):
        found.append(f"not seen for {_days_since(reading, now)} days")
    return found


def _timed(reading: Reading) -> list[float]:
    return [page.seconds for page in reading.pages if page.seconds is not None]


def _is_fast(reading: Reading, others: Sequence[Reading]) -> bool:
    """Whether many pages took seconds, or all far less than they took the others."""
    timed = _timed(reading)
    if len(timed) < FEWEST_TIMED:
        return False
    if sum(seconds < FAST_SECONDS for seconds in timed) > FAST_SHARE * len(timed):
        return True
    medians = [
        statistics.median(_timed(other))
        for other in others
        if other.code != reading.code and len(_timed(other)) >= FEWEST_TIMED
    ]
    if not medians:
        return False
    return statistics.median(timed) < FAR_BELOW_OTHERS * statistics.median(medians)


def hardly_varies(answers: Sequence[str]) -> bool:
    """Whether nearly all answers are alike; which one they are has no part in it."""
    if len(answers) < UNIFORM_READS:
        return False
    return max(Counter(answers).values()) > UNIFORM_SHARE * len(answers)


def _days_since(reading: Reading, now: datetime.datetime) -> int:
    return (now - reading.last_seen).days if reading.last_seen else 0


def _is_long_idle(reading: Reading, now: datetime.datetime) -> bool:
    return _days_since(reading, now) >= IDLE_DAYS
