"""Tidy reads from CSV text: every row is checked, and a refusal says where."""

import csv
import io
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from readerstudy.analysis.statistics.columnar import Column, in_chunks
from readerstudy.analysis.statistics.reads import Bools, Floats, Integers, Names, Reads
from readerstudy.analysis.statistics.table import GRADES
from readerstudy.analysis.statistics.table import BadTable as BadTable
from readerstudy.csv_text import unguarded

REQUIRED = ("reader", "case", "arm", "grade")
KNOWN = (*REQUIRED, "stratum", "repeat", "included", "seconds", "position", "period")
# 1.0 is what pandas makes of 1 in a column with empty cells.
_YES_NO = dict.fromkeys(("1", "1.0", "true", "t", "yes", "y"), True)
_YES_NO |= dict.fromkeys(("0", "0.0", "false", "f", "no", "n"), False)
_DELIMITERS = (",", ";", "\t")
_LONGEST_QUOTE = 40
# Some thirty years: what is longer is no time of reading.
_MOST_SECONDS = 1e9
_NUMBERS = {letter: number for number, letter in enumerate(("", *GRADES))}


def read_csv(content: bytes | str, *, name: str = "reads.csv") -> Reads:
    """Read tidy grades: columns reader, case, arm, grade and, where present, more.

    UTF-8 with or without a byte order mark; commas, semicolons or tabs. Rows are
    counted as a spreadsheet does: the header is row 1. Text that was guarded against
    spreadsheets is taken as it was. Raises BadTable.
    """
    rows = _rows(_text(content, name), name)
    header_at, header = next(rows, (0, []))
    if not header:
        raise BadTable(f"{name} is empty.")
    titles = _titles([_clean(cell) for cell in header], name, header_at)
    columns = {title: Column(_clean) for title in titles}
    lines: list[int] = []
    for chunk in in_chunks(rows):
        cells = [_fitted(cells, len(titles), number, name) for number, cells in chunk]
        for column, values in zip(
            columns.values(), zip(*cells, strict=True), strict=True
        ):
            column.extend(values)
        lines += [number for number, _ in chunk]
    texts = {title: column.names() for title, column in columns.items()}
    return _reads(texts, np.array(lines, dtype=np.int64), name)


def _text(content: bytes | str, name: str) -> str:
    if isinstance(content, bytes):
        try:
            content = content.decode("utf-8")
        except UnicodeDecodeError as problem:
            # What stands where it goes wrong is marked, so that a new row counts.
            lines = f"{problem.object[: problem.start].decode()}?".splitlines()
            column = lines[-1].count(_delimiter(lines[0])) + 1
            raise BadTable(
                f"{name}, row {len(lines)}, column {column}: the file is not UTF-8 "
                "text; save it as CSV UTF-8."
            ) from None
    return content.removeprefix("\ufeff")


def _delimiter(header: str) -> str:
    """The delimiter that finds most of the columns that there must be."""

    def known(delimiter: str) -> tuple[int, int]:
        titles = [title.strip(' "').lower() for title in header.split(delimiter)]
        return sum(column in titles for column in REQUIRED), len(titles)

    return max(_DELIMITERS, key=known)


def _first_line(text: str) -> str:
    """The first line that is not blank."""
    lines = io.StringIO(text, newline=None)
    return next((line.rstrip("\n") for line in lines if line.strip()), "")


