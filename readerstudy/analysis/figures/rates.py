"""Rates with intervals beside each other: a marker per arm in every group."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from readerstudy.analysis.figures.style import (
    INK,
    MUTED,
    marker,
    not_all,
    shade,
    short,
    wrapped,
)

# What a page takes: groups, and signs of their names side by side.
MOST_GROUPS, _SIGNS = 16, 80


@dataclass(frozen=True)
class Rate:
    """A value with its interval, of the arm or series at a place."""

    group: str
    series: str
    value: float
    low: float | None
    high: float | None


def side_by_side(
    axes: Axes, rates: Sequence[Rate], series: Sequence[str], *, joined: bool = False
) -> list[str]:
    """Draw rates over their groups, the series next to each other; returns groups."""
    every = list(dict.fromkeys(rate.group for rate in rates))
    groups = every[:MOST_GROUPS]
    rates = [rate for rate in rates if rate.group in groups]
    axes.set_title(not_all(len(groups), len(every), "groups"), loc="left", color=MUTED)
    step = 0.6 / max(len(series), 1)
    for place, name in enumerate(series):
        own = [rate for rate in rates if rate.series == name]
        shift = (place - (len(series) - 1) / 2) * step
        spots = [groups.index(rate.group) + shift for rate in own]
        for spot, rate in zip(spots, own, strict=True):
            if rate.low is not None and rate.high is not None:
                axes.plot(
                    [spot, spot], [rate.low, rate.high], color=shade(place), linewidth=1
                )
        axes.plot(
            spots,
            [rate.value for rate in own],
            marker(place),
            color=shade(place),
            markersize=4.2,
            linestyle=(0, (1, 2)) if joined else "none",
            linewidth=0.8,
            markeredgecolor=INK,
            markeredgewidth=0.4,
            label=name,
        )
    width = max(6, _SIGNS // len(groups))
    names = [wrapped(short(group), width) for group in groups]
    axes.set_xticks(range(len(groups)), names)
    axes.set_xlim(-0.6, len(groups) - 0.4)
    return groups


def share_of(
    group: str,
    series: str,
    share: float | None,
    bounds: Sequence[float | None] | None,
) -> list[Rate]:
    """A share and its interval in percent; none where there is no share."""
    if share is None:
        return []
    low, high = bounds or (None, None)
    limits = [None if limit is None else 100 * limit for limit in (low, high)]
    return [Rate(group, series, 100 * share, limits[0], limits[1])]
