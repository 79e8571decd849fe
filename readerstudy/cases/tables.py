"""Reading a CSV that people made: header and rows, or a sentence with a place.

Rows are numbered as a spreadsheet shows them: a line break inside a cell starts no new
row. A byte order mark is taken off.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from readerstudy.cases.dialects import ENCODING_NAMES, Dialect, guess_delimiter
from readerstudy.cases.radiograph import Refused

Row = dict[str, str]
# A cell beyond this is no text that anybody reads; it is refused with its place.
LONGEST_CELL = 100_000
# A quotation mark that is never closed makes one cell of all that follows.
_ENDLESS_CELL = 16 * 1024**2
_HEAD = 65_536


@dataclass(frozen=True)
class Table:
    """A table whose header is read; `rows` raises Refused where one is wrong.

    columns   in lower case
    titles    the same as they were written
    """

    name: str
    columns: list[str]
    titles: list[str]
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
                if ailing := what_ails(cell):
                    raise Refused(
                        f"{self.name}, row {number}, column {column}: {ailing}."
                    )
            yield number, row


def read_table(content: bytes, name: str, encoding: str = "utf-8") -> Table:
    """Read a table's header; names are in lower case. Raises Refused."""
    text = _text(content, name, encoding)
    head = text[:_HEAD].lstrip("\r\n \ufeff")
    delimiter = guess_delimiter(head) if head else ","
    found = records(io.StringIO(text, newline=""), delimiter, name)
    number, header = next(found, (1, []))
    columns = [title.lower() for title in header]
    if not columns:
        raise Refused(f"{name} is empty.")
    for column in columns:
        if columns.count(column) > 1:
            raise Refused(f"{name}, row {number}: column {column!r} is named twice.")
    return Table(name, columns, header, found)


def _text(content: bytes, name: str, encoding: str) -> str:
    try:
        return content.decode(Dialect(encoding).codec)
    except UnicodeDecodeError as problem:
        row = problem.object.count(b"\n", 0, problem.start) + 1
        remedy = (
            'Save the table as "CSV UTF-8" and import it again, or say which encoding '
            "it has."
            if encoding == "utf-8"
            else "Import it with another encoding."
        )
        raise Refused(
            f"{name}, row {row}: it is not {ENCODING_NAMES[encoding]} text. {remedy}"
        ) from None


def records(
    lines: Iterable[str], delimiter: str, name: str
) -> Iterator[tuple[int, list[str]]]:
    """Number and trimmed cells of each row that is not blank, one at a time.

    lines  as they come from a file that was opened with newline=""

    Raises Refused, naming the row, where quotation marks do not fit together.
    """
    # Every cell comes through, so that one that is too long can be named.
    csv.field_size_limit(_ENDLESS_CELL)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, values in enumerate(reader, 1):
            cells = [value.strip() for value in values]
            if number == 1 and cells:
                cells[0] = cells[0].removeprefix("\ufeff")
            if any(cells):
                yield number, cells
    except csv.Error as problem:
        raise Refused(
            f"{name}, row {number + 1}: it is not a readable CSV: {problem}."
        ) from None


def what_ails(cell: str) -> str:
    """Why a cell can't be stored, as the rest of a sentence; empty where it can."""
    if len(cell) > LONGEST_CELL:
        return f"{len(cell)} characters are more than a report has"
    if "\0" in cell:
        return "it holds a character that is no text (NUL)"
    return ""
