"""A panel as a file: matplotlib draws the sheet as SVG, PNG and PDF.

The same panel gives the same bytes: no file holds the time of its making.
"""

import io
import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from matplotlib import rc_context, rcdefaults, rcParams
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.typing import RcKeyType

from inference.panel.flow import Run, is_leftwards
from inference.panel.fonts import Fonts
from inference.panel.layout import Picture, Sheet, lay_out
from inference.panel.panel import Panel

DOTS_PER_INCH = 300
_SETTINGS: dict[RcKeyType, Any] = {
    # Text stays text.
    "svg.fonttype": "none",
    # Verdana is as wide as DejaVu Sans, where an SVG is seen without that.
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial"],
    # Drawn as wide as measured.
    "text.hinting": "none",
    # Else the names inside an SVG are random.
    "svg.hashsalt": "panel",
}
# How a PDF holds fonts: as TrueType, else outline by outline.
_TRUETYPE, _OUTLINES = 42, 3
# matplotlib asks browsers to show pixels as squares; a radiograph is smooth.
_AS_SQUARES = b'style="image-rendering:crisp-edges;image-rendering:pixelated"'
_SMOOTH = b'style="image-rendering:auto"'
# The words in between are read from right to left.
_LEFTWARDS, _END = "\u202b", "\u202c"
_BEGINS_RIGHTWARDS, _BEGINS_LEFTWARDS = "\u200e", "\u200f"
_settings_are_ours = threading.Lock()
# They tell of a font's weight that is near enough, and of tables that no PDF needs.
for _talkative in ("matplotlib.font_manager", "fontTools.subset"):
    logging.getLogger(_talkative).setLevel(logging.ERROR)


def drawn(panel: Panel, kind: str) -> tuple[bytes, str]:
    """Return a panel as a file of a kind, and the signs that no font could show."""
    with _settings():
        sheet = lay_out(panel)
        held = _TRUETYPE if sheet.fonts.are_truetype else _OUTLINES
        # The second says how many signs go into one font.
        rcParams["pdf.fonttype"] = rcParams["ps.fonttype"] = held
        return _saved(sheet, kind), sheet.missing


@contextmanager
def _settings() -> Iterator[None]:
    """Set matplotlib as a panel needs it, whatever a machine's own settings are.

    The settings belong to the whole process, so threads draw one after another.
    """
    with _settings_are_ours, rc_context(), warnings.catch_warnings():
        rcdefaults()
        rcParams.update(_SETTINGS)
        # An SVG keeps a sign without a font; that there is none is said elsewhere.
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from font")
        yield


def _saved(sheet: Sheet, kind: str) -> bytes:
    # Whole dots, as matplotlib cuts off what is less than one.
    width, height = (
        round(points / 72 * DOTS_PER_INCH) / DOTS_PER_INCH
        for points in (sheet.width, sheet.height)
    )
    figure = Figure(figsize=(width, height), facecolor="white")
    _put_picture(figure, sheet.picture, whole=kind != "png")
    for words in sheet.words:
        run = words.run
        figure.text(
            *_place(figure, words.x, words.y),
            _text(run, sheet.fonts, kind),
            fontproperties=sheet.fonts.properties(run.size, bold=run.bold),
            color=run.colour,
            parse_math=False,
        )
    x, y = _place(figure, sheet.rule.x, sheet.rule.y + sheet.rule.height)
    right, top = _place(figure, sheet.rule.x + sheet.rule.width, sheet.rule.y)
    figure.add_artist(
        Rectangle((x, y), right - x, top - y, linewidth=0, color=sheet.rule.colour)
    )
    buffer = io.BytesIO()
    figure.savefig(
        buffer, format=kind, dpi=DOTS_PER_INCH, metadata=_metadata(sheet, kind)
    )
    return buffer.getvalue().replace(_AS_SQUARES, _SMOOTH, 1 if kind == "svg" else 0)


def _text(run: Run, fonts: Fonts, kind: str) -> str:
    """A run as it is handed over: browser and matplotlib see no paragraph around it."""
    if kind == "svg":
        return f"{_LEFTWARDS}{run.text}{_END}" if run.leftwards else run.text
    shown = fonts.shown(run.text)
    if is_leftwards(shown) == run.leftwards:
        return shown
    return (_BEGINS_LEFTWARDS if run.leftwards else _BEGINS_RIGHTWARDS) + shown


def _place(figure: Figure, x: float, y: float) -> tuple[float, float]:
    """Points from the upper left corner as matplotlib's fractions from the lower."""
    width, height = figure.get_size_inches() * 72
    return x / width, 1 - y / height


def _put_picture(figure: Figure, picture: Picture, *, whole: bool) -> None:
    """Put the radiograph on the sheet; `whole` keeps its pixels as they are."""
    left, bottom = _place(figure, picture.x, picture.y + picture.height)
    right, top = _place(figure, picture.x + picture.width, picture.y)
    axes = figure.add_axes((left, bottom, right - left, top - bottom))
    axes.set_axis_off()
    axes.imshow(
        np.asarray(picture.image.convert("RGB")),
        aspect="auto",
        interpolation="none" if whole else "lanczos",
    )


def _metadata(sheet: Sheet, kind: str) -> dict[str, str | None]:
    about = "Subject" if kind == "pdf" else "Description"
    date = {"svg": "Date", "pdf": "CreationDate"}.get(kind)
    told: dict[str, str | None] = {"Title": sheet.title, about: sheet.description}
    return told | ({date: None} if date else {})
