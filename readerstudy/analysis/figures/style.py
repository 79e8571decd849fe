"""How every figure looks, and how it becomes the same bytes every time."""

import io
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from textwrap import fill
from threading import RLock
from typing import Any, Literal
from xml.sax.saxutils import escape

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from readerstudy.analysis.wording import printable

FileKind = Literal["svg", "png", "pdf"]
FILE_KINDS: tuple[FileKind, ...] = ("svg", "png", "pdf")

# Widths of one and of two columns, and the tallest page, in millimetres.
SINGLE, DOUBLE, TALLEST = 85.0, 180.0, 230.0
DOTS_PER_INCH = 300
# Signs of a name that a figure has room for, and points that a sign takes.
LONGEST, _LETTER = 32, 3.6

INK, MUTED, LINE = "#1d2428", "#566069", "#c9c6bf"
# From dark to light in grey, so that neighbours differ without colour.
SHADES = ("#1f4e63", "#e0a84e", "#7a9fb0", "#a4552f", "#c8d6dc", "#5b7f52")
MARKERS = ("o", "s", "^", "D", "v", "P")
HATCHES = ("", "////", "..", "xxxx", "", "\\\\\\\\")

_SETTINGS: Any = {
    "font.family": ["DejaVu Sans"],
    "font.size": 7.0,
    "axes.titlesize": 7.5,
    "axes.labelsize": 7.0,
    "axes.linewidth": 0.6,
    "axes.edgecolor": MUTED,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.labelsize": 6.5,
    "ytick.labelsize": 6.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.fontsize": 6.5,
    "legend.frameon": False,
    "hatch.linewidth": 0.5,
    "text.color": INK,
    "axes.labelcolor": INK,
    "svg.fonttype": "none",
    "svg.hashsalt": "readerstudy",
    "pdf.fonttype": 42,
    # An arm may have a dollar sign in its name.
    "text.parse_math": False,
}
_DATELESS = {"svg": {"Date": None}, "png": {}, "pdf": {"CreationDate": None}}
_ALONE = RLock()
_OPENING = re.compile(r"<svg [^>]*>")
_IDS = re.compile(r'(\bid="|href="#|url\(#)')


@contextmanager
def styled() -> Iterator[None]:
    """Draw with the settings of this module.

    matplotlib keeps them for the whole process, so they hold for one figure at a time
    and are put back afterwards.
    """
    with (
        _ALONE,
        warnings.catch_warnings(),
        matplotlib.rc_context(_SETTINGS),
    ):
        # Where nothing fits beside the names, the figure is as good as it gets.
        warnings.filterwarnings("ignore", message="constrained_layout not applied")
        # A sign that the font lacks is drawn as a box, and stands in the table.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


def sheet(width: float, height: float) -> Figure:
    """An empty figure of so many millimetres."""
    size = (width / 25.4, min(height, TALLEST) / 25.4)
    return Figure(figsize=size, layout="constrained")


def settled(figure: Figure) -> Figure:
    """Find the places of everything once, for all kinds of file."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    return figure


def shade(place: int) -> str:
    """The colour of the arm at a place."""
    return SHADES[place % len(SHADES)]


def marker(place: int) -> str:
    """The marker of the arm at a place; with its colour no two of 36 are alike."""
    return MARKERS[(place + place // len(SHADES)) % len(MARKERS)]


def hatch(place: int) -> str:
    """The hatch of the arm at a place."""
    return HATCHES[place % len(HATCHES)]


def short(label: str, most: int = LONGEST) -> str:
    """A label with its middle left out where it is too long to be drawn.

    Names that are numbered differ at their ends.
    """
    if len(label) <= most:
        return label
    head = 2 * most // 3
    return f"{label[:head].rstrip()}\u2026{label[head + 1 - most :].lstrip()}"


def legend_above(figure: Figure, labels: Sequence[str]) -> None:
    """A legend over the figure, in as many columns as its labels leave room for."""
    widest = max(map(len, labels), default=1)
    room = figure.get_figwidth() * 72 / (_LETTER * widest + 26)
    figure.legend(loc="outside upper center", ncols=max(1, min(3, int(room))))


def not_all(shown: int, there: int, what: str) -> str:
    """The sentence under a figure that has no room for everything."""
    if shown >= there:
        return ""
    return f"{shown} of {there} {what} are shown; the tables have all of them."


def wrapped(label: str, width: int = 18) -> str:
    """A label on as many lines as it needs."""
    return fill(label, width)


def quiet_grid(axes: Axes, direction: Literal["x", "y"]) -> None:
    """Thin lines behind what is drawn."""
    axes.grid(axis=direction, color=LINE, linewidth=0.4)
    axes.set_axisbelow(True)


def as_file(
    figure: Figure,
    kind: FileKind,
    *,
    name: str = "figure",
    title: str = "",
    description: str = "",
) -> bytes:
    """The figure as SVG (text stays text), PNG at 300 dpi, or PDF (TrueType fonts).

    An SVG carries title and description for screen readers, and ids that begin with
    `name`, so that several stand in one page.
    """
    found = io.BytesIO()
    with styled():
        figure.savefig(found, format=kind, dpi=DOTS_PER_INCH, metadata=_DATELESS[kind])
    if kind != "svg":
        return found.getvalue()
    svg = printable(found.getvalue().decode())
    return _described(svg, name, title, printable(description)).encode()


def _described(svg: str, name: str, title: str, description: str) -> str:
    svg = _IDS.sub(lambda found: f"{found[1]}{name}-", svg)
    words = (
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-description">{escape(description)}</desc>'
    )
    labelled = f' role="img" aria-labelledby="{name}-title {name}-description">'
    return _OPENING.sub(lambda tag: tag[0][:-1] + labelled + words, svg, count=1)
