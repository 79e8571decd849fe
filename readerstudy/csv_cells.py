"""What other programs write into a table, and into the cells of one of numbers."""

import codecs
import math

from readerstudy.csv_text import unguarded

_BLANK = {"", "nan", "na", "none", "null"}
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def is_utf_16(content: bytes) -> bool:
    """Whether a file's first bytes say that it is UTF-16, as spreadsheets write it."""
    return content.startswith(_UTF_16)


def is_blank(cell: str) -> bool:
    """Whether a cell says that there is no number."""
    return unguarded(cell.strip()).casefold() in _BLANK


def number_in(cell: str) -> float | None:
    """The finite number in a cell; None where there is none."""
    try:
        number = float(unguarded(cell.strip()))
    except ValueError:
        return None
    return number if math.isfinite(number) else None
