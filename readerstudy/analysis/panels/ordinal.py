"""The grades as an ordered scale: A = 1 to D = 4, averaged per case."""

from readerstudy.analysis.panels.panel import (
    Block,
    Panel,
    Results,
    Row,
    Wording,
    further,
    listed,
    message_row,
    table,
    why_none,
)
from readerstudy.analysis.panels.signs import in_order, sides_of
from readerstudy.analysis.wording import (
    coefficient,
    coefficient_interval,
    p_text,
)

TITLE = "Mean grade per case"
_COLUMNS = (
    "Comparison",
    "Cases",
    "Arm",
    "Other",
    "Difference",
    "95% CI",
    "p",
    "Wilcoxon p",
)
_NOTE = (
    "A is 1 and D is 4, so a lower mean is better. The interval is clustered by case; "
    "Wilcoxon's signed-rank test is on case means."
)


def ordinal(results: Results, wording: Wording) -> list[Panel]:
    """One row for every two arms."""
    pairs = in_order(listed(results, "ordinal"), results)
    if not pairs:
        message = why_none(results, "ordinal")
        return [further(results, "ordinal", "ordinal", TITLE, message=message)]
    rows = [_row(pair, results, wording) for pair in pairs]
    parts = table(_COLUMNS, rows) | {"notes": (_NOTE,)}
    return [further(results, "ordinal", "ordinal", TITLE, **parts)]


def _row(pair: Block, results: Results, wording: Wording) -> Row:
    sides = sides_of(pair, results)
    if pair["difference"] is None:
        return message_row(sides.title(wording), str(pair["message"]))
    own, other = sides.parts(pair, "mean_{}")
    return Row(
        (
            sides.title(wording),
            str(pair["cases"]),
            coefficient(own),  # type: ignore[arg-type]
            coefficient(other),  # type: ignore[arg-type]
            coefficient(sides.difference(pair["difference"])),
            coefficient_interval(sides.interval(pair["ci95"])),
            p_text(pair["p_value"]),
            p_text(pair["wilcoxon_p"]),
        )
    )
