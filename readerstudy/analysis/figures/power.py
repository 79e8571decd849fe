"""Curves of power over the number of cases, a line for every number of readers."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

# Told apart in grey by dash and marker.
_STYLES = (
    ("#1f4e63", "o", "-"),
    ("#a8581b", "s", "--"),
    ("#5c3d7a", "^", "-."),
    ("#4d7a2f", "D", ":"),
    ("#8a2320", "v", (0, (5, 1, 1, 1, 1, 1))),
)
_USUAL = 0.8


@dataclass(frozen=True)
class Curve:
    """Power at some numbers of cases, with its Monte-Carlo standard error."""

    cases: tuple[int, ...]
    power: tuple[float, ...]
    se: tuple[float, ...]


def power_curves(
    curves: Mapping[str, Mapping[int, Curve]], *, chosen: tuple[int, float] | None
) -> Figure:
    """One panel for every way of inference, `curves[title][readers]`.

    Bars are two standard errors. `chosen` marks the plan's cases and power in the
    first panel.
    """
    figure = Figure(figsize=(3.4 * len(curves) + 0.6, 3.3), layout="constrained")
    panels = figure.subplots(1, len(curves), sharey=True, squeeze=False)[0]
    for axes, (title, lines) in zip(panels, curves.items(), strict=True):
        _panel(axes, title, lines)
        axes.label_outer()
    if chosen:
        panels[0].plot(
            *chosen,
            marker="o",
            markersize=13,
            markerfacecolor="none",
            markeredgecolor="black",
            linestyle="none",
            label="this study",
        )
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, fontsize=8, frameon=False, loc="outside right upper")
    return figure


def _panel(axes: Any, title: str, lines: Mapping[int, Curve]) -> None:
    axes.axhline(_USUAL, color="#868c90", linewidth=0.8)
    for (readers, line), (colour, marker, dash) in zip(
        lines.items(), cycle(_STYLES), strict=False
    ):
        axes.errorbar(
            line.cases,
            line.power,
            yerr=[2 * se for se in line.se],
            color=colour,
            marker=marker,
            markersize=4.5,
            linestyle=dash,
            linewidth=1.4,
            elinewidth=0.8,
            label="1 reader" if readers == 1 else f"{readers} readers",
        )
    axes.set_title(title, fontsize=10)
    axes.set_xlabel("Cases")
    axes.set_ylabel("Power")
    axes.set_ylim(0, 1.02)
    axes.set_xlim(left=0)
    axes.spines[["top", "right"]].set_visible(False)
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
