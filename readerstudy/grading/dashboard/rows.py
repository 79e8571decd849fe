"""The rows of the dashboard: what is known of every reader, judged by the rules."""

import csv
import datetime
import io
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Max, Q
from django.utils import timezone

from readerstudy.grading.before.consent import lacks_consent
from readerstudy.grading.before.display import last_check
from readerstudy.grading.dashboard.rules import (
    Pace,
    PageRead,
    Reading,
    expected_end,
    flags_of,
    pace_of,
)
from readerstudy.grading.models import DisplayCheck, Grade, Visit
from readerstudy.grading.path import next_slot, session_opens_at
from readerstudy.grading.progress import Progress, ReaderProgress, progress_of_readers
from readerstudy.presentation.models import Slot
from readerstudy.studies.models import Membership, Study


@dataclass(frozen=True)
class Row:
    """A reader on the dashboard: counts, times and flags; no grade and no arm."""

    reader: Membership
    progress: Progress
    sessions_done: int
    sessions: int
    pace: Pace
    last_seen: datetime.datetime | None
    expected_end: datetime.date | None
    opens_at: datetime.datetime | None
    flags: list[str]

    @property
    def is_behind(self) -> bool:
        """Whether there is something that the reader could read now."""
        waits = self.opens_at is not None and self.opens_at > timezone.now()
        return bool(self.progress.missing and not waits and self.reader.may_read)


def dashboard_rows(study: Study) -> list[Row]:
    """A row for every reader, in order of codes; a dozen queries per reader."""
    now = timezone.now()
    progress = progress_of_readers(study)
    for each in progress:
        each.reader.study = study
    readings = {each.reader.pk: _reading(each.reader) for each in progress}
    return [_row(each, readings, now) for each in progress]


def _row(
    each: ReaderProgress, readings: dict[int, Reading], now: datetime.datetime
) -> Row:
    reader, study = each.reader, each.reader.study
    reading = readings[reader.pk]
    done, sessions = _sessions(reader)
    slot = next_slot(reader)
    opens_at = session_opens_at(slot) if slot and reader.may_read else None
    return Row(
        reader=reader,
        progress=each.progress,
        sessions_done=done,
        sessions=sessions,
        pace=pace_of(reading),
        last_seen=reading.last_seen,
        expected_end=None
        if study.is_closed
        else expected_end(reading, now.date(), washout_days=study.washout_days),
        opens_at=opens_at,
        flags=flags_of(
            reading,
            list(readings.values()),
            now,
            is_open=study.is_open,
            is_waiting=bool(opens_at and opens_at > now),
        ),
    )


def _reading(reader: Membership) -> Reading:
    study = reader.study
    grades = Grade.objects.of_reader(reader).filter(version=1).select_related("slot")
    pages, answers = [], []
    for grade in grades:
        answers.append(grade.spoken)
        if grade.slot.side != 2:
            seconds = None if grade.active_ms is None else grade.active_ms / 1000
            pages.append(PageRead(grade.submitted_at, seconds))
    left = Slot.objects.of_reader(reader).leading().filter(grade=None)
    begun = bool(pages) or left.exclude(opened_at=None).exists()
    check = last_check(reader) if study.display_check else None
    return Reading(
        code=reader.reader_code,
        pages=pages,
        answers=answers,
        left=left.count(),
        waits=max(0, left.values("session").distinct().count() - 1)
        if study.washout_days
        else 0,
        last_seen=_last_seen(reader),
        lacks_consent=lacks_consent(reader),
        lacks_display_check=study.display_check and check is None,
        display_failed=bool(begun and check and not check.passed),
        has_withdrawn=reader.has_withdrawn,
    )


def _last_seen(reader: Membership) -> datetime.datetime | None:
    """When a reader last opened, read, or checked anything; four queries."""
    seen = [
        Grade.objects.of_reader(reader).aggregate(at=Max("submitted_at"))["at"],
        Slot.objects.filter(reader=reader).aggregate(at=Max("opened_at"))["at"],
        Visit.objects.filter(slot__reader=reader).aggregate(at=Max("began_at"))["at"],
        DisplayCheck.objects.filter(reader=reader).aggregate(at=Max("at"))["at"],
    ]
    return max((at for at in seen if at is not None), default=None)


def _sessions(reader: Membership) -> tuple[int, int]:
    """How many sessions of a list are graded to their end, and how many there are."""
    counted: dict[int, list[bool]] = defaultdict(list)
    slots = Slot.objects.of_reader(reader).filter(Q(grade=None) | Q(grade__version=1))
    for session, grade in slots.values_list("session", "grade"):
        counted[session].append(grade is not None)
    return sum(all(graded) for graded in counted.values()), len(counted)


COLUMNS = {
    "reader": "Reader",
    "graded": "Reports graded",
    "total": "Reports on the list",
    "sessions_done": "Sessions graded to their end",
    "sessions": "Sessions of the list",
    "median_seconds": "Median of the active seconds a page",
    "pages_a_day": "Pages a day on which the reader read",
    "last_seen": "Last sign of the reader, ISO 8601, UTC",
    "expected_end": "Expected end at this pace",
    "withdrawn": "1 where the reader has left the study",
    "flags": "What is worth a look, separated by semicolons",
}


def dashboard_csv(rows: list[Row]) -> str:
    """The dashboard as CSV: readers by code alone, so no cell is typed by anybody."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in rows:
        seconds, a_day = row.pace.seconds, row.pace.pages_a_day
        writer.writerow(
            [
                row.reader.reader_code,
                row.progress.graded,
                row.progress.total,
                row.sessions_done,
                row.sessions,
                "" if seconds is None else f"{seconds:.1f}",
                "" if a_day is None else f"{a_day:.1f}",
                row.last_seen.isoformat(timespec="seconds") if row.last_seen else "",
                row.expected_end or "",
                int(row.reader.has_withdrawn),
                "; ".join(row.flags),
            ]
        )
    return text.getvalue()
