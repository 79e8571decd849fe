"""Success over the reading sessions, a line per arm."""

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
from readerstudy.analysis.panels.panel import Results, Wording, block_of
from readerstudy.analysis.wording import percent

_HEIGHT = 72.0
_WIDE = 4


def draw(results: Results, wording: Wording) -> Figure | None:
    """A group per session; nothing where all was read in one."""
    rates = _rates(results, wording)
    groups = {rate.group for rate in rates}
    if len(groups) < 2:
        return None
    figure = sheet(SINGLE if len(groups) <= _WIDE else DOUBLE, _HEIGHT)
    axes = figure.subplots()
    series = list(dict.fromkeys(rate.series for rate in rates))
    side_by_side(axes, rates, series, joined=True)
    axes.set_ylim(0, 102)
    axes.set_xlabel("Reading session")
    axes.set_ylabel(f"Success ({_cut(results)}), % (95% CI)")
    quiet_grid(axes, "y")
    legend_above(figure, series)
    return figure


def _cut(results: Results) -> str:
    return CUTS[primary_outcome(results)]


def _rates(results: Results, wording: Wording) -> list[Rate]:
    return [
        rate
        for line in block_of(results, "learning").get("periods") or []
        for rate in share_of(
            str(line["period"]),
            wording.arm(line["arm"]),
            line["success_rate"],
            line["success_ci95"],
        )
    ]


def description(results: Results, wording: Wording) -> str:
    """The success rate of each session and arm."""
    rates = _rates(results, wording)
    if not rates:
        message = block_of(results, "learning").get("message")
        return str(message or "No reading sessions are known.")
    told = "; ".join(
        f"session {rate.group}, {rate.series} {percent(rate.value / 100)}%"
        for rate in rates
    )
    return f"Success ({_cut(results)}): {told}."
