"""What other programs write into a table, and into the cells of one of numbers."""

import codecs
import math
from collections.abc import Iterable

from readerstudy.csv_text import unguarded

_BLANK = {"", "nan", "na", "none", "null"}
_PEOPLE = ("reader", "radiologist", "rater", "annotator")
_READERS = {f"{one}{end}" for one in _PEOPLE for end in ("", "_id", "_name", "s")}
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def is_utf_16(content: bytes) -> bool:
    """Whether a file's first bytes say that it is UTF-16, as spreadsheets write it."""
    return content.startswith(_UTF_16)


def is_blank(cell: str) -> bool:
    """Whether a cell says that there is no number."""
    return unguarded(cell.strip()).casefold() in _BLANK


def reader_column(titles: Iterable[str]) -> str:
    """The first column that tells readers apart, as it was written; empty for none."""
    named = (title for title in titles if _joined(title) in _READERS)
    return next(named, "")


def _joined(title: str) -> str:
    return "_".join(title.replace("_", " ").casefold().split())


def number_in(cell: str) -> float | None:
    """The finite number in a cell; None where there is none."""
    try:
        number = float(unguarded(cell.strip()))
    except ValueError:
        return None
    return number if math.isfinite(number) else None
