"""Errors that readers marked, by category and arm."""

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
from readerstudy.analysis.panels.signs import in_order, sides_of
from readerstudy.analysis.wording import (
    coefficient,
    coefficient_interval,
    p_text,
    percent,
    percent_interval,
    sentence_case,
    with_interval,
)

SIGNIFICANT = "significant"
_BY_ARM = (
    "Category",
    "Arm",
    "Reads",
    "Errors",
    "Errors per read",
    "Reads with any, n",
    "% (95% CI)",
)
_PAIRS = ("Category", "Comparison", "Difference per read", "95% CI", "p", "p, Holm")
_NOTE = (
    "Difference of errors per read, clustered by case. Holm: over the categories of "
    "two arms. Clinically significant are those of all marked errors that matter."
)


def errors(results: Results, wording: Wording) -> list[Panel]:
    """Counts per category and arm, then differences."""
    block = block_of(results, "errors")
    title = "Marked errors by category"
    lines = counts_of(results)
    if not lines:
        message = str(block["message"])
        return [further(results, "errors", "errors", title, message=message)]
    rows = [_count(line, wording) for line in lines]
    panels = [further(results, "errors", "errors", title, **table(_BY_ARM, rows, 2))]
    if pairs := _ordered(block.get("pairs") or [], results):
        differences = [_difference(line, results, wording) for line in pairs]
        parts = table(_PAIRS, differences, 2) | {"notes": (_NOTE,)}
        heading = "Marked errors: difference between the arms"
        panels.append(further(results, "errors", "errors-pairs", heading, **parts))
    return panels


def category_name(category: str) -> str:
    """A category as people read it."""
    if category == SIGNIFICANT:
        return "Clinically significant"
    return sentence_case(category.replace("_", " "))


def counts_of(results: Results) -> list[Block]:
    """Counts by category and arm, the errors that matter last."""
    lines = block_of(results, "errors").get("by_arm") or []
    return sorted(lines, key=_is_significant)


def _is_significant(line: Block) -> bool:
    return bool(line["category"] == SIGNIFICANT)


def _ordered(pairs: list[Block], results: Results) -> list[Block]:
    """Two arms after two arms, in each the errors that matter last."""
    names = [(pair["first"], pair["second"]) for pair in in_order(pairs, results)]
    return sorted(
        pairs,
        key=lambda pair: (
            names.index((pair["first"], pair["second"])),
            _is_significant(pair),
        ),
    )


def _count(line: Block, wording: Wording) -> Row:
    share = with_interval(percent(line["share"]), percent_interval(line["share_ci95"]))
    return Row(
        (
            category_name(line["category"]),
            wording.arm(line["arm"]),
            str(line["reports"]),
            str(line["errors"]),
            coefficient(line["per_report"]),
            str(line["with_error"]),
            share,
        )
    )


def _difference(line: Block, results: Results, wording: Wording) -> Row:
    sides = sides_of(line, results)
    category, name = category_name(line["category"]), sides.title(wording)
    if line["difference"] is None:
        return message_row(f"{category}, {name}", str(line["message"]))
    return Row(
        (
            category,
            name,
            coefficient(sides.difference(line["difference"])),
            coefficient_interval(sides.interval(line["ci95"])),
            p_text(line["p_value"]),
            p_text(line.get("holm_p")),
        )
    )
