"""Reading a CSV of reports: columns case and report, or findings and impression."""

from pathlib import Path

from readerstudy.cases.names import composed
from readerstudy.cases.radiograph import Refused, file_bytes
from readerstudy.cases.tables import Row, Table, read_table
from readerstudy.reports.services import UploadedReport

_TEXTS = {"report", "findings", "impression"}


def read_uploads(
    path: Path, known_cases: set[str], *, encoding: str = "utf-8"
) -> list[UploadedReport]:
    """Return the reports of a CSV, each case once.

    A text under report is the whole one, and sections beside it are parts of it.
    Identical doubles are one; a case twice with different texts is refused, and so
    are unknown cases, missing columns and files in another encoding. Raises Refused,
    naming file, row and column.
    """
    try:
        content = file_bytes(path)
    except Refused as refusal:
        raise Refused(f"{path}: {refusal.reason}") from None
    table = read_table(content, path.name, encoding)
    _check_columns(table)
    found: dict[str, UploadedReport] = {}
    for number, row in table.rows():
        upload = _upload(row)
        where = f"{path.name}, row {number}, column case"
        _check_case(upload, found, known_cases, where)
        found[upload.case] = upload
    if not found:
        raise Refused(f"{path.name} has a header and no rows.")
    return list(found.values())


def _upload(row: Row) -> UploadedReport:
    """One row's report: the whole text, or the sections where there is none."""
    case, text = composed(row["case"]), row.get("report", "")
    if text:
        return UploadedReport(case, text=text)
    return UploadedReport(
        case,
        findings=row.get("findings", ""),
        impression=row.get("impression", ""),
    )


def _check_columns(table: Table) -> None:
    if "case" in table.columns and _TEXTS & set(table.columns):
        return
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
