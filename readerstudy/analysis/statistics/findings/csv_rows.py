"""Rows of a CSV that anyone may have written, counted as a spreadsheet counts them."""

import csv
import io
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from readerstudy.analysis.statistics.findings.label_tables import BadLabels
from readerstudy.csv_cells import is_utf_16
from readerstudy.csv_text import unguarded

Rows = list[tuple[int, list[str]]]

_DELIMITERS = (",", ";", "\t")
# Names in a refusal; the rest is counted.
MOST_NAMED = 10


def rows_of(source: str | bytes | Path, name: str, *, by_row: bool = False) -> Rows:
    """Number and cells of every row, the header first, all of the header's width.

    Commas, semicolons or tabs; UTF-8, or UTF-16 with its mark. Rows of nothing at the
    end are dropped, as spreadsheets leave them; `by_row` keeps them, since they may be
    studies of which nothing was said, and so may blank lines of a single column.
    Raises BadLabels.
    """
    content = _content(source) if isinstance(source, Path) else source
    rows = _parsed(_text(content, name), name)
    while rows and _is_blank(rows[0][1]):
        rows.pop(0)
    if not (by_row and rows and len(rows[0][1]) == 1):
        rows = [(number, cells) for number, cells in rows if cells]
    while rows and _is_blank(rows[-1][1]) and not by_row:
        rows.pop()
    if not rows:
        return []
    header = rows[0][1]
    return [
        (number, _fitted(cells or [""], header, number, name)) for number, cells in rows
    ]


def clean(cell: str) -> str:
    """A cell without spaces around it, its letters in one form."""
    return unicodedata.normalize("NFC", unguarded(cell.strip())).strip()


def listed(names: Sequence[str]) -> str:
    """Names for a sentence: the first ten, and how many more there are."""
    shown = ", ".join(names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    return f"{shown} and {more} more" if more > 0 else shown


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise BadLabels(f"{path} can't be read: {problem.strerror}.") from None


def _text(source: str | bytes, name: str) -> str:
    if isinstance(source, bytes):
        try:
            source = source.decode("utf-16" if is_utf_16(source) else "utf-8")
        except UnicodeDecodeError as problem:
            row = problem.object.count(b"\n", 0, problem.start) + 1
            raise BadLabels(
                f"{name}, row {row}: the file is not UTF-8 text; save it as CSV UTF-8."
            ) from None
    if "\0" in source:
        row = source.count("\n", 0, source.index("\0")) + 1
        raise BadLabels(
            f"{name}, row {row} holds a character that is no text (NUL); save the file "
            "as CSV UTF-8."
        )
    return source.removeprefix("\ufeff")


def _parsed(text: str, name: str) -> Rows:
    """Every row; a blank line is one without a cell."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    lines = io.StringIO(text, newline="")
    found: Rows = []
    number = 0
    try:
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        for number, cells in enumerate(reader, 1):
            found.append((number, cells))
    except csv.Error as problem:
        raise BadLabels(f"{name}, row {number + 1} is not CSV: {problem}.") from None
    return found


def _is_blank(cells: list[str]) -> bool:
    return not any(map(str.strip, cells))


def _fitted(cells: list[str], header: list[str], number: int, name: str) -> list[str]:
    """As many cells as the header has; spreadsheets add empty ones to either."""
    width = len(header)
    if len(cells) == width:
        return cells
    if len(cells) > width and _is_blank(cells[width:]):
        return cells[:width]
    if len(cells) < width and _is_blank(header[len(cells) :]):
        return [*cells, *[""] * (width - len(cells))]
    raise BadLabels(f"{name}, row {number} has {len(cells)} cells; the header {width}.")
