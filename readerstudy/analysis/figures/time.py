"""Seconds per report: quartiles, median and geometric mean of each arm."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from readerstudy.analysis.figures.style import (
    DOUBLE,
    INK,
    hatch,
    quiet_grid,
    shade,
    sheet,
)
from readerstudy.analysis.panels.panel import Results, Wording, block_of
from readerstudy.analysis.panels.signs import in_order, sides_of
from readerstudy.analysis.panels.time import ratio_of
from readerstudy.analysis.wording import (
    coefficient,
    coefficient_interval,
    seconds,
    with_interval,
)

_ROW = 8.0


def draw(results: Results, wording: Wording) -> Figure | None:
    """A bar from the first to the third quartile per arm, from 0."""
    lines = _lines(results)
    if not lines:
        return None
    figure = sheet(DOUBLE, 24 + _ROW * len(lines))
    axes = figure.subplots()
    for place, line in enumerate(lines):
        _draw(axes, place, line)
    axes.set_yticks(range(len(lines)), [wording.arm(line["arm"]) for line in lines])
    axes.set_ylim(len(lines) - 0.5, -0.5)
    ends = [max(line["q3"], line["geometric_mean"] or 0) for line in lines]
    axes.set_xlim(0, 1.04 * max(ends))
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("Active seconds: quartiles, median (line), geometric mean (circle)")
    quiet_grid(axes, "x")
    return figure


def _draw(axes: Axes, place: int, line: dict[str, Any]) -> None:
    axes.barh(
        place,
        line["q3"] - line["q1"],
        left=line["q1"],
        height=0.5,
        color=shade(place),
        hatch=hatch(place),
        edgecolor="white",
        alpha=0.85,
    )
    median, mean = line["median"], line["geometric_mean"]
    axes.plot([median, median], [place - 0.32, place + 0.32], color=INK, linewidth=1.6)
    if mean is not None:
        axes.plot(mean, place, "o", color="white", markeredgecolor=INK, markersize=4.5)
    axes.text(
        1.02,
        place,
        f"median {seconds(median)} s",
        transform=axes.get_yaxis_transform(),
        va="center",
    )


def _lines(results: Results) -> list[dict[str, Any]]:
    lines = block_of(results, "time").get("by_arm") or []
    return [line for line in lines if line["median"] is not None]


def description(results: Results, wording: Wording) -> str:
    """Median and quartiles per arm, and the ratios between arms."""
    block, lines = block_of(results, "time"), _lines(results)
    if not lines:
        return str(block.get("message") or "No times are known.")
    told = "; ".join(
        f"{wording.arm(line['arm'])} median {seconds(line['median'])} s (quartiles "
        f"{seconds(line['q1'])} to {seconds(line['q3'])})"
        for line in lines
    )
    ratios = []
    for pair in in_order(block.get("pairs") or [], results):
        sides = sides_of(pair, results)
        ratio, bounds = ratio_of(pair, sides)
        if ratio is not None:
            text = with_interval(coefficient(ratio), coefficient_interval(bounds))
            name = f"{wording.arm(sides.arm)} over {wording.arm(sides.against)}"
            ratios.append(f" Ratio of geometric means, {name}: {text}.")
    return f"Seconds per report: {told}.{''.join(ratios)}"
