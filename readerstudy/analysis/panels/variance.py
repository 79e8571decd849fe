"""Where the difference between two arms varies: readers, cases, the rest."""

from readerstudy.analysis.panels.headline import at_cut
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
    percent,
)

TITLE = "Variance of the difference"
_PARTS = {
    "reader_by_arm": "Readers who treat the arms differently",
    "case_by_arm": "Cases whose reports differ in quality",
    "residual": "The rest",
}
_COLUMNS = ("Comparison", "Part", "Mean square", "Variance", "Share, %")
_SQUARES = {"reader_by_arm": "msr", "case_by_arm": "msc", "residual": "mse"}
_NOTE = (
    "From the two-way analysis of variance of the difference of success, readers by "
    "cases; a negative component counts as 0."
)


def variance(results: Results, wording: Wording) -> list[Panel]:
    """Three rows for every two arms."""
    pairs = in_order(listed(results, "variance"), results)
    title = TITLE + at_cut(results)
    if not pairs:
        message = why_none(results, "variance")
        return [further(results, "sensitivity", "variance", title, message=message)]
    rows, notes = [], []
    for pair in pairs:
        name = sides_of(pair, results).title(wording)
        rows += _rows(name, pair)
        correlation = pair.get("same_report_correlation")
        if correlation is not None:
            notes.append(
                f"{name}: two readers' differences on one case correlate by "
                f"{coefficient(correlation)}."
            )
    parts = table(_COLUMNS, rows, text=2) | {"notes": (*notes, _NOTE)}
    return [further(results, "sensitivity", "variance", title, **parts)]


def _rows(name: str, pair: Block) -> list[Row]:
    if pair.get("residual") is None:
        return [message_row(name, str(pair["message"]))]
    shares = pair.get("shares") or {}
    return [
        Row(
            (
                name,
                title,
                _small(pair.get(_SQUARES[part])),
                _small(pair[part]),
                percent(shares.get(part)),
            )
        )
        for part, title in _PARTS.items()
    ]


def _small(value: float | None) -> str:
    return coefficient(None) if value is None else f"{value:.4f}"
