"""The loss curves of a recipe as one SVG figure, for the documentation.

Each curve gets a panel of its own with a logarithmic axis, since the losses of the
stages have no common scale.
"""

import csv
import math
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

Curve = list[tuple[int, float]]

PANEL_WIDTH, PANEL_HEIGHT, GAP = 200, 130, 56
TOP, LEFT = 40, 52
SMOOTHED = 30  # a running mean reaches this part of a curve to each side


def read_curve(path: Path) -> Curve:
    """Steps and losses of one `<stage>.csv`. Raises ValueError naming the file."""
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            return [
                (int(row["step"]), float(row["loss"])) for row in csv.DictReader(stream)
            ]
    except (OSError, KeyError, ValueError) as problem:
        raise ValueError(f"{path} holds no loss curve: {problem}.") from problem


def figure(curves: Sequence[tuple[str, Curve]]) -> str:
    """SVG of all curves, side by side: every point, and its running mean on top."""
    width = LEFT + len(curves) * (PANEL_WIDTH + GAP)
    height = TOP + PANEL_HEIGHT + 44
    panels = [
        _panel(name, curve, LEFT + number * (PANEL_WIDTH + GAP))
        for number, (name, curve) in enumerate(curves)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="sans-serif" font-size="11" '
        'fill="#333">\n<rect width="100%" height="100%" fill="#fff"/>\n'
        + "\n".join(panels)
        + "\n</svg>\n"
    )


def _panel(name: str, curve: Curve, left: int) -> str:
    """One curve in its frame, with the lowest and highest loss and the last step."""
    losses = [math.log10(max(loss, 1e-6)) for _, loss in curve]
    lowest, highest = min(losses), max(losses)
    reach, last = max(highest - lowest, 1e-6), curve[-1][0]

    def line(values: Sequence[float], colour: str, width: float) -> str:
        points = " ".join(
            f"{left + PANEL_WIDTH * step / last:.1f},"
            f"{TOP + PANEL_HEIGHT * (highest - value) / reach:.1f}"
            for (step, _), value in zip(curve, values, strict=True)
        )
        return (
            f'<polyline points="{points}" fill="none" stroke="{colour}" '
            f'stroke-width="{width}"/>'
        )

    bottom = TOP + PANEL_HEIGHT
    return "\n".join(
        (
            f'<text x="{left}" y="{TOP - 12}" font-weight="bold">{escape(name)}</text>',
            f'<path d="M{left} {TOP}V{bottom}H{left + PANEL_WIDTH}" fill="none" '
            'stroke="#999"/>',
            line(losses, "#b9cbe4", 1),
            line(_smooth(losses), "#1f4e8c", 1.6),
            _label(left - 6, TOP + 8, "end", f"{10**highest:.3g}"),
            _label(left - 6, bottom, "end", f"{10**lowest:.3g}"),
            _label(left, bottom + 16, "middle", "0"),
            _label(left + PANEL_WIDTH, bottom + 16, "middle", f"{last:,}"),
            _label(left + PANEL_WIDTH // 2, bottom + 30, "middle", "step"),
        )
    )


def _label(x: int, y: int, anchor: str, text: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>'


def _smooth(values: Sequence[float]) -> list[float]:
    reach, means = len(values) // SMOOTHED, []
    for place in range(len(values)):
        near = values[max(0, place - reach) : place + reach + 1]
        means.append(sum(near) / len(near))
    return means
