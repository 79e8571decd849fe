"""Agreement coefficients with their intervals, for all arms and per arm."""

from matplotlib.figure import Figure

from readerstudy.analysis.figures.rates import Rate, side_by_side
from readerstudy.analysis.figures.style import (
    DOUBLE,
    MUTED,
    legend_above,
    quiet_grid,
    sheet,
)
from readerstudy.analysis.panels.agreement import COEFFICIENTS, scopes
from readerstudy.analysis.panels.panel import Results, Wording
from readerstudy.analysis.wording import (
    coefficient,
    coefficient_interval,
    with_interval,
)

_HEIGHT = 75.0


def draw(results: Results, wording: Wording) -> Figure | None:
    """A group per coefficient, a marker per scope."""
    rates = _rates(results, wording)
    if not rates:
        return None
    figure = sheet(DOUBLE, _HEIGHT)
    axes = figure.subplots()
    series = list(dict.fromkeys(rate.series for rate in rates))
    groups = side_by_side(axes, rates, series)
    axes.set_xticks(range(len(groups)), [_lines(group) for group in groups])
    axes.axhline(0, color=MUTED, linewidth=0.6)
    axes.set_ylim(min(0.0, *(_lowest(rate) for rate in rates)) - 0.05, 1.03)
    axes.set_ylabel("Coefficient (95% CI)")
    quiet_grid(axes, "y")
    legend_above(figure, series)
    return figure


def _lines(name: str) -> str:
    return name.replace(", ", ",\n")


def _lowest(rate: Rate) -> float:
    return rate.value if rate.low is None else rate.low


def _rates(results: Results, wording: Wording) -> list[Rate]:
    rates = []
    for scope, block in scopes(results, wording).items():
        for key, title in COEFFICIENTS.items():
            if block[key] is not None:
                low, high = block.get(f"{key}_ci95") or (None, None)
                rates.append(Rate(title, scope, block[key], low, high))
    return rates


def description(results: Results, wording: Wording) -> str:
    """Every coefficient with its interval."""
    rates = _rates(results, wording)
    if not rates:
        return str(results["agreement"]["all"]["message"])
    told = "; ".join(
        f"{rate.group}, {rate.series} "
        + with_interval(
            coefficient(rate.value), coefficient_interval([rate.low, rate.high])
        )
        for rate in rates
    )
    return f"Coefficients with 95% intervals: {told}."
