"""Sessions, the order in which arms were seen, and trends over the reading."""

from readerstudy.analysis.panels.grades import rate_text
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
    p_text,
    points,
    seconds,
)

_PERIODS = ("Session", "Arm", "Grades", "A or B, % (95% CI)", "Median, s")
_ORDER = ("Comparison", "Seen first", "Reads", "Difference, points")
_TREND = ("Term", "Log odds", "SE", "p")


def learning(results: Results, wording: Wording) -> list[Panel]:
    """Success per session; differences by order; a trend model."""
    block = block_of(results, "learning")
    title = "Success by reading session"
    periods = block.get("periods") or []
    if not periods:
        message = str(block.get("message") or "No reading sessions are known.")
        panels = [further(results, "learning", "learning", title, message=message)]
    else:
        rows = [_period(line, wording) for line in periods]
        parts = table(_PERIODS, rows, text=2)
        panels = [further(results, "learning", "learning", title, **parts)]
    if orders := in_order(block.get("order") or [], results):
        rows = [row for line in orders for row in _order(line, results, wording)]
        heading = "Difference by the arm that was seen first"
        parts = table(_ORDER, rows, text=2)
        panels.append(further(results, "learning", "learning-order", heading, **parts))
    if trend := block.get("trend"):
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
    """One row per arm that came first; the difference keeps its sign."""
    sides = sides_of(line, results)
    name = sides.title(wording)
    if line.get("status", "ok") != "ok" and not _known(line):
        return [message_row(name, str(line["message"]))]
    return [
        Row((name, wording.arm(line[seen]), str(number), _points(value, sides)))
        for seen in ("first", "second")
        for number, value in [
            (
                line.get(f"n_{seen}_seen") or 0,
                line.get(f"difference_when_{seen}_seen_first"),
            )
        ]
    ]


def _known(line: Block) -> bool:
    return any(
        line.get(f"difference_when_{seen}_seen_first") is not None
        for seen in ("first", "second")
    )


def _points(value: float | None, sides: Sides) -> str:
    return points(sides.difference(value))


def _trend(trend: Block, results: Results, wording: Wording) -> Panel:
    title = "Trend of success over the reading"
    terms = trend.get("terms") or []
    if not terms:
        message = str(trend.get("message") or "Not estimable.")
        return further(results, "learning", "learning-trend", title, message=message)
    rows = [
        Row(
            (
                str(term["term"]),
                coefficient(term["estimate"]),
                coefficient(term["se"]),
                p_text(term["p_value"]),
            )
        )
        for term in terms
    ]
    return further(results, "learning", "learning-trend", title, **table(_TREND, rows))