def _rows(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield number and cells of every row that is not blank."""
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=_delimiter(_first_line(text)), strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            if cells and (cells[0].strip() or any(map(str.strip, cells))):
                yield number, cells
    except csv.Error as problem:
        raise BadTable(f"{name}, row {number + 1} is not CSV: {problem}.") from None


def _clean(cell: str) -> str:
    return unguarded(cell.strip())


def _fitted(cells: list[str], width: int, number: int, name: str) -> list[str]:
    """The cells without the empty ones that spreadsheets add beyond the header."""
    if len(cells) == width:
        return cells
    if len(cells) > width and not any(map(str.strip, cells[width:])):
        return cells[:width]
    raise BadTable(
        f"{name}, row {number} has {len(cells)} columns; the header has {width}."
    )


def _titles(header: Sequence[str], name: str, row: int) -> list[str]:
    """Names of the columns; those with a meaning are known in either case.

    A column without a name, such as the row numbers of pandas, is called by its place.
    """
    titles = [
        title.lower() if title.lower() in KNOWN else title or f"column {number}"
        for number, title in enumerate(header, 1)
    ]
    for column in REQUIRED:
        if column not in titles:
            raise BadTable(f"{name}, row {row}: there is no column {column}.")
    for column in titles:
        if titles.count(column) > 1:
            raise BadTable(f"{name}, row {row}: column {column} is there twice.")
    return titles


def _reads(texts: dict[str, Names], lines: Integers, name: str) -> Reads:
    """Parse the columns that have a meaning; the first bad row of a file is named."""
    parsed = _Parser(texts, lines, name)
    for column in ("reader", "case", "arm"):
        parsed.refuse(column, [not text for text in texts[column].names], "it is empty")
    reads = Reads(
        reader=texts["reader"],
        case=texts["case"],
        arm=texts["arm"],
        stratum=parsed.text("stratum"),
        grade=parsed.parse(
            "grade",
            lambda text: _NUMBERS.get(text.upper()),
            0,
            np.int8,
            "A, B, C, D or empty",
        ),
        repeat=parsed.yes_no("repeat", default=False),
        included=parsed.yes_no("included", default=True),
        seconds=parsed.seconds(),
        position=parsed.count("position"),
        period=parsed.count("period"),
        line=lines,
        source=name,
        more={title: text for title, text in texts.items() if title not in KNOWN},
    )
    parsed.raise_first()
    _refuse_twice(reads)
    return reads


class _Parser:
    """Parses columns of text and remembers the first row that can't be parsed."""

    def __init__(self, texts: dict[str, Names], lines: Integers, name: str) -> None:
        self._texts, self._lines, self._name = texts, lines, name
        self._problem: tuple[int, str] | None = None

    def text(self, column: str) -> Names:
        empty = Names(("",), np.zeros(len(self._lines), dtype=np.int32))
        return self._texts.get(column, empty)

    def refuse(self, column: str, bad: Sequence[bool], why: str) -> None:
        """Note the first row whose distinct text is bad, unless one above it is."""
        if not any(bad):
            return
        text = self._texts[column]
        row = int(np.argmax(np.array(bad)[text.codes]))
        if self._problem is None or row < self._problem[0]:
            self._problem = row, f"column {column}: {why.format(_cut(text[row]))}."

    def raise_first(self) -> None:
        if self._problem:
            row, why = self._problem
            raise BadTable(f"{self._name}, row {self._lines[row]}, {why}")

    def parse(
        self,
        column: str,
        read: Callable[[str], float | None],
        empty: float,
        kind: npt.DTypeLike,
        expected: str,
    ) -> npt.NDArray[Any]:
        """The column as numbers; `read` gives None for what is none."""
        text = self.text(column)
        values = [read(name) if name else empty for name in text.names]
        self.refuse(
            column, [value is None for value in values], f"{{}} is not {expected}"
        )
        known = [empty if value is None else value for value in values]
        found: npt.NDArray[Any] = np.array(known or [0], dtype=kind)[text.codes]
        return found

    def yes_no(self, column: str, *, default: bool) -> Bools:
        def read(text: str) -> bool | None:
            return _YES_NO.get(text.lower())

        return np.asarray(
            self.parse(column, read, default, np.bool_, "0 or 1"), dtype=np.bool_
        )

    def seconds(self) -> Floats:
        def read(text: str) -> float | None:
            value = _number(text)
            known = value is not None and 0 <= value <= _MOST_SECONDS
            return value if known else None

        found = self.parse("seconds", read, math.nan, np.float64, "a number of seconds")
        return np.asarray(found, dtype=np.float64)

    def count(self, column: str) -> Integers:
        def read(text: str) -> float | None:
            value = _number(text)
            whole = value is not None and 1 <= value < 2**31 and value == int(value)
            return value if whole else None

        found = self.parse(column, read, 0, np.int32, "a whole number from 1")
        return np.asarray(found, dtype=np.int32)


def _refuse_twice(reads: Reads) -> None:
    """Refuse a second row of one reader, case and arm that isn't marked as a repeat."""
    first = np.flatnonzero(~reads.repeat)
    key = reads.report[first]
    order = np.argsort(key, kind="stable")
    same = np.flatnonzero(key[order][1:] == key[order][:-1])
    if not len(same):
        return
    later = order[same + 1]
    row = int(first[later.min()])
    earlier = int(first[np.flatnonzero(key == key[later.min()])[0]])
    names = (reads.reader[row], reads.case[row], reads.arm[row])
    raise BadTable(
        f"{reads.where(row)}, columns reader, case, arm: {', '.join(map(_cut, names))} "
        f"stands in row {reads.line[earlier]} already and is not marked as a repeat."
    )


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    # Python would take 1_0 for ten.
    return value if math.isfinite(value) and "_" not in text else None


def _cut(value: str) -> str:
    """A value as a message quotes it, on one line and not too long."""
    return repr(
        value if len(value) <= _LONGEST_QUOTE else f"{value[:_LONGEST_QUOTE]}..."
    )
