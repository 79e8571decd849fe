"""How far a reader is: what the pages around the reports say of it."""

import statistics
from dataclasses import dataclass

from django.db.models import Max
from django.urls import reverse

from readerstudy.grading.models import Grade
from readerstudy.grading.progress import Progress, progress_of
from readerstudy.grading.take_back import owner_of, take_back_offer
from readerstudy.presentation.models import Slot
from readerstudy.studies.models import Membership

# Fewer readings say too little of a reader's pace.
FEWEST_TIMED = 5


def whereabouts(reader: Membership) -> dict[str, object]:
    """What every page around the reports needs, and the way out of it."""
    progress = progress_of(reader)
    return {
        "study": {
            "code": reader.study.code,
            "title": reader.study.title,
            "is_open": reader.study.is_open,
            "is_paused": reader.study.is_paused,
            "allow_small_screens": reader.study.allow_small_screens,
        },
        "reader_code": reader.reader_code,
        "completed": progress.graded,
        "total": progress.total,
        "may_read": reader.may_read and progress.graded < progress.total,
        "exit_url": reverse("home"),
    }


def at_the_end(reader: Membership) -> dict[str, object]:
    """What every page needs that ends a session or the list."""
    offer = take_back_offer(reader.study, owner=owner_of(reader))
    return whereabouts(reader) | {
        "sessions": session_count(reader),
        "take_back": offer if reader.may_read else None,
    }


def session_count(reader: Membership) -> int:
    """How many sessions a reader's list has; one query."""
    slots = Slot.objects.of_reader(reader)
    count: int | None = slots.aggregate(count=Max("session"))["count"]
    return count or 0


@dataclass(frozen=True)
class TimeLeft:
    """How long the rest of a list takes at a reader's own pace, in minutes."""

    minutes: int

    @property
    def hours(self) -> int:
        return self.minutes // 60

    @property
    def minutes_of_hour(self) -> int:
        return self.minutes % 60


def time_left(reader: Membership, progress: Progress) -> TimeLeft | None:
    """Estimate from the median active time of a reader's own pages; two queries.

    None where too few were timed. The pages of a pair are read as one.
    """
    timed = (
        Grade.objects.of_reader(reader)
        .filter(version=1)
        .exclude(slot__side=2)
        .values_list("active_ms", flat=True)
    )
    times = [milliseconds for milliseconds in timed if milliseconds is not None]
    if len(times) < FEWEST_TIMED or not progress.missing:
        return None
    pages = Slot.objects.of_reader(reader).leading().filter(grade=None).count()
    minutes = statistics.median(times) * pages / 60_000
    step = 1 if minutes < 10 else 5
    return TimeLeft(max(1, step * round(minutes / step)))
