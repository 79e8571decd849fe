"""CSV tables as data sets publish them: plain or gzipped, commas or semicolons.

Every fault is one sentence that names file and line. A table is read row by row: the
largest have several hundred thousand.
"""

import csv
import gzip
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from inference.chexpert import FINDINGS, NO_FINDING
from inference.datasets.record import PRESENT, UNCERTAIN

# How the files write present, absent and uncertain.
_MARKS = {"1": 1, "1.0": 1, "0": 0, "0.0": 0, "-1": -1, "-1.0": -1}


@dataclass(frozen=True)
class Row:
    """One row by column name; `place` names file and line."""

    place: str
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        """The cell of a column, without blanks around it."""
        return self.cells[column].strip()

    def required(self, column: str) -> str:
        """A cell that must not be empty; raises ValueError."""
        value = self[column]
        if not value:
            raise ValueError(f"{self.place}: the column {column} is empty.")
        return value

    def mark(self, column: str) -> int | None:
        """A cell of 1, 0 or -1, None where it is empty; raises ValueError."""
        value = self[column]
        if value and value not in _MARKS:
            raise ValueError(
                f"{self.place}: the column {column} holds {value[:20]!r}, not 1, 0, -1 "
                "or nothing."
            )
        return _MARKS.get(value)

    def flag(self, column: str) -> bool:
        """A cell of 1 or 0; raises ValueError."""
        value = self.mark(column)
        if value not in (0, 1):
            raise ValueError(f"{self.place}: the column {column} is neither 1 nor 0.")
        return value == 1

    def findings(self) -> dict[str, int]:
        """The cells of the fourteen CheXpert columns, without the empty ones.

        The labeler leaves "No Finding" empty where it met something abnormal or
        doubtful, also such as the other columns have no name for. Where they show
        nothing, this is kept as uncertain: the study must not pass for normal.
        """
        marks = {
            name: mark for name in FINDINGS if (mark := self.mark(name)) is not None
        }
        if NO_FINDING not in marks and PRESENT not in marks.values():
            marks[NO_FINDING] = UNCERTAIN
        return marks


def find_table(root: Path, *names: str) -> Path:
    """The first of these files that is there, or is there as .gz; ValueError if none.

    names: paths from the root; of a name with * the first match in order counts.
    """
    found = table_if_any(root, *names)
    if found is None:
        raise ValueError(f"There is no {names[0]} (or .gz) in {root}.")
    return found


def table_if_any(root: Path, *names: str) -> Path | None:
    """As `find_table`, but None where there is none."""
    for name in names:
        for path in (*sorted(root.glob(name)), *sorted(root.glob(f"{name}.gz"))):
            if path.is_file():
                return path
    return None


def read_rows(path: Path, columns: Sequence[str]) -> Iterator[Row]:
    """Yield the rows of a table that has at least these columns.

    Raises ValueError for an unreadable file, a missing or doubled column, and a row
    with more or fewer cells than the header.
    """
    name, number = path.name, 0
    try:
        with _opened(path) as stream:
            lines = csv.reader(stream, delimiter=_delimiter(stream), strict=True)
            header = [cell.strip() for cell in next(lines, [])]
            _require_columns(name, header, columns)
            number = lines.line_num
            for cells in lines:
                number = lines.line_num
                if not cells:
                    continue
                place = f"{name}, line {number}"
                if len(cells) != len(header):
                    raise ValueError(
                        f"{place}: there are {len(cells)} cells under {len(header)} "
                        "columns."
                    )
                yield Row(place, dict(zip(header, cells, strict=True)))
    except UnicodeDecodeError as problem:
        raise ValueError(
            f"{name} is no UTF-8 text after line {number}: save it as UTF-8."
        ) from problem
    except csv.Error as problem:
        raise ValueError(
            f"{name}, line {number + 1}: this is no CSV: {problem}."
        ) from problem
    except (OSError, EOFError, zlib.error) as problem:
        words = getattr(problem, "strerror", None) or problem
        raise ValueError(f"{path} cannot be read: {words}.") from problem


def once(rows: Iterable[Row], column: str) -> Iterator[Row]:
    """Yield the rows of a table whose key stands in one row only; ValueError if not."""
    places: dict[str, str] = {}
    for row in rows:
        key = row.required(column)
        if key in places:
            raise ValueError(
                f"{row.place}: {key[:60]} came before, in {places[key]}; a value of "
                f"{column} stands in one row."
            )
        places[key] = row.place
        yield row


def _opened(path: Path) -> TextIO:
    """The text of a table; a mark of its byte order is dropped."""
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _delimiter(stream: TextIO) -> str:
    """Semicolon or comma, whichever the header has more of."""
    header = stream.readline()
    stream.seek(0)
    return ";" if header.count(";") > header.count(",") else ","


def _require_columns(name: str, header: list[str], columns: Sequence[str]) -> None:
    if not any(header):
        raise ValueError(f"{name} is empty.")
    missing = [column for column in columns if column not in header]
    if missing:
        raise ValueError(
            f"{name}, line 1: the column {missing[0]} is missing; "
            f"expected: {', '.join(columns)}."
        )
    doubled = [column for column in columns if header.count(column) > 1]
    if doubled:
        raise ValueError(f"{name}, line 1: the column {doubled[0]} comes twice.")
