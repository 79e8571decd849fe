"""A comparison as tables for people; every number comes out of the stored results."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from readerstudy.analysis.panels.findings import findings_panels, quoted, value_text
from readerstudy.analysis.panels.panel import Panel, Row, table
from readerstudy.analysis.statistics.findings.groups import titled
from readerstudy.analysis.wording import (
    NOTHING,
    coefficient,
    coefficient_interval,
    counted,
)

Results = Mapping[str, Any]
AVERAGES = ("macro", "micro", "weighted")
_UNLIKE = (
    "Compare like with like only. Macro is the plain mean of the findings; micro pools "
    "all pairs, so that common findings weigh more; weighted is the mean by how often "
    "a finding is present in the reference."
)


def headline(results: Results) -> str:
    """What was found, in a sentence that names its average."""
    found = [
        (model, _average(results, model, "included", "macro"))
        for model in models_of(results)
    ]
    scored = [(model, each) for model, each in found if each is not None]
    if not scored:
        return str(results.get("message") or "Nothing could be scored.")
    over = counted(len(scored[0][1]["labels"]), "finding")
    told = "; ".join(
        f"{model} {score(each['f1'])}{_undefined(results, model, each['labels'])}"
        for model, each in scored
    )
    return f"Macro-averaged F1 over {over}: {told}."


def _undefined(results: Results, model: str, labels: list[str]) -> str:
    """How many findings a mean goes without, as the end of a sentence."""
    found = sum(
        each["f1"]["value"] is not None
        for each in results["scores"]
        if each["model"] == model and each["label"] in labels
    )
    return "" if found in (0, len(labels)) else f", a mean of the {found} that have one"


def models_of(results: Results) -> list[str]:
    """The names of what was compared, in the order of the results."""
    return [each["name"] for each in results.get("models", [])]


def score(metric: Mapping[str, Any] | None) -> str:
    """A score with its interval; a dash where there is none."""
    return value_text(metric["value"], metric["ci95"]) if metric else NOTHING


def _average(
    results: Results, model: str, group: str, average: str
) -> Mapping[str, Any] | None:
    for each in results.get("averages", []):
        if (each["model"], each["group"], each["average"]) == (model, group, average):
            found: Mapping[str, Any] = each
            return found
    return None


@dataclass(frozen=True)
class Tables:
    """The tables of a comparison: those on the page, and those folded away below."""

    averages: Panel | None
    shown: list[Panel]
    folded: list[Panel]


def tables(
    results: Results, metrics: Mapping[str, Any], *, shows_quoted: bool
) -> Tables:
    """Every table of a comparison, in the order of the page.

    shows_quoted   the paper's printed tables stand beside one's own
    """
    layout, *others = findings_panels(results)
    printed = {panel.name for panel in quoted(results)}
    shown, folded = [_without_averages(layout)], []
    for panel in others:
        if panel.name in printed:
            shown += [panel] if shows_quoted else []
        elif panel.name == "findings_differences":
            shown.append(_averages_alone(panel))
            folded.append(panel)
        elif panel.name == "findings_labels":
            shown.append(panel)
        else:
            folded.append(panel)
    if metrics.get("rows"):
        shown.append(of_texts(metrics))
    return Tables(averages(results), shown, folded)


def _without_averages(layout: Panel) -> Panel:
    """The paper's layout without what stands in tables of its own on the page."""
    elsewhere = ("Not averaged.", "Averages are of unlike kinds")
    return replace(
        layout,
        rows=tuple(row for row in layout.rows if row.kind != "total"),
        notes=tuple(each for each in layout.notes if not each.startswith(elsewhere)),
    )


def _averages_alone(panel: Panel) -> Panel:
    """Differences of the averages; those of single findings are folded away."""
    return replace(
        panel,
        name="averages_differences",
        title="Differences of the averages",
        rows=tuple(row for row in panel.rows if row.kind in {"total", "message"}),
        notes=(*panel.notes, "Those of each finding stand below."),
    )


def averages(results: Results) -> Panel | None:
    """The three averages side by side, each under its name; None without any."""
    if not results["averages"]:
        return None
    rows = []
    for group in dict.fromkeys(each["group"] for each in results["averages"]):
        for model in models_of(results):
            held = [_average(results, model, group, each) for each in AVERAGES]
            first = next((each for each in held if each), None)
            if first is None:
                continue
            over = titled(group, first["labels"])
            cells = [score(each["f1"]) if each else NOTHING for each in held]
            rows.append(Row((model, over, *cells)))
    columns = ("Compared", "Over", *(f"{each.title()} F1" for each in AVERAGES))
    return Panel(
        name="averages",
        title="Averages side by side",
        **table(columns, rows, text=2),
        notes=(_UNLIKE, *_cautions(results)),
    )


def _cautions(results: Results) -> list[str]:
    """What is to be said about single averages: findings that they go without."""
    macro = [each for each in results["averages"] if each["average"] == "macro"]
    return [
        f"{each['model']}, {titled(each['group'], each['labels'])}: "
        f"{each['f1']['message']}"
        for each in macro
        if each["f1"]["value"] is not None and each["f1"]["message"]
    ]


def of_texts(metrics: Mapping[str, Any]) -> Panel:
    """Metrics of whole texts, computed here or elsewhere."""
    rows = [
        Row(
            (
                each["metric"],
                each["source"],
                str(each["n"]),
                coefficient(each["mean"]),
                coefficient_interval(each["ci95"]),
                coefficient(each["median"]),
                "this site"
                if each["origin"] in {"", "readerstudy"}
                else each["origin"],
            )
        )
        for each in metrics["rows"]
    ]
    columns = ("Metric", "Source", "Cases", "Mean", "95% CI", "Median", "Computed by")
    return Panel(
        name="texts",
        title="Metrics of the texts",
        columns=columns,
        rows=tuple(rows),
        numbers=frozenset({2, 3, 4, 5}),
        notes=(
            "Word overlap knows nothing of findings: a report that misses the "
            "pneumothorax can score high. Metrics of other programs are quoted from "
            "their files as they are.",
            *metrics.get("notes", ()),
        ),
    )
