"""Tidy reads from CSV text: every row is checked, and a refusal says where."""

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence

from readerstudy.analysis.statistics.csv_text import unguarded
from readerstudy.analysis.statistics.table import GRADES, Read
from readerstudy.analysis.statistics.table import BadTable as BadTable

REQUIRED = ("reader", "case", "arm", "grade")
KNOWN = (*REQUIRED, "stratum", "repeat", "included", "seconds", "position", "period")
# 1.0 is what pandas makes of 1 in a column with empty cells.
_YES_NO = dict.fromkeys(("1", "1.0", "true", "t", "yes", "y"), True)
_YES_NO |= dict.fromkeys(("0", "0.0", "false", "f", "no", "n"), False)
_DELIMITERS = (",", ";", "\t")
_LONGEST_QUOTE = 40

Row = Mapping[str, str]


def read_csv(content: bytes | str, *, name: str = "reads.csv") -> list[Read]:
    """Read tidy grades: columns reader, case, arm, grade and, where present, more.

    UTF-8 with or without a byte order mark; commas, semicolons or tabs. Rows are
    counted as a spreadsheet does: the header is row 1. Text that was guarded against
    spreadsheets is taken as it was. Raises BadTable.
    """
    rows = _rows(_text(content, name), name)
    header_at, header = next(rows, (0, []))
    if not header:
        raise BadTable(f"{name} is empty.")
    columns = _columns(header, name, header_at)
    others = [column for column in columns if column not in KNOWN]
    reads: list[Read] = []
    first_at: dict[tuple[str, str, str], str] = {}
    for number, cells in rows:
        where = f"{name}, row {number}"
        values = _fitted(cells, len(columns))
        if len(values) != len(columns):
            raise BadTable(
                f"{where} has {len(values)} columns; the header has {len(columns)}."
            )
        read = _read(dict(zip(columns, values, strict=True)), others, where)
        key = (read.reader, read.case, read.arm)
        if not read.repeat and first_at.setdefault(key, where) != where:
            earlier = first_at[key].removeprefix(f"{name}, ")
            raise BadTable(
                f"{where}, columns reader, case, arm: {', '.join(map(_cut, key))} "
                f"stands in {earlier} already and is not marked as a repeat."
            )
        reads.append(read)
    return reads


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


def _rows(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield number and trimmed values of every row that is not blank."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=_delimiter(first), strict=True)
    number = 0
    try:
        for number, values in enumerate(reader, 1):
            trimmed = [unguarded(value.strip()) for value in values]
            if any(trimmed):
                yield number, trimmed
    except csv.Error as problem:
        raise BadTable(f"{name}, row {number + 1} is not CSV: {problem}.") from None


def _fitted(cells: list[str], width: int) -> list[str]:
    """The cells without the empty ones that spreadsheets add beyond the header."""
    return cells[:width] if not any(cells[width:]) else cells


def _columns(header: Sequence[str], name: str, row: int) -> list[str]:
    """Names of the columns; those with a meaning are known in either case.

    A column without a name, such as the row numbers of pandas, is called by its place.
    """
    columns = [
        title.lower() if title.lower() in KNOWN else title or f"column {number}"
        for number, title in enumerate(header, 1)
    ]
    for column in REQUIRED:
        if column not in columns:
            raise BadTable(f"{name}, row {row}: there is no column {column}.")
    for column in columns:
        if columns.count(column) > 1:
            raise BadTable(f"{name}, row {row}: column {column} is there twice.")
    return columns


def _read(row: Row, others: Sequence[str], where: str) -> Read:
    for column in ("reader", "case", "arm"):
        if not row[column]:
            raise BadTable(f"{where}, column {column}: it is empty.")
    grade = row["grade"].upper()
    if grade and grade not in GRADES:
        raise _wrong(where, "grade", row, "A, B, C, D or empty")
    return Read(
        reader=row["reader"],
        case=row["case"],
        arm=row["arm"],
        grade=grade or None,
        stratum=row.get("stratum", ""),
        repeat=_yes_no(row, "repeat", where, default=False),
        included=_yes_no(row, "included", where, default=True),
        seconds=_seconds(row, where),
        position=_count(row, "position", where),
        period=_count(row, "period", where),
        where=where,
        extra={column: row[column] for column in others},
    )


def _yes_no(row: Row, column: str, where: str, *, default: bool) -> bool:
    text = row.get(column, "").lower()
    if not text:
        return default
    if text not in _YES_NO:
        raise _wrong(where, column, row, "0 or 1")
    return _YES_NO[text]


def _seconds(row: Row, where: str) -> float | None:
    text = row.get("seconds", "")
    if not text:
        return None
    value = _number(text)
    if value is None or value < 0:
        raise _wrong(where, "seconds", row, "a number of seconds")
    return value


def _count(row: Row, column: str, where: str) -> int | None:
    text = row.get(column, "")
    if not text:
        return None
    value = _number(text)
    if value is None or value < 1 or value != int(value):
        raise _wrong(where, column, row, "a whole number from 1")
    return int(value)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    # Python would take 1_0 for ten.
    return value if math.isfinite(value) and "_" not in text else None


def _wrong(where: str, column: str, row: Row, expected: str) -> BadTable:
    return BadTable(f"{where}, column {column}: {_cut(row[column])} is not {expected}.")


def _cut(value: str) -> str:
    """A value as a message quotes it, on one line and not too long."""
    return repr(
        value if len(value) <= _LONGEST_QUOTE else f"{value[:_LONGEST_QUOTE]}..."
    )
