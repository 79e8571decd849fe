"""Tables as CSV text that comes back as it went in, and runs in no spreadsheet.

A spreadsheet takes a cell that begins with one of a few signs for a formula. Such text
gets one more apostrophe in front, as does text that already has apostrophes there, so
that taking one away always gives the text back. Numbers stay as they are.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

RULE = (
    "UTF-8, separated by commas, quoted as in RFC 4180. Text that a spreadsheet would "
    "run as a formula (it begins with =, +, -, @, tab or a new line, perhaps after "
    "apostrophes) carries one more apostrophe in front; analyse_reads takes it away."
)
# The wide forms are taken for formulas in East Asian locales.
_RISKY = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def guarded(text: str) -> str:
    """Text as it stands in a cell that no spreadsheet runs."""
    return f"'{text}" if _RISKY.match(text) else text


def unguarded(cell: str) -> str:
    """The text behind a guarded cell; any other cell as it is."""
    return cell[1:] if cell.startswith("'") and _RISKY.match(cell) else cell


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """CSV text with exactly these columns; an absent value is an empty cell."""
    return "".join(csv_lines(columns, rows))


def csv_lines(
    columns: Sequence[str], rows: Iterable[Mapping[str, Any]]
) -> Iterator[str]:
    """The same, a row at a time, so that a long table is never in memory."""
    buffer = io.StringIO()
    plain = csv.writer(buffer, lineterminator="\n")
    quoted = csv.writer(buffer, lineterminator="\n", quoting=csv.QUOTE_ALL)

    def write(values: Iterable[Any]) -> None:
        cells = [_cell(value) for value in values]
        # The writer leaves a lone carriage return bare; a reader ends the row there.
        bare = any(isinstance(cell, str) and "\r" in cell for cell in cells)
        (quoted if bare else plain).writerow(cells)

    # Names of models and metrics, which anyone may have given, are columns too.
    write(columns)
    for row in rows:
        yield _taken(buffer)
        write(row.get(column) for column in columns)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> str:
    """What a buffer holds, which is empty then."""
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    return guarded(value) if isinstance(value, str) else value
