"""Success by reader and arm: a number in every cell."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from readerstudy.analysis.figures.style import (
    DOUBLE,
    INK,
    MUTED,
    SINGLE,
    not_all,
    sheet,
    short,
    wrapped,
)
from readerstudy.analysis.panels.headline import CUTS, primary_outcome
from readerstudy.analysis.panels.panel import Results, Wording
from readerstudy.analysis.wording import percent

_ROW = 7.0
# What a page takes: rows, and signs of the arms' names side by side.
_MOST_READERS, _SIGNS = 28, 90
_WIDE = 4
_LIGHT_TEXT_FROM = 0.72
_RAMP = LinearSegmentedColormap.from_list("success", ["#ffffff", "#1f4e63"])


def draw(results: Results, wording: Wording) -> Figure | None:
    """A row per reader, a column per arm; darker is more often a success."""
    rows = results["by_reader"]
    if not rows:
        return None
    outcome = primary_outcome(results)
    everyone = list(dict.fromkeys(row["reader"] for row in rows))
    readers = everyone[:_MOST_READERS]
    arms = results["design"]["arms"]
    shares = np.full((len(readers), len(arms)), np.nan)
    for row in rows:
        if row["reader"] not in readers:
            continue
        place = readers.index(row["reader"]), arms.index(row["arm"])
        shares[place] = row[f"{outcome}_rate"]
    width = SINGLE if len(arms) < _WIDE else DOUBLE
    figure = sheet(width, 28 + _ROW * len(readers))
    axes = figure.subplots()
    axes.pcolormesh(shares[::-1], cmap=_RAMP, vmin=0, vmax=1, edgecolors="white")
    for (row, column), share in np.ndenumerate(shares[::-1]):
        axes.text(
            column + 0.5,
            row + 0.5,
            "not read" if np.isnan(share) else percent(float(share)),
            ha="center",
            va="center",
            color="white" if share > _LIGHT_TEXT_FROM else INK,
        )
    axes.set_xticks(
        np.arange(len(arms)) + 0.5,
        [wrapped(wording.arm(arm), max(6, _SIGNS // len(arms))) for arm in arms],
    )
    axes.set_yticks(np.arange(len(readers)) + 0.5, list(map(short, readers[::-1])))
    axes.tick_params(length=0)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.set_xlabel(not_all(len(readers), len(everyone), "readers"), color=MUTED)
    axes.set_title(f"Success ({CUTS[outcome]}), %")
    return figure


def description(results: Results, wording: Wording) -> str:
    """The success rate of every reader and arm."""
    rows = results["by_reader"]
    if not rows:
        return str(results.get("message") or "No grades.")
    outcome = primary_outcome(results)
    cells = "; ".join(
        f"{row['reader']}, {wording.arm(row['arm'])} {percent(row[f'{outcome}_rate'])}%"
        for row in rows
    )
    return f"Success ({CUTS[outcome]}): {cells}."
