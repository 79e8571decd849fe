"""The outcome of a delivery as a table that can be taken away."""

from collections.abc import Iterator

from readerstudy.cases.intake.models import Delivery
from readerstudy.csv_text import csv_lines

COLUMNS = ("file", "outcome", "case", "reason", "warnings", "bytes", "sha256")


def outcome_lines(delivery: Delivery) -> Iterator[str]:
    """CSV text, a file a row, by name."""
    files = delivery.files.select_related("case").order_by("name")
    rows = (
        {
            "file": file.name,
            "outcome": file.get_state_display(),
            "case": file.case.code if file.case else "",
            "reason": file.reason,
            "warnings": " ".join(file.warnings),
            "bytes": file.size or "",
            "sha256": file.sha256,
        }
        for file in files.iterator(chunk_size=2000)
    )
    return csv_lines(COLUMNS, rows)
