"""Reading a CSV of reports: columns case and report, or findings and impression."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from readerstudy.reports.services import UploadedReport

if TYPE_CHECKING:
    from _csv import Reader

# A report is a page of text; a cell beyond this is not one.
LONGEST_REPORT = 100_000


class BadUpload(ValueError):
    """The file can't be imported; the message names file, row and column."""


def read_uploads(path: Path, known_cases: set[str]) -> list[UploadedReport]:
    """Return the reports of a CSV, each case once.

    Identical doubles are one; a case twice with different texts is refused, and so
    are unknown cases, missing columns and files that are not UTF-8. Raises BadUpload.
    """
    csv.field_size_limit(LONGEST_REPORT * 4)
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return _uploads(csv.reader(lines, strict=True), path.name, known_cases)
    except UnicodeDecodeError as problem:
        raise BadUpload(
            f"{path.name} is not UTF-8 text (byte {problem.start}). Save it as "
            '"CSV UTF-8" and import it again.'
        ) from None
    except csv.Error as problem:
        raise BadUpload(f"{path.name} is not a readable CSV: {problem}.") from None
    except OSError as problem:
        raise BadUpload(f"{path} can't be read: {problem.strerror}.") from None


def _uploads(rows: "Reader", name: str, known_cases: set[str]) -> list[UploadedReport]:
    header = [cell.strip().lower() for cell in next(rows, [])]
    if not header:
        raise BadUpload(f"{name} is empty.")
    _check_header(header, name)
    place = {column: header.index(column) for column in header}
    found: dict[str, UploadedReport] = {}
    for cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        row = rows.line_num
        if len(cells) != len(header):
            raise BadUpload(
                f"{name}, row {row}: {len(cells)} cells instead of {len(header)}."
            )
        upload = _upload(cells, place)
        _check_row(upload, found, known_cases, f"{name}, row {row}")
        found[upload.case] = upload
    if not found:
        raise BadUpload(f"{name} has a header and no rows.")
    return list(found.values())


def _upload(cells: list[str], place: dict[str, int]) -> UploadedReport:
    """One row's report: the whole text, or the sections where there is none.

    A file may have both, and then the sections are parts of the text.
    """
    case, text = cells[place["case"]].strip(), _cell(cells, place, "report")
    if text:
        return UploadedReport(case, text=text)
    return UploadedReport(
        case,
        findings=_cell(cells, place, "findings"),
        impression=_cell(cells, place, "impression"),
    )


def _cell(cells: list[str], place: dict[str, int], column: str) -> str:
    return cells[place[column]].strip() if column in place else ""


def _check_header(header: list[str], name: str) -> None:
    if len(set(header)) != len(header):
        raise BadUpload(f"{name}, row 1: a column is named twice.")
    texts = {"report"} & set(header) or {"findings", "impression"} & set(header)
    if "case" not in header or not texts:
        raise BadUpload(
            f"{name}, row 1: the columns must be case and report, or case, findings "
            f"and impression; found {', '.join(header)}."
        )


def _check_row(
    upload: UploadedReport,
    found: dict[str, UploadedReport],
    known_cases: set[str],
    where: str,
) -> None:
    if not upload.case:
        raise BadUpload(f"{where}, column case: empty.")
    if upload.case not in known_cases:
        raise BadUpload(
            f"{where}, column case: the collection has no case {upload.case}."
        )
    longest = max(map(len, (upload.text, upload.findings, upload.impression)))
    if longest > LONGEST_REPORT:
        raise BadUpload(f"{where}: {longest} characters are more than a report.")
    if upload.case in found and found[upload.case] != upload:
        raise BadUpload(
            f"{where}, column case: {upload.case} came before with another text."
        )
