"""The paper's own rows as tables, marked as quoted."""

from collections.abc import Mapping
from typing import Any

from readerstudy.analysis.panels.panel import Panel, Row, table
from readerstudy.analysis.panels.score_text import NOT_THERE, value_text

Results = Mapping[str, Any]


def quoted(results: Results) -> list[Panel]:
    """Tables as the paper printed them, in its layout."""
    panels = []
    for name in dict.fromkeys(row["table"] for row in results["published"]):
        rows = [row for row in results["published"] if row["table"] == name]
        models = list(dict.fromkeys(row["model"] for row in rows))
        lines = list(dict.fromkeys((row["label"], row["labels"]) for row in rows))
        cells = {(row["model"], row["label"], row["labels"]): row for row in rows}
        body = [
            Row(
                (
                    label or f"Average printed, {over} labels",
                    *(_printed(cells.get((model, label, over))) for model in models),
                ),
                "" if label else "total",
            )
            for label, over in lines
        ]
        kinds = dict.fromkeys(
            (row["average"], row["basis"]) for row in rows if row["basis"]
        )
        notes = [f"Quoted, not computed here. Source: {rows[0]['source']}."]
        for average, basis in kinds:
            whose = dict.fromkeys(
                row["model"] for row in rows if row["average"] == average
            )
            notes.append(f"Average of {', '.join(whose)}: {average}. {basis}")
        panels.append(
            Panel(
                name=f"findings_quoted_{name}",
                title=f"Quoted from the paper: {rows[0]['title']}, F1 (95% CI)",
                **table(("Finding", *models), body),
                notes=tuple(notes),
            )
        )
    return panels


def _printed(row: Mapping[str, Any] | None) -> str:
    return value_text(row["f1"], [row["low"], row["high"]]) if row else NOT_THERE
