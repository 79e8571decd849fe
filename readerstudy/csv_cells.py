"""What other programs write into the cells of a table of numbers."""

import math

from readerstudy.csv_text import unguarded

_BLANK = {"", "nan", "na", "none", "null"}


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
