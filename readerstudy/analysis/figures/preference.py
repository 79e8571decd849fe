"""How often readers preferred either report of a pair, or neither."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from readerstudy.analysis.figures.style import DOUBLE, INK, MUTED, not_all, sheet
from readerstudy.analysis.panels.panel import Results, Wording, block_of
from readerstudy.analysis.panels.preference import share_of
from readerstudy.analysis.panels.signs import in_order, sides_of
from readerstudy.analysis.wording import (
    counted,
    percent,
    percent_interval,
    with_interval,
)

_ROW = 15.0
_MOST = 14
_FACES = (("#1f4e63", "", "white"), ("#e4e2dc", "..", INK), ("#e0a84e", "////", INK))


def draw(results: Results, wording: Wording) -> Figure | None:
    """A bar of three parts for every two arms."""
    every = _pairs(results)
    pairs = every[:_MOST]
    if not pairs:
        return None
    figure = sheet(DOUBLE, 14 + _ROW * len(pairs))
    axes = figure.subplots()
    for place, pair in enumerate(pairs):
        _bar(axes, place, pair, results, wording)
    axes.set_xlim(0, 100)
    axes.set_ylim(len(pairs) - 0.35, -0.65)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    note = not_all(len(pairs), len(every), "comparisons")
    axes.set_xlabel(f"Pairs, %\n{note}" if note else "Pairs, %")
    return figure


def _bar(
    axes: Axes, place: int, pair: dict[str, Any], results: Results, wording: Wording
) -> None:
    left = 0.0
    for (_, number), (face, pattern, ink) in zip(
        _parts(pair, results, wording), _FACES, strict=True
    ):
        width = 100 * number / pair["n"]
        axes.barh(
            place,
            width,
            left=left,
            height=0.42,
            color=face,
            hatch=pattern,
            edgecolor="white" if not pattern else "#8a8a86",
            linewidth=0.3,
        )
        if number:
            axes.text(
                left + width / 2,
                place,
                str(number),
                ha="center",
                va="center",
                color=ink,
                bbox={"facecolor": face, "edgecolor": "none", "pad": 0.8},
            )
        left += width
    for (name, _), spot, side in zip(
        _parts(pair, results, wording),
        (0, 50, 100),
        ("left", "center", "right"),
        strict=True,
    ):
        axes.text(spot, place - 0.28, name, ha=side, va="bottom")
    axes.text(0, place + 0.28, _share(pair, results, wording), va="top", color=MUTED)


def _share(pair: dict[str, Any], results: Results, wording: Wording) -> str:
    """The share that is tested, with its interval."""
    sides = sides_of(pair, results)
    share, bounds = share_of(pair, sides)
    if share is None:
        return str(pair["message"])
    told = with_interval(f"{percent(share)}%", percent_interval(bounds))
    return f"{wording.arm(sides.arm)} in {told} of the pairs with a preference"


def _parts(
    pair: dict[str, Any], results: Results, wording: Wording
) -> list[tuple[str, int]]:
    sides = sides_of(pair, results)
    own, other = (pair["prefer_second"], pair["prefer_first"])
    if sides.turned:
        own, other = other, own
    return [
        (f"{wording.arm(sides.arm)} preferred", own),
        ("equal", pair["equal"]),
        (f"{wording.arm(sides.against)} preferred", other),
    ]


def _pairs(results: Results) -> list[Any]:
    pairs = in_order(block_of(results, "preference").get("pairs") or [], results)
    return [pair for pair in pairs if pair["n"]]


def description(results: Results, wording: Wording) -> str:
    """The counts of each pair of arms."""
    pairs = _pairs(results)
    if not pairs:
        message = block_of(results, "preference").get("message")
        return str(message or "No pairs were compared.")
    told = " ".join(
        ", ".join(
            f"{name} {number} ({percent(number / pair['n'])}%)"
            for name, number in _parts(pair, results, wording)
        )
        + f" of {counted(pair['n'], 'pair')}; "
        + f"{_share(pair, results, wording).rstrip('.')}."
        for pair in pairs
    )
    return told
