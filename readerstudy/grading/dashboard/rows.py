"""The rows of the dashboard: what is known of every reader, judged by the rules."""

import csv
import datetime
import io
from dataclasses import dataclass

from django.utils import timezone

from readerstudy.grading.dashboard.known import Known, known_of
from readerstudy.grading.dashboard.rules import (
    Pace,
    Reading,
    expected_end,
    flags_of,
    pace_of,
)
from readerstudy.grading.progress import Progress, ReaderProgress, progress_of_readers
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
    reminded_on: datetime.date | None
    flags: list[str]

    @property
    def is_behind(self) -> bool:
        """Whether there is something that the reader could read now."""
        waits = self.opens_at is not None and self.opens_at > timezone.now()
        return bool(self.progress.missing and not waits and self.reader.may_read)


def dashboard_rows(study: Study) -> list[Row]:
    """A row for every reader, in order of codes; a dozen queries in all."""
    now = timezone.now()
    progress = progress_of_readers(study)
    for each in progress:
        each.reader.study = study
    known = known_of(study, [each.reader for each in progress])
    readings = [known[each.reader.pk].reading for each in progress]
    return [_row(each, known[each.reader.pk], readings, now) for each in progress]


def _row(
    each: ReaderProgress,
    known: Known,
    readings: list[Reading],
    now: datetime.datetime,
) -> Row:
    reader, reading, study = each.reader, known.reading, each.reader.study
    opens_at = known.opens_at if reader.may_read else None
    return Row(
        reader=reader,
        progress=each.progress,
        sessions_done=known.sessions_done,
        sessions=known.sessions,
        pace=pace_of(reading),
        last_seen=reading.last_seen,
        expected_end=None
        if study.is_closed
        else expected_end(reading, now.date(), washout_days=study.washout_days),
        opens_at=opens_at,
        reminded_on=known.reminded_on,
        flags=flags_of(
            reading,
            readings,
            now,
            is_open=study.is_open,
            is_waiting=bool(opens_at and opens_at > now),
        ),
    )


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
