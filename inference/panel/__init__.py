"""A case panel as a figure for a journal: `render(panel, "svg" | "png" | "pdf")`.

Knows neither torch nor Django. The layout is that of Figures 3 to 5 of the paper:
radiograph, questions and answers, ground truth.
"""

from typing import Literal

from inference.panel.layout import Sheet, lay_out
from inference.panel.panel import Exchange, Panel, Passage, exchanges_of
from inference.panel.pdf import to_pdf
from inference.panel.png import to_png
from inference.panel.svg import to_svg

__all__ = [
    "KINDS",
    "Exchange",
    "Kind",
    "Panel",
    "Passage",
    "exchanges_of",
    "missing_sentence",
    "render",
]

Kind = Literal["svg", "png", "pdf"]
KINDS: dict[Kind, str] = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "pdf": "application/pdf",
}


def render(panel: Panel, kind: Kind) -> tuple[bytes, str]:
    """Return a panel as a file, and the signs that no font of this machine could show.

    An SVG keeps those signs; PNG and PDF have an empty box for each. Raises ValueError
    where there is no answered question to show.
    """
    sheet: Sheet = lay_out(panel)
    written = {"svg": to_svg, "png": to_png, "pdf": to_pdf}[kind](sheet)
    return written, sheet.missing


def missing_sentence(signs: str, kind: Kind) -> str:
    """Return what is to be said where signs could not be shown."""
    some = " ".join(signs[:12]) + (" …" if len(signs) > 12 else "")
    if kind == "svg":
        return (
            f"No font of this machine has {some}: the SVG holds these signs, but how "
            "they look depends on the viewer's fonts."
        )
    return (
        f"No font of this machine has {some}: an empty box stands for each. Install a "
        "TrueType font that has them, or take the SVG, which keeps them as text."
    )
