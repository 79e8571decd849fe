"""The rows of each exported table."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from readerstudy.analysis.deviations import deviation_rows
from readerstudy.analysis.reads import READ_COLUMNS, case_labels, read_rows
from readerstudy.audit.models import Event
from readerstudy.csv_text import csv_lines
from readerstudy.export.columns import (
    ALLOCATION_COLUMNS,
    CASE_COLUMNS,
    DEVIATION_COLUMNS,
    EVENT_COLUMNS,
    FLOW_COLUMNS,
    MARK_COLUMNS,
    REPORT_COLUMNS,
    SESSION_COLUMNS,
    VERSION_COLUMNS,
    VISIT_COLUMNS,
    read_kinds,
)
from readerstudy.export.flow import flow_rows
from readerstudy.export.sittings import session_rows, visit_rows
from readerstudy.export.versions import mark_rows, version_rows
from readerstudy.presentation.models import Slot
from readerstudy.reports.models import Report
from readerstudy.studies.models import Study

Row = dict[str, Any]


def _raw(report: Report) -> str:
    """A report's text as it came."""
    return report.text or f"{report.findings}\n{report.impression}".strip()


def _report_rows(study: Study) -> Iterator[Row]:
    labels = case_labels(study)
    presented = study.presentedreport_set.select_related("report__source", "arm")
    for row in presented.order_by("case__code", "arm__position"):
        sentences = [
            sentence
            for section in row.body["sections"]
            for sentence in section["sentences"]
        ]
        yield {
            "case": labels[row.case_id],
            "arm": row.arm.name,
            "source": row.report.source.name,
            "report": _raw(row.report),
            "presented": "\n".join(sentences),
            "report_sha256": row.report.sha256,
            "fingerprint": row.report.fingerprint,
            "provenance": json.dumps(row.report.provenance, sort_keys=True),
        }


def _case_rows(study: Study) -> Iterator[Row]:
    labels = case_labels(study)
    entries = study.caseset.studycase_set.select_related(
        "case__image", "case__collection"
    )
    for entry in entries.order_by("case__code"):
        image = entry.case.image
        yield {
            "case": labels[entry.case_id],
            "code": entry.case.code,
            "collection": entry.case.collection.name,
            "stratum": entry.case.stratum,
            "rows": image.rows if image else "",
            "columns": image.columns if image else "",
            "frame_sha256": image.frame_sha256 if image else "",
        }


def _allocation_rows(study: Study) -> Iterator[Row]:
    labels = case_labels(study)
    slots = Slot.objects.of_study(study).select_related(
        "reader", "presented__arm", "presented__case"
    )
    for slot in slots.order_by("reader_id", "position"):
        yield {
            "reader": slot.reader.reader_code,
            "position": slot.position,
            "case": labels[slot.presented.case_id],
            "arm": slot.presented.arm.name,
            "session": slot.session,
            "side": slot.side or "",
            "repeat": slot.repeat,
            "opened_at": slot.opened_at.isoformat() if slot.opened_at else "",
        }


def _event_rows(study: Study) -> Iterator[Row]:
    for event in Event.objects.of_stream(study.code).select_related("actor"):
        yield {
            "sequence": event.sequence,
            "at": event.at.isoformat(),
            "actor": event.actor.username if event.actor else "",
            "verb": event.verb,
            "subject": event.subject,
            "detail": json.dumps(event.detail, sort_keys=True),
            "sha256": event.sha256,
        }


_ROWS: dict[str, tuple[dict[str, str], Callable[[Study], Iterator[Row]]]] = {
    "reads.csv": (READ_COLUMNS, read_rows),
    "reports.csv": (REPORT_COLUMNS, _report_rows),
    "cases.csv": (CASE_COLUMNS, _case_rows),
    "allocation.csv": (ALLOCATION_COLUMNS, _allocation_rows),
    "versions.csv": (VERSION_COLUMNS, version_rows),
    "marks.csv": (MARK_COLUMNS, mark_rows),
    "visits.csv": (VISIT_COLUMNS, visit_rows),
    "sessions.csv": (SESSION_COLUMNS, session_rows),
    "events.csv": (EVENT_COLUMNS, _event_rows),
    "deviations.csv": (DEVIATION_COLUMNS, deviation_rows),
    "flow.csv": (FLOW_COLUMNS, flow_rows),
}

# What is handed out as Parquet too.
TABLES_WITH_TYPES = ("reads.csv", "versions.csv")


def table_names() -> list[str]:
    """The tables of a study, by file name."""
    return list(_ROWS)


def table_lines(study: Study, name: str) -> Iterator[str]:
    """A table of a study as CSV, a line at a time."""
    columns, rows = _ROWS[name]
    return csv_lines(list(columns), rows(study))


def table_rows(study: Study, name: str) -> Iterator[Row]:
    """The rows of a table of a study."""
    return _ROWS[name][1](study)


def table_as_parquet(study: Study, name: str) -> bytes:
    """The reads or the versions of a study, with types."""
    from readerstudy.analysis.statistics.parquet import parquet

    columns, rows = _ROWS[name]
    return parquet(read_kinds(columns), rows(study))
