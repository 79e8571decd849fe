"""Share of reads in which an error of a category was marked, per arm."""

from matplotlib.figure import Figure

from readerstudy.analysis.figures.style import (
    DOUBLE,
    INK,
    hatch,
    legend_above,
    quiet_grid,
    shade,
    sheet,
)
from readerstudy.analysis.panels.errors import category_name, counts_of
from readerstudy.analysis.panels.panel import Block, Results, Wording, block_of
from readerstudy.analysis.wording import (
    percent,
    percent_interval,
    with_interval,
)

_BAR = 4.6


def draw(results: Results, wording: Wording) -> Figure | None:
    """A group of bars per category, a bar per arm, with intervals."""
    lines = _lines(results)
    if not lines:
        return None
    categories = list(dict.fromkeys(line["category"] for line in lines))
    arms = list(dict.fromkeys(line["arm"] for line in lines))
    figure = sheet(DOUBLE, 22 + _BAR * len(categories) * (len(arms) + 0.5))
    axes = figure.subplots()
    height = 0.8 / len(arms)
    for place, arm in enumerate(arms):
        own = [line for line in lines if line["arm"] == arm]
        shift = (place - (len(arms) - 1) / 2) * height
        spots = [categories.index(line["category"]) + shift for line in own]
        axes.barh(
            spots,
            [100 * line["share"] for line in own],
            height=0.9 * height,
            color=shade(place),
            hatch=hatch(place),
            edgecolor="white",
            label=wording.arm(arm),
        )
        for spot, line in zip(spots, own, strict=True):
            if bounds := line["share_ci95"]:
                low, high = 100 * bounds[0], 100 * bounds[1]
                # White around it, so that it shows on a dark bar too.
                for colour, width in (("white", 2.4), (INK, 0.9)):
                    axes.plot([low, high], [spot, spot], color=colour, linewidth=width)
    axes.set_yticks(range(len(categories)), list(map(category_name, categories)))
    axes.set_ylim(len(categories) - 0.45, -0.55)
    axes.set_xlim(left=0)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("Reads with such an error, % (95% CI)")
    quiet_grid(axes, "x")
    legend_above(figure, list(map(wording.arm, arms)))
    return figure


def _lines(results: Results) -> list[Block]:
    return [line for line in counts_of(results) if line["share"] is not None]


def description(results: Results, wording: Wording) -> str:
    """The share of reads with an error of each category, per arm."""
    lines = _lines(results)
    if not lines:
        return str(block_of(results, "errors").get("message") or "No errors marked.")
    told = "; ".join(
        f"{category_name(line['category'])}, {wording.arm(line['arm'])} "
        + with_interval(
            f"{percent(line['share'])}%", percent_interval(line["share_ci95"])
        )
        for line in lines
    )
    return f"Share of reads with a marked error: {told}."
