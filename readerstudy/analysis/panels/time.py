"""Time on task per arm, and the ratio of geometric means between arms."""

from readerstudy.analysis.panels.panel import (
    Block,
    Panel,
    Results,
    Row,
    Wording,
    block_of,
    further,
    message_row,
    table,
)
from readerstudy.analysis.panels.signs import Sides, in_order, sides_of
from readerstudy.analysis.wording import (
    coefficient,
    coefficient_interval,
    p_text,
    seconds,
)

_BY_ARM = (
    "Arm",
    "Reads",
    "Median, s",
    "Quartiles, s",
    "Geometric mean, s",
    "Over 30 minutes",
)
_PAIRS = ("Comparison", "Pairs of reads", "Cases", "Ratio", "95% CI", "p")
_NOTE = (
    "Ratio of geometric means of active seconds, from differences of logarithms "
    "clustered by case; 1 is no difference."
)


def time(results: Results, wording: Wording) -> list[Panel]:
    """Seconds per arm, then the ratio for every two arms."""
    block = block_of(results, "time")
    title = "Time on task"
    if not block.get("by_arm"):
        message = str(block["message"])
        return [further(results, "time", "time", title, message=message)]
    rows = [
        Row(
            (
                wording.arm(line["arm"]),
                str(line["n"]),
                seconds(line["median"]),
                f"{seconds(line['q1'])} to {seconds(line['q3'])}",
                seconds(line["geometric_mean"]),
                str(line["over_30_minutes"]),
            )
        )
        for line in block["by_arm"]
    ]
    panels = [further(results, "time", "time", title, **table(_BY_ARM, rows))]
    if pairs := in_order(block.get("pairs") or [], results):
        ratios = [_ratio(pair, results, wording) for pair in pairs]
        parts = table(_PAIRS, ratios) | {"notes": (_NOTE,)}
        heading = "Time on task: ratio between the arms"
        panels.append(further(results, "time", "time-ratio", heading, **parts))
    return panels


def _ratio(pair: Block, results: Results, wording: Wording) -> Row:
    sides = sides_of(pair, results)
    name = f"{wording.arm(sides.arm)} over {wording.arm(sides.against)}"
    ratio, bounds = ratio_of(pair, sides)
    if ratio is None:
        return message_row(name, str(pair["message"]))
    return Row(
        (
            name,
            str(pair["n"]),
            str(pair["cases"]),
            coefficient(ratio),
            coefficient_interval(bounds),
            p_text(pair["p_value"]),
        )
    )


def ratio_of(pair: Block, sides: Sides) -> tuple[float | None, list[float] | None]:
    """The ratio and its interval, arm over the other."""
    ratio, bounds = pair["ratio"], pair["ci95"]
    if ratio is None or not sides.turned:
        return ratio, bounds
    return 1 / ratio, [1 / bounds[1], 1 / bounds[0]] if bounds else None
