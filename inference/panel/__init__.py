"""A case panel as a figure for a journal: `render(panel, "svg" | "png" | "pdf")`.

Knows neither torch nor Django, and loads matplotlib with the first panel. The layout is
that of Figures 3 to 5 of the paper: radiograph, questions and answers, ground truth.
"""

from typing import Literal

from inference.panel.panel import Exchange, Panel, Passage, exchanges_of

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
    # matplotlib takes its time to load, and a web process may never need it.
    from inference.panel.drawing import drawn

    return drawn(panel, kind)


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
