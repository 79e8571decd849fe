"""How far readers agree with themselves about a report that came back."""

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
from readerstudy.analysis.wording import (
    coefficient,
    coefficient_interval,
    percent,
    percent_interval,
    with_interval,
)

TITLE = "Agreement of readers with themselves"
_COLUMNS = ("Reader", "Repeated reports", "Same grade, %", "Quadratic weighted kappa")
_NOTE = "The second grade of a report enters this table alone."


def repeats(results: Results, wording: Wording) -> list[Panel]:
    """All readers, then each reader with repeats."""
    block = block_of(results, "repeats")
    if not block.get("pairs"):
        message = str(block["message"])
        return [further(results, "repeats", "repeats", TITLE, message=message)]
    rows = _rows("All readers", block)
    rows[0] = Row(rows[0].cells, "total")
    for line in block["by_reader"]:
        rows += _rows(line["reader"], line)
    parts = table(_COLUMNS, rows) | {"notes": (_NOTE,)}
    return [further(results, "repeats", "repeats", TITLE, **parts)]


def _rows(name: str, block: Block) -> list[Row]:
    same = with_interval(
        percent(block["percent_agreement"]),
        percent_interval(block.get("percent_agreement_ci95")),
    )
    kappa = with_interval(
        coefficient(block["weighted_kappa"]),
        coefficient_interval(block.get("weighted_kappa_ci95")),
    )
    rows = [Row((name, str(block["pairs"]), same, kappa))]
    if block["message"]:
        rows.append(message_row(name, str(block["message"])))
    return rows
