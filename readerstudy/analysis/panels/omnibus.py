"""All arms at once: Cochran's Q and the clustered Q, with their layout."""

from typing import Any

from readerstudy.analysis.panels.panel import (
    Block,
    Panel,
    Results,
    Row,
    Wording,
    further,
    message_row,
    table,
)
from readerstudy.analysis.wording import NOTHING, counted, degrees, p_clause, p_text

TITLE = "All arms at once"
_COLUMNS = ("Test", "Rows", "Columns", "Q", "df", "p")
_NOTES = (
    "Cochran's Q: one row per reader and case with a grade in every arm, one column "
    "per arm; it treats each reader's rating of the same report as new information.",
    "Clustered Q: one row per case, the successes of all its readers added up per arm; "
    "it speaks of these readers.",
)


def omnibus(results: Results, wording: Wording) -> list[Panel]:
    """Both tests at the cut-point A or B, then at A alone."""
    panels = [Panel(name="omnibus", title=TITLE, **_tests(results), notes=_NOTES)]
    if stringent := results.get("stringent"):
        title = f"{TITLE}, A alone as success"
        panels.append(
            further(
                results, "stringent", "omnibus-stringent", title, **_tests(stringent)
            )
        )
    return panels


def _tests(block: Results) -> dict[str, Any]:
    cochran, clustered = block["cochran_q"], block["clustered_q"]
    rows = [
        _row("Cochran's Q, row-level", cochran, cochran["blocks"], cochran["columns"]),
        _row("Clustered Q", clustered, clustered["cases"], cochran["columns"]),
    ]
    return table(_COLUMNS, rows)


def _row(name: str, test: Block, rows: int | None, columns: int | None) -> Row:
    if test["status"] != "ok":
        return message_row(name, str(test.get("message") or "Not estimable."))
    layout = NOTHING if rows is None else str(rows), str(columns)
    statistic = f"{test['statistic']:.2f}"
    return Row((name, *layout, statistic, degrees(test["df"]), p_text(test["p_value"])))


def cochran_sentence(cochran: Block) -> str:
    """Cochran's Q with rows, columns and df, or why it is not given."""
    if cochran["status"] != "ok":
        reason = str(cochran.get("message") or "Not estimable.")
        return f"Cochran's Q: {reason[0].lower()}{reason[1:]}"
    rows = counted(cochran["blocks"], "complete row")
    layout = f"{rows} (reader and case), {counted(cochran['columns'], 'column')} (arms)"
    statistic = f"{cochran['statistic']:.2f}, df {cochran['df']}"
    return f"Cochran's Q {statistic}, {p_clause(cochran['p_value'])}; {layout}."
