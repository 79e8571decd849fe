"""Success per stratum and arm."""

from matplotlib.figure import Figure

from readerstudy.analysis.figures.rates import Rate, share_of, side_by_side
from readerstudy.analysis.figures.style import (
    DOUBLE,
    SINGLE,
    legend_above,
    quiet_grid,
    sheet,
)
from readerstudy.analysis.panels.headline import CUTS, primary_outcome
from readerstudy.analysis.panels.panel import Results, Wording
from readerstudy.analysis.panels.strata import stratum_name
from readerstudy.analysis.wording import percent

_HEIGHT = 72.0
_WIDE = 6


def draw(results: Results, wording: Wording) -> Figure | None:
    """A group per stratum; nothing where there is only one."""
    rates = _rates(results, wording)
    if len({rate.group for rate in rates}) < 2:
        return None
    figure = sheet(SINGLE if len(rates) <= _WIDE else DOUBLE, _HEIGHT)
    axes = figure.subplots()
    series = [wording.arm(arm) for arm in results["design"]["arms"]]
    side_by_side(axes, rates, series)
    axes.set_ylim(0, 102)
    axes.set_ylabel(f"Success ({CUTS[primary_outcome(results)]}), % (95% CI)")
    quiet_grid(axes, "y")
    legend_above(figure, series)
    return figure


def _rates(results: Results, wording: Wording) -> list[Rate]:
    outcome = primary_outcome(results)
    return [
        rate
        for row in results["by_stratum"]
        for rate in share_of(
            stratum_name(row["stratum"]),
            wording.arm(row["arm"]),
            row[f"{outcome}_rate"],
            row[f"{outcome}_ci95"],
        )
    ]


def description(results: Results, wording: Wording) -> str:
    """The success rate of each stratum and arm."""
    rates = _rates(results, wording)
    if len({rate.group for rate in rates}) < 2:
        return "The cases belong to one stratum."
    told = "; ".join(
        f"{rate.group}, {rate.series} {percent(rate.value / 100)}%" for rate in rates
    )
    return f"Success ({CUTS[primary_outcome(results)]}): {told}."
