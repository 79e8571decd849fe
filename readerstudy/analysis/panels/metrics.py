"""Metrics of reports as a table for people: how graders agree with them."""

from collections.abc import Mapping
from typing import Any

from readerstudy.analysis.panels.panel import Panel, Row, message_row, table
from readerstudy.analysis.panels.score_text import value_text
from readerstudy.analysis.wording import whole

_UNITS = {"report": "reports, mean grade", "read": "single reads"}
_TURNED = (
    "Kendall's tau-b, turned so that above 0 means: the better a report by the metric, "
    "the better its grades. Intervals are percentiles of a bootstrap over cases."
)


def agreement_panel(agreement: Mapping[str, Any]) -> Panel:
    """The rows of `agreement_with_grades`; a metric without direction is shown raw."""
    body = []
    for row in agreement["metrics"]:
        names = (row["metric"], row["source"] or "all sources", _UNITS[row["unit"]])
        turned = row["better"] != "neither"
        value = row["agreement"] if turned else row["tau"]
        if value is None:
            body.append(message_row(*names, str(row["message"])))
            continue
        bounds = row["agreement_ci95"] if turned else row["ci95"]
        numbers = (whole(row[name]) for name in ("n", "cases", "readers"))
        body.append(Row((*names, *numbers, value_text(value, bounds))))
    columns = ("Metric", "Source", "Unit", "n", "Cases", "Readers", "Tau (95% CI)")
    return Panel(
        name="metric_agreement",
        title="Metrics and the readers' grades",
        **table(columns, body, text=3),
        notes=(_TURNED, *agreement["warnings"]),
    )
