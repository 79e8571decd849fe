"""Reading a CSV of reports: columns case and report, or findings and impression."""

from pathlib import Path

from readerstudy.cases.names import composed
from readerstudy.cases.radiograph import Refused, file_bytes
from readerstudy.cases.tables import Table, read_table
from readerstudy.reports.services import UploadedReport


def read_uploads(path: Path, known_cases: set[str]) -> list[UploadedReport]:
    """Return the reports of a CSV, each case once.

    A column report is the whole text; findings and impression beside it are left out.
    Identical doubles are one; a case twice with different texts is refused, and so
    are unknown cases, missing columns and files that are not UTF-8. Raises Refused,
    naming file, row and column.
    """
    try:
        content = file_bytes(path)
    except Refused as refusal:
        raise Refused(f"{path}: {refusal.reason}") from None
    table = read_table(content, path.name)
    texts = _text_columns(table)
    found: dict[str, UploadedReport] = {}
    for number, row in table.rows():
        upload = UploadedReport(
            case=composed(row["case"]),
            **{field: row[column] for column, field in texts.items()},
        )
        where = f"{path.name}, row {number}, column case"
        _check_case(upload, found, known_cases, where)
        found[upload.case] = upload
    if not found:
        raise Refused(f"{path.name} has a header and no rows.")
    return list(found.values())


def _text_columns(table: Table) -> dict[str, str]:
    """The columns that hold texts, and what an UploadedReport calls them."""
    sections = {"findings", "impression"} & set(table.columns)
    if "case" in table.columns and "report" in table.columns:
        return {"report": "text"}
    if "case" in table.columns and sections:
        return {section: section for section in sections}
    raise Refused(
        f"{table.name}, row 1: the columns must be case and report, or case, findings "
        f"and impression; found {', '.join(table.columns)[:200]}."
    )


def _check_case(
    upload: UploadedReport,
    found: dict[str, UploadedReport],
    known_cases: set[str],
    where: str,
) -> None:
    if not upload.case:
        raise Refused(f"{where}: empty.")
    if upload.case not in known_cases:
        raise Refused(f"{where}: the collection has no case {upload.case[:120]}.")
    if upload.case in found and found[upload.case] != upload:
        raise Refused(f"{where}: {upload.case} came before with another text.")
