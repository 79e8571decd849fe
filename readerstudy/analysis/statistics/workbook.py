"""Result tables as one XLSX: a sheet per table, and the codebook."""

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import xlsxwriter

from readerstudy.analysis.statistics.result_tables import ResultTable

# The same content gives the same file.
_WRITTEN = datetime(2000, 1, 1)
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
# Longer tables make a workbook that nobody opens; their CSV has every row.
MOST_ROWS = 100_000
_LONGEST_CELL = 32_767
_A4 = 9
_CODEBOOK = {"sheet": "Sheet", "column": "Column", "meaning": "What it holds"}


def workbook(tables: Iterable[ResultTable]) -> bytes:
    """An XLSX with frozen headers; no text is a formula, no text is a link."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, _OPTIONS)
    book.set_properties({"created": _WRITTEN, "comments": "Made by readerstudy"})
    head = book.add_format({"bold": True, "bottom": 1})
    meanings = []
    for table in tables:
        _sheet(book, head, table.name, list(table.columns), table.rows)
        meanings += [
            {"sheet": table.name, "column": column, "meaning": meaning}
            for column, meaning in table.columns.items()
        ]
    _sheet(book, head, "codebook", list(_CODEBOOK), meanings)
    book.close()
    return buffer.getvalue()


def _sheet(
    book: Any,
    head: Any,
    name: str,
    columns: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
) -> None:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    # On paper: whole rows, with the header on every page.
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column, head)
        longest = max((len(str(row[column] or "")) for row in rows[:50]), default=0)
        sheet.set_column(place, place, min(60, max(len(column), longest) + 2))
    for line, row in enumerate(rows[:MOST_ROWS], 1):
        for place, column in enumerate(columns):
            _write(sheet, line, place, row[column])
    if len(rows) > MOST_ROWS:
        left_out = f"{len(rows) - MOST_ROWS} more rows stand in {name}.csv."
        sheet.write_string(MOST_ROWS + 1, 0, left_out)


def _write(sheet: Any, line: int, place: int, value: Any) -> None:
    if isinstance(value, bool):
        sheet.write_boolean(line, place, value)
    elif isinstance(value, int | float):
        sheet.write_number(line, place, value)
    elif value is not None and value != "":
        sheet.write_string(line, place, str(value)[:_LONGEST_CELL])
