"""Reading a CSV that people made: header and rows, or a sentence with a place.

Rows are numbered as a spreadsheet shows them: a line break inside a cell starts no new
row. A byte order mark is taken off.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from readerstudy.cases.dialects import ENCODING_NAMES, Dialect, guess_delimiter
from readerstudy.cases.radiograph import Refused
from readerstudy.csv_cells import is_blank, is_utf_16, number_in

Row = dict[str, str]
# A cell beyond this is no text that anybody reads; it is refused with its place.
LONGEST_CELL = 100_000
# A quotation mark that is never closed makes one row of all that follows, and a line
# that is never broken one row of all that there is.
_LONGEST_ROW = 16 * 1024**2
MOST_COLUMNS = 5_000
# The table of all of MIMIC-CXR has 377,110.
MOST_ROWS = 1_000_000
_HEAD = 65_536
# By the encoding that was asked for: who could not say one is not told to.
_SAVE = 'Save the table as "CSV UTF-8" and import it again'
_REMEDIES = {None: f"{_SAVE}.", "utf-8": f"{_SAVE}, or say which encoding it has."}


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
            if number > MOST_ROWS:
                raise Refused(f"{self.name} has more than {MOST_ROWS:,} rows.")
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


def read_table(content: bytes, name: str, encoding: str | None = None) -> Table:
    """Read a table's header; names are in lower case. Raises Refused.

    encoding  a key of ENCODINGS where somebody can say it; else UTF-8, or UTF-16 where
              the first bytes say so
    """
    text = _text(content, name, encoding)
    head = text[:_HEAD].lstrip("\r\n \ufeff")
    delimiter = guess_delimiter(head) if head else ","
    found = records(io.StringIO(text, newline=""), delimiter, name)
    number, header = next(found, (1, []))
    columns = [title.lower() for title in header]
    if not columns:
        raise Refused(f"{name} is empty.")
    for column, times in Counter(columns).items():
        if times > 1:
            what = _wrong_with(column, columns)
            raise Refused(
                f"{name}, row {number}{what}. The first row has to name the columns, "
                "each once."
            )
    return Table(name, columns, header, found)


def _wrong_with(twice: str, columns: list[str]) -> str:
    """What is wrong with a header in which this name stands twice."""
    nameless = columns.count("")
    named = [column for column in columns if column]
    if any(is_blank(each) or number_in(each) is not None for each in named):
        return " holds values where the names of the columns have to be"
    if nameless > 1:
        return f": {nameless} columns have no name"
    return f": column {twice[:80]!r} is named twice"


def _text(content: bytes, name: str, encoding: str | None) -> str:
    tried = encoding or ("utf-16" if is_utf_16(content) else "utf-8")
    try:
        return content.decode(Dialect(tried).codec)
    except UnicodeDecodeError as problem:
        row = problem.object.count(b"\n", 0, problem.start) + 1
        remedy = _REMEDIES.get(encoding, "Import it with another encoding.")
        raise Refused(
            f"{name}, row {row}: it is not {ENCODING_NAMES[tried]} text. {remedy}"
        ) from None


def records(
    lines: Iterable[str], delimiter: str, name: str
) -> Iterator[tuple[int, list[str]]]:
    """Number and trimmed cells of each row that is not blank, one at a time.

    lines  as they come from a file that was opened with newline=""

    Raises Refused, naming the row, where quotation marks do not fit together or a row
    has no end. So much is held in memory at a time, whatever the lines are.
    """
    # Every cell comes through, so that one that is too long can be named.
    csv.field_size_limit(_LONGEST_ROW)
    fed = _Fed(lines)
    reader = csv.reader(fed, delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, values in enumerate(reader, 1):
            fed.characters = 0
            if len(values) > MOST_COLUMNS:
                raise Refused(
                    f"{name}, row {number}: more than {MOST_COLUMNS:,} columns."
                )
            cells = [value.strip() for value in values]
            if number == 1 and cells:
                cells[0] = cells[0].removeprefix("\ufeff")
            if any(cells):
                yield number, cells
    except csv.Error as problem:
        raise Refused(
            f"{name}, row {number + 1}: it is not a readable CSV: {problem}."
        ) from None


class _Fed:
    """Lines for a reader of CSV, which counts the characters of each row's."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.characters = 0
        # Of a file, no more than can be one row is read at once.
        read = getattr(lines, "readline", None)
        self._lines = iter(partial(read, _LONGEST_ROW + 1), "") if read else iter(lines)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.characters += len(line)
        if self.characters > _LONGEST_ROW:
            raise csv.Error("it has no end")
        return line


def what_ails(cell: str) -> str:
    """Why a cell can't be stored, as the rest of a sentence; empty where it can."""
    if len(cell) > LONGEST_CELL:
        return f"{len(cell)} characters are more than a report has"
    if "\0" in cell:
        return "it holds a character that is no text (NUL)"
    return ""
