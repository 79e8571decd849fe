"""Reading a CSV that people made: header and rows, or a sentence with a place.

Commas, semicolons and tabs separate, as the header shows; a byte order mark is taken
off. Rows are numbered as a spreadsheet shows them.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from readerstudy.cases.radiograph import Refused

Row = dict[str, str]
_DELIMITERS = ",;\t"
# A cell beyond this is no text that anybody reads; it is refused with its place.
LONGEST_CELL = 100_000


@dataclass(frozen=True)
class Table:
    """A table whose header is read; `rows` raises Refused where one is wrong."""

    name: str
    columns: list[str]
    _records: Iterator[tuple[int, list[str]]]

    def rows(self) -> Iterator[tuple[int, Row]]:
        """Number and trimmed cells by column, without the blank rows."""
        for number, cells in self._records:
            if len(cells) != len(self.columns):
                raise Refused(
                    f"{self.name}, row {number}: {len(cells)} cells instead of "
                    f"{len(self.columns)}."
                )
            row = dict(zip(self.columns, cells, strict=True))
            for column, cell in row.items():
                _refuse_cell(cell, f"{self.name}, row {number}, column {column}")
            yield number, row


def read_table(content: bytes, name: str) -> Table:
    """Read a table's header; names are in lower case. Raises Refused."""
    records = _records(_text(content, name), name)
    number, header = next(records, (1, []))
    columns = [title.lower() for title in header]
    if not columns:
        raise Refused(f"{name} is empty.")
    for column in columns:
        if columns.count(column) > 1:
            raise Refused(f"{name}, row {number}: column {column!r} is named twice.")
    return Table(name, columns, records)


def _text(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        row = problem.object.count(b"\n", 0, problem.start) + 1
        raise Refused(
            f"{name}, row {row}: it is not UTF-8 text. Save the table as "
            '"CSV UTF-8" and import it again.'
        ) from None


def _records(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    # Every cell comes through, so that one that is too long can be named.
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, values in enumerate(reader, 1):
            cells = [value.strip() for value in values]
            if any(cells):
                yield number, cells
    except csv.Error as problem:
        raise Refused(
            f"{name}, row {number + 1}: it is not a readable CSV: {problem}."
        ) from None


def _refuse_cell(cell: str, where: str) -> None:
    if len(cell) > LONGEST_CELL:
        raise Refused(f"{where}: {len(cell)} characters are more than a report has.")
    if "\0" in cell:
        raise Refused(f"{where}: it holds a character that is no text (NUL).")
