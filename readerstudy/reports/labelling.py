"""A table of reports in, the same table with fourteen findings out.

What comes in goes out as it was written, byte for byte: cells are neither trimmed nor
guarded against spreadsheets, for the next program joins by them.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from inference.chexpert import FINDINGS
from inference.labeler import Labelled, labelled_text
from readerstudy.cases.dialects import DELIMITERS, ENCODING_NAMES, Dialect
from readerstudy.cases.radiograph import Refused, file_bytes
from readerstudy.cases.tables import what_ails
from readerstudy.csv_cells import is_utf_16

Record = tuple[int, list[str]]

REPORTS = "Reports"
_WHOLE = ("report", "reports")
_SECTIONS = ("findings", "impression")
_VALUES = {1: "1.0", 0: "0.0", -1: "-1.0", None: ""}
# A quotation mark that is never closed makes one cell of all that follows.
_ENDLESS_CELL = 16 * 1024**2


@dataclass(frozen=True)
class ReportRow:
    """A report; `carried` are the cells beside it, as they came."""

    number: int
    carried: list[str]
    text: str


@dataclass(frozen=True)
class ReportTable:
    """A table whose header is read; `rows` raises Refused.

    texts  where the report stands among the columns: one place, or its two sections'
    """

    name: str
    columns: list[str]
    texts: list[int]
    _records: Iterator[Record]

    @property
    def carried(self) -> list[str]:
        """The columns beside the report."""
        return self._beside(self.columns)

    def _beside(self, cells: list[str]) -> list[str]:
        return [cell for place, cell in enumerate(cells) if place not in self.texts]

    def rows(self) -> Iterator[ReportRow]:
        """The rows; in a single column a blank line is an empty report."""
        for number, cells in self._records:
            where = f"{self.name}, row {number}"
            if len(cells) != len(self.columns):
                raise Refused(
                    f"{where}: {len(cells)} cells instead of {len(self.columns)}. A "
                    "report that holds a comma or a line break has to stand in "
                    "quotation marks."
                )
            for column, cell in zip(self.columns, cells, strict=True):
                if ailing := what_ails(cell):
                    raise Refused(f"{where}, column {column}: {ailing}.")
            texts = [cells[place] for place in self.texts]
            whole = texts[0] if len(texts) == 1 else labelled_text(*texts)
            yield ReportRow(number, self._beside(cells), whole)


def read_reports(path: Path, encoding: str | None) -> ReportTable:
    """Read the header of a table of reports, or see that it has none.

    encoding  a key of ENCODINGS; without it UTF-8, or UTF-16 where the file says so

    Raises Refused with a sentence that names file, row and column.
    """
    text = _text(path, encoding)
    if not text.strip():
        raise Refused(f"{path.name} is empty.")
    for delimiter in DELIMITERS:
        if table := _with_header(text, delimiter, path.name):
            return table
    _, first = next(_filled(_records(text, ",", path.name)))
    if len(first) > 1:
        raise Refused(
            f"{path.name}, row 1: no column is called report, nor findings and "
            f"impression; found {', '.join(first)[:200]}. In a file without a header "
            "every report has to stand in quotation marks."
        )
    records = _of_one_column(_records(text, ",", path.name))
    return ReportTable(path.name, [REPORTS], [0], records)


def _with_header(text: str, delimiter: str, name: str) -> ReportTable | None:
    """The table, if its first row read with this delimiter names a report."""
    records = _records(text, delimiter, name)
    try:
        number, columns = next(_filled(records))
    except (Refused, StopIteration):
        # Quotation marks beside another delimiter.
        return None
    where = f"{name}, row {number}"
    texts = _texts_of(columns, where)
    if not texts:
        return None
    rows = _of_one_column(records) if len(columns) == 1 else _filled(records)
    table = ReportTable(name, columns, texts, rows)
    _check_carried(table.carried, where)
    return table


def _text(path: Path, encoding: str | None) -> str:
    try:
        content = file_bytes(path)
    except Refused as refusal:
        raise Refused(f"{path}: {refusal.reason}") from None
    if encoding is None:
        encoding = "utf-16" if is_utf_16(content) else "utf-8"
    try:
        return content.decode(Dialect(encoding).codec)
    except UnicodeDecodeError as problem:
        row = problem.object.count(b"\n", 0, problem.start) + 1
        raise Refused(
            f"{path.name}, row {row}: it is not {ENCODING_NAMES[encoding]} text. Say "
            "with --encoding which it is."
        ) from None


def _filled(records: Iterator[Record]) -> Iterator[Record]:
    """The rows that are no blank lines."""
    return (record for record in records if record[1])


def _of_one_column(records: Iterator[Record]) -> Iterator[Record]:
    """The rows of a single column; a blank line before a further row is a cell.

    Were it passed over, the labels could no longer be joined row by row.
    """
    blank = []
    for number, cells in records:
        if not cells:
            blank.append(number)
            continue
        yield from ((each, [""]) for each in blank)
        blank = []
        yield number, cells


def _records(text: str, delimiter: str, name: str) -> Iterator[Record]:
    """Number and cells of each row; a blank line has none."""
    csv.field_size_limit(_ENDLESS_CELL)
    lines = io.StringIO(text, newline="")
    number = 0
    try:
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        for number, cells in enumerate(reader, 1):
            yield number, cells
    except csv.Error as problem:
        raise Refused(
            f"{name}, row {number + 1}: it is not a readable CSV: {problem}."
        ) from None


def _texts_of(columns: list[str], where: str) -> list[int]:
    """Where the report stands: one column, or findings and impression; else nowhere."""
    names = [column.strip().lower() for column in columns]
    whole = [place for place, name in enumerate(names) if name in _WHOLE]
    if len(whole) > 1:
        both = " and ".join(columns[place] for place in whole)
        raise Refused(f"{where}: columns {both} both hold reports; keep one.")
    return whole or [names.index(name) for name in _SECTIONS if name in names]


def _check_carried(carried: list[str], where: str) -> None:
    for column in carried:
        if column in (REPORTS, *FINDINGS):
            raise Refused(
                f"{where}, column {column}: the labels get a column of that name. "
                "Rename this one."
            )
        if carried.count(column) > 1:
            raise Refused(f"{where}: column {column!r} is named twice.")


def label_columns(carried: Sequence[str]) -> list[str]:
    """The columns of the table of labels."""
    return [*carried, REPORTS, *FINDINGS]


def label_cells(row: ReportRow, labelled: Labelled) -> list[str]:
    """A row of the table of labels."""
    return [
        *row.carried,
        row.text,
        *(_VALUES[labelled.values[each]] for each in FINDINGS),
    ]
