"""Sessions, the order in which arms were seen, and trends over the reading."""

from readerstudy.analysis.panels.grades import rate_text
from readerstudy.analysis.panels.headline import CUTS, at_cut, primary_outcome
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
    NOTHING,
    coefficient,
    interval,
    p_text,
    points,
    seconds,
)

_ORDER = (
    "Comparison",
    "Where first seen",
    "Pairs of grades",
    "Difference, points",
    "95% CI, points",
    "p",
)
_TREND = ("Outcome", "Term", "Estimate", "SE", "p")
_ORDER_NOTE = (
    "Effect of the order: the difference where the arm was seen first minus that where "
    "the other was; clustered by case."
)
_TREND_NOTE = (
    "Success: change of the log odds. Seconds: change of the logarithm, 0.10 being "
    "about 10% longer. Clustered by case."
)
_NONE = (NOTHING, NOTHING)
_OUTCOMES = {"success": "Success", "log_seconds": "Seconds"}
_TERMS = {
    "position_per_50": "50 reports later in the list",
    "period": "A session later",
}


def learning(results: Results, wording: Wording) -> list[Panel]:
    """Success per session; differences by order; a trend model."""
    block = block_of(results, "learning")
    title = f"Success by reading session{at_cut(results)}"
    periods = block.get("periods") or []
    if not periods:
        message = str(block.get("message") or "No reading sessions are known.")
        panels = [further(results, "learning", "learning", title, message=message)]
    else:
        rows = [_period(line, wording) for line in periods]
        rate = f"{CUTS[primary_outcome(results)]}, % (95% CI)"
        columns = ("Session", "Arm", "Grades", rate, "Median, s")
        parts = table(columns, rows, text=2)
        panels = [further(results, "learning", "learning", title, **parts)]
    if orders := in_order(block.get("order") or [], results):
        rows = [row for line in orders for row in _order(line, results, wording)]
        heading = f"Difference by the arm that was seen first{at_cut(results)}"
        parts = table(_ORDER, rows, text=2) | {"notes": (_ORDER_NOTE,)}
        panels.append(further(results, "learning", "learning-order", heading, **parts))
    # Without sessions and positions the sentence above says all there is to say.
    if (trend := block.get("trend")) and block.get("status") != "no_ratings":
        panels.append(_trend(trend, results, wording))
    return panels


def _period(line: Block, wording: Wording) -> Row:
    return Row(
        (
            str(line["period"]),
            wording.arm(line["arm"]),
            str(line["n"]),
            rate_text(line, "success"),
            seconds(line.get("median_seconds")),
        )
    )


def _order(line: Block, results: Results, wording: Wording) -> list[Row]:
    """One row per arm that came first, and the effect; differences keep their sign."""
    sides = sides_of(line, results)
    name = sides.title(wording)
    if line.get("status", "ok") != "ok" and not _known(line):
        return [message_row(name, str(line["message"]))]
    rows = [
        Row((name, wording.arm(line[seen]), str(number), _points(value, sides), *_NONE))
        for seen in ("first", "second")
        for number, value in [
            (
                line.get(f"n_{seen}_seen") or 0,
                line.get(f"difference_when_{seen}_seen_first"),
            )
        ]
    ]
    return [*rows, _effect(name, line)]


def _effect(name: str, line: Block) -> Row:
    """The effect of the order, as the arm's own order minus the other one.

    Turning the arms round turns the sign of both differences and their order, so that
    the effect stays as it is.
    """
    if line.get("order_effect") is None:
        return message_row(name, str(line.get("message") or "No effect of the order."))
    effect = points(line["order_effect"])
    bounds = interval(line.get("ci95"))
    p_value = p_text(line.get("p_value"))
    return Row((name, "Effect of the order", NOTHING, effect, bounds, p_value))


def _known(line: Block) -> bool:
    return any(
        line.get(f"difference_when_{seen}_seen_first") is not None
        for seen in ("first", "second")
    )


def _points(value: float | None, sides: Sides) -> str:
    return points(sides.difference(value))


def _trend(trend: Block, results: Results, wording: Wording) -> Panel:
    title = f"Trends over the reading{at_cut(results)}"
    terms = trend.get("terms") or []
    if not terms:
        message = str(trend.get("message") or "Not estimable.")
        return further(results, "learning", "learning-trend", title, message=message)
    rows = [_term(term, wording) for term in terms]
    parts = table(_TREND, rows, text=2) | {"notes": (_TREND_NOTE,)}
    return further(results, "learning", "learning-trend", title, **parts)


def _term(term: Block, wording: Wording) -> Row:
    outcome = str(term.get("outcome") or "success")
    outcome = _OUTCOMES.get(outcome, outcome)
    text = str(term["term"])
    name = text.removeprefix("arm ")
    title = _TERMS.get(text, text if name == text else wording.arm(name))
    if term["estimate"] is None:
        reason = str(term.get("message") or "Not estimable.")
        return message_row(f"{outcome}, {title}", reason)
    values = coefficient(term["estimate"]), coefficient(term["se"])
    return Row((outcome, title, *values, p_text(term["p_value"])))
