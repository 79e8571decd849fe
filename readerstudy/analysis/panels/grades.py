"""Grades counted per arm, over all readers and for each."""

from readerstudy.analysis.panels.panel import (
    Block,
    Kind,
    Panel,
    Results,
    Row,
    Wording,
    grades_by_arm,
    table,
)
from readerstudy.analysis.panels.table5 import counted_share
from readerstudy.analysis.statistics.sentences import NO_RATINGS, ONE_CASE
from readerstudy.analysis.statistics.table import GRADES
from readerstudy.analysis.wording import (
    NOTHING,
    percent,
    percent_interval,
    with_interval,
)

TITLE = "Grades by arm and reader"
_COLUMNS = (
    "Reader",
    "Arm",
    *(f"{letter}, n (%)" for letter in GRADES),
    "Grades",
    "A or B, % (95% CI)",
    "A alone, % (95% CI)",
)
_NOTE = "Intervals after Wilson, row-level: every grade counts on its own."


def grades(results: Results, wording: Wording) -> list[Panel]:
    """All readers first, then each reader."""
    if not results["grades"]:
        message = str(results.get("message") or NO_RATINGS)
        return [Panel(name="grades", title=TITLE, message=message)]
    one_case = results["status"] == "one_case"
    rows = [
        _row("All readers", arm, counts, wording, one_case=one_case, kind="total")
        for arm, counts in grades_by_arm(results)
    ]
    rows += [
        _row(counts["reader"], counts["arm"], counts, wording, one_case=one_case)
        for counts in results["by_reader"]
    ]
    parts = table(_COLUMNS, rows, text=2)
    note = ONE_CASE if one_case else _NOTE
    return [Panel(name="grades", title=TITLE, **parts, notes=(note,))]


def rate_text(counts: Block, outcome: str, *, one_case: bool = False) -> str:
    """A success rate in percent with its interval; one case allows none."""
    rate, bounds = counts[f"{outcome}_rate"], counts[f"{outcome}_ci95"]
    interval = NOTHING if one_case else percent_interval(bounds)
    return with_interval(percent(rate), interval)


def _row(
    reader: str,
    arm: str,
    counts: Block,
    wording: Wording,
    *,
    one_case: bool,
    kind: Kind = "",
) -> Row:
    letters = [counted_share(counts[letter], counts["n"]) for letter in GRADES]
    rates = [
        rate_text(counts, outcome, one_case=one_case)
        for outcome in ("success", "stringent")
    ]
    cells = (reader, wording.arm(arm), *letters, str(counts["n"]), *rates)
    return Row(cells, kind)
