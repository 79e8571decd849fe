"""The reads of a study as one tidy table: a row per dealt slot, graded or not.

The table's CSV text is the only way into the statistics, on the results page and for
`analyse_reads` alike, so both give the same numbers to the last digit.
"""

from collections.abc import Iterator
from typing import Any

from readerstudy.analysis.statistics.csv_text import csv_text
from readerstudy.grading.models import Grade
from readerstudy.presentation.models import Slot
from readerstudy.studies.models import Study

READ_COLUMNS = {
    "study": "Code of the study",
    "reader": "Reader, R1, R2, ... in the order in which they joined",
    "case": "Case, C1, C2, ... ; cases.csv has the codes",
    "stratum": "normal, abnormal or unknown",
    "arm": "Name of the arm: the source of the graded report",
    "grade": "A, B, C or D of the newest version; empty where none was given",
    "repeat": "1 where the reader reads the same report again, else 0",
    "included": "1 where the read counts in the analysis, else 0",
    "exclusion_reason": "Why a read does not count; empty where it does",
    "cannot_assess_reason": "Why a reader could not grade; empty where graded",
    "position": "Place in the reader's whole list, from 1",
    "period": "Number of the reading session, from 1",
    "seconds": "Active reading time in seconds: page visible, hands on, not idle",
    "wall_seconds": "Seconds from the first showing to the submission",
    "version": "Version of the grade; above 1 where it was changed",
    "guess_source": "Which arm the reader took it for; empty where not asked",
    "guess_confidence": "How sure of that guess; empty where not asked",
    "preference": "Preferred report of a pair; empty where read one at a time",
    "submitted_at": "Time of the submission, ISO 8601, UTC",
    "comment": "The reader's comment; leading apostrophes: see csv in manifest.json",
}


def case_labels(study: Study) -> dict[int, str]:
    """Opaque labels for the cases of a study by primary key, in order of codes."""
    ids = list(
        study.presentedreport_set.order_by("case__code")
        .values_list("case_id", flat=True)
        .distinct()
    )
    width = len(str(len(ids)))
    return {case_id: f"C{number:0{width}d}" for number, case_id in enumerate(ids, 1)}


def read_rows(study: Study) -> Iterator[dict[str, Any]]:
    """Yield one row per slot, by reader and position; two queries and the cases'."""
    labels = case_labels(study)
    grades = {grade.slot_id: grade for grade in Grade.objects.of_study(study).current()}
    slots = (
        Slot.objects.of_study(study)
        .select_related("reader", "presented__arm", "presented__case")
        .order_by("reader_id", "position")
    )
    for slot in slots:
        grade = grades.get(slot.pk)
        yield {
            "study": study.code,
            "reader": slot.reader.reader_code,
            "case": labels[slot.presented.case_id],
            "stratum": slot.presented.case.stratum,
            "arm": slot.presented.arm.name,
            "grade": grade.letter if grade else "",
            "repeat": 0,
            "included": 1,
            "exclusion_reason": "",
            "cannot_assess_reason": "",
            "position": slot.position,
            "period": 1,
            "seconds": _seconds(grade.active_ms) if grade else "",
            "wall_seconds": _seconds(grade.wall_ms) if grade else "",
            "version": grade.version if grade else "",
            "guess_source": "",
            "guess_confidence": "",
            "preference": "",
            "submitted_at": grade.submitted_at.isoformat() if grade else "",
            "comment": grade.comment if grade else "",
        }


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1000:.3f}"


def reads_csv(study: Study) -> str:
    """The tidy table as CSV text."""
    return csv_text(list(READ_COLUMNS), read_rows(study))
