"""The primary result with what was excluded left out, and had it not been."""

from readerstudy.analysis.panels.headline import (
    answer_of,
    interval_of,
    level_of,
    primary_outcome,
)
from readerstudy.analysis.panels.panel import Block, Panel, Results, Row, Wording, table
from readerstudy.analysis.panels.signs import in_order, sides_of
from readerstudy.analysis.wording import NOTHING, counted, interval, p_text, points

TITLE = "With and without exclusions"
_COLUMNS = ("Comparison", "Reads", "Difference, points", "{} CI, points", "p")


def exclusions(results: Results, wording: Wording) -> list[Panel]:
    """Each comparison at the primary cut-point twice; none without exclusions."""
    everything = results.get("without_exclusions")
    if not everything:
        return []
    cut = primary_outcome(results)
    # What the blocks share: the panel of the headline reads either.
    whole = {**results, **everything}
    main = results if cut == "success" else results["stringent"]
    rows = _rows("exclusions as made", main["pairs"], results, cut, wording)
    rows += _rows("nothing excluded", everything["pairs"], whole, cut, wording)
    levels = {level_of(answer_of(pair, cut, results)) for pair in main["pairs"]}
    named = " or ".join(sorted(levels))
    columns = tuple(column.format(named) for column in _COLUMNS)
    note = (
        f"{counted(everything['excluded'], 'graded read')} left out. The first is the "
        "result; the second says how much it owes to the exclusions."
    )
    return [
        Panel("exclusions", TITLE, **table(columns, rows), notes=(note,)),
    ]


def _rows(
    name: str, pairs: list[Block], results: Results, cut: str, wording: Wording
) -> list[Row]:
    rows = []
    for pair in in_order(pairs, results):
        answer = answer_of(pair, cut, results)
        known = pair["difference"] is not None
        cells = (
            f"{sides_of(pair, results).title(wording)}, {name}",
            str(pair["n"]),
            points(answer["difference"]) if known else NOTHING,
            interval(interval_of(answer)),
            p_text(answer["p_value"]),
        )
        rows.append(Row(cells))
    return rows
