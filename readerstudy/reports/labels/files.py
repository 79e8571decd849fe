"""A label set as CSV: the wide table that other tools read, and the evidence."""

from collections.abc import Iterator
from typing import Any

from inference.chexpert import FINDINGS
from readerstudy.csv_text import csv_lines
from readerstudy.reports.labels.models import LabelSet

EVIDENCE = ("study_id", "finding", "polarity", "quote", "start", "end", "rule")


def wide(label_set: LabelSet) -> Iterator[str]:
    """One case a row: 1, 0, -1 or empty under each finding, in the labeler's order."""
    columns: tuple[str, ...] = ("study_id", *FINDINGS)
    if label_set.unread or label_set.origin == LabelSet.Origin.ANSWERS:
        columns += ("problem",)
    rows = label_set.cases.order_by("case__code").values_list(
        "case__code", "values", "problem"
    )

    def lines() -> Iterator[dict[str, Any]]:
        for code, values, problem in rows.iterator(chunk_size=2000):
            yield {"study_id": code, "problem": problem, **values}

    return csv_lines(columns, lines())


def evidence(label_set: LabelSet) -> Iterator[str]:
    """One mention a row: what was found where in which text, and by which rule."""
    rows = label_set.cases.order_by("case__code").values_list("case__code", "evidence")

    def lines() -> Iterator[dict[str, Any]]:
        for code, mentions in rows.iterator(chunk_size=2000):
            for mention in mentions:
                yield {"study_id": code, **mention}

    return csv_lines(EVIDENCE, lines())


FILES = {"labels": wide, "evidence": evidence}
