"""How a table fits the line of a plain article: size of type, widths, parts.

The class article sets lines of 345 pt on A4 and on letter paper, and wider ones in
larger type. Widths are estimated from Computer Modern, rather too wide than too narrow.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil
from textwrap import wrap

from readerstudy.analysis.panels.panel import Panel, Row

_LINE = 343.0
# Rows of so many points leave room for caption and notes on a page.
_PAGE = 440.0
# A text that wraps fills so much of its lines.
_FILLED = 0.75
HEAD_SIGNS = 14
# A longer word is broken, as it fits no column.
WORD_SIGNS = 18
_BOLD = 1.15
_LEAST_WIDTH = 75.0
# Signs by their width in em; all others are as wide as an n, or a capital, or 1.
_WIDTHS = (
    ("il.,:;'!|[]", 0.29),
    (" -j", 0.34),
    ("()trsf", 0.4),
    ("0123456789*/\u2013", 0.5),
    ("mw%&+=<>\u2212\u00d7", 0.84),
    ("MW\u2026", 1.18),
)
_EM = {sign: width for signs, width in _WIDTHS for sign in signs}


@dataclass(frozen=True)
class Size:
    """A size of type, in points: its em, a line, and the gap beside a column."""

    command: str
    em: float
    line: float
    gap: float
    is_stacked: bool


@dataclass(frozen=True)
class Part:
    """Columns and rows of a table that stand on one page.

    places  of the columns in the panel
    widths  in points of those that wrap, by place
    """

    places: tuple[int, ...]
    widths: dict[int, float]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Fit:
    """A size, and the parts that a table comes in; mostly one."""

    size: Size
    parts: list[Part]


# An interval goes below its value where that keeps a table whole.
_SIZES = (
    Size("\\small", 9.25, 11.0, 4.0, is_stacked=False),
    Size("\\footnotesize", 8.5, 9.5, 3.0, is_stacked=False),
    Size("\\footnotesize", 8.5, 9.5, 3.0, is_stacked=True),
)


def fit(panel: Panel) -> Fit:
    """The largest type in which a table is one part; else as few parts as will do."""
    every = range(len(panel.columns))
    for size in _SIZES:
        part = _part(panel, tuple(every), size)
        if part is not None:
            return Fit(size, list(_pages(part, panel, size)))
    parts = [
        page
        for part in _side_by_side(panel, size)
        for page in _pages(part, panel, size)
    ]
    return Fit(size, parts)


def _side_by_side(panel: Panel, size: Size) -> Iterator[Part]:
    """As few parts as hold all columns of a table that is too wide."""
    every = range(len(panel.columns))
    keys = _keys(panel)
    parts, held = [], keys
    for place in every[len(keys) :]:
        wider = (*held, place)
        if held != keys and _part(panel, wider, size) is None:
            parts.append(held)
            wider = (*keys, place)
        held = wider
    parts.append(held)
    for each in parts:
        yield _part(panel, each, size) or Part(each, {}, panel.rows)


def _pages(part: Part, panel: Panel, size: Size) -> Iterator[Part]:
    """A part by pages, where its rows are more than one holds."""
    held: list[Row] = []
    height = 0.0
    for row in part.rows:
        needed = size.line * _lines(row, part, panel, size)
        if held and height + needed > _PAGE:
            yield replace(part, rows=tuple(held))
            held, height = [], 0.0
        held.append(row)
        height += needed
    yield replace(part, rows=tuple(held))


def _lines(row: Row, part: Part, panel: Panel, size: Size) -> int:
    """How many lines a row takes."""
    if row.kind == "message":
        return _wrapped(_points(row.cells[0], size), _LINE)
    wrapped = [
        _wrapped(_points(row.cells[place], size, row), width)
        for place, width in part.widths.items()
    ]
    stacked = [
        len(lines_of(row.cells[place], is_stacked=size.is_stacked))
        for place in part.places
        if place in panel.numbers
    ]
    return max([1, *wrapped, *stacked])


def lines_of(cell: str, *, is_stacked: bool) -> list[str]:
    """The lines of a number's cell: where stacked, an interval goes below its value."""
    value, bracket, bounds = cell.partition(" (")
    if not is_stacked or not bracket or " to " not in bounds:
        return [cell]
    return [value, f"({bounds}"]


def words_of(text: str) -> list[str]:
    """Words, and the pieces of those that are longer than a column."""
    return [
        piece for word in text.split() for piece in wrap(word, WORD_SIGNS) or [word]
    ]


def _wrapped(points: float, width: float) -> int:
    """How many lines a text takes in a column that is so wide."""
    return 1 if points <= width else ceil(points / (_FILLED * width))


def _keys(panel: Panel) -> tuple[int, ...]:
    """The columns that name a row, which stand in every part: those before a number."""
    first = min(panel.numbers, default=1)
    return tuple(range(max(1, first)))


def _part(panel: Panel, places: tuple[int, ...], size: Size) -> Part | None:
    """These columns side by side; None where they are too wide."""
    natural = {place: _natural(panel, place, size) for place in places}
    wraps = {
        place: least
        for place in places
        if place not in panel.numbers
        and natural[place] > (least := _least(panel, place, size))
    }
    fixed = sum(width for place, width in natural.items() if place not in wraps)
    left = _LINE - fixed - 2 * size.gap * (len(places) - 1)
    spare = left - sum(wraps.values())
    if spare < 0:
        return None
    wanted = sum(natural[place] - least for place, least in wraps.items())
    if wanted <= spare:
        return Part(places, {}, panel.rows)
    share = spare / wanted
    widths = {
        place: least + share * (natural[place] - least)
        for place, least in wraps.items()
    }
    return Part(places, widths, panel.rows)


def _least(panel: Panel, place: int, size: Size) -> float:
    """The least width of a text column that wraps: its longest word, and some more."""
    words = [
        _points(word, size, row)
        for row in _rows(panel)
        for word in words_of(row.cells[place])
    ]
    return max([_LEAST_WIDTH, _head(panel, place, size), *words])


def _natural(panel: Panel, place: int, size: Size) -> float:
    is_stacked = size.is_stacked and place in panel.numbers
    lines = [
        _points(line, size, row)
        for row in _rows(panel)
        for line in lines_of(row.cells[place], is_stacked=is_stacked)
    ]
    return max([_head(panel, place, size), *lines])


def _head(panel: Panel, place: int, size: Size) -> float:
    lines = wrap(panel.columns[place], HEAD_SIGNS)
    return max((_points(line, size) for line in lines), default=0.0)


def _rows(panel: Panel) -> Sequence[Row]:
    return [row for row in panel.rows if row.kind != "message"]


def _points(text: str, size: Size, row: Row | None = None) -> float:
    wider = _BOLD if row is not None and row.kind == "total" else 1.0
    return sum(map(_em, text)) * size.em * wider


def _em(sign: str) -> float:
    if sign in _EM:
        return _EM[sign]
    if not sign.isascii():
        return 1.0
    return 0.79 if sign.isupper() else 0.56
