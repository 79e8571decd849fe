"""Scores of findings as tables for people: the paper's layout, counts, differences."""

from collections.abc import Mapping
from typing import Any

from readerstudy.analysis.panels.findings_compared import differences, f1chexbert
from readerstudy.analysis.panels.findings_quoted import quoted as quoted
from readerstudy.analysis.panels.panel import Panel, Row, table
from readerstudy.analysis.panels.score_text import NOT_THERE
from readerstudy.analysis.panels.score_text import value_text as value_text
from readerstudy.analysis.statistics.findings.groups import titled
from readerstudy.analysis.statistics.findings.scores import METRICS
from readerstudy.analysis.wording import (
    percent,
    sentence_case,
    whole,
)

Results = Mapping[str, Any]

_METRIC_TITLES = dict(
    zip(METRICS, ("Precision", "Recall", "Specificity", "F1"), strict=True)
)
_AVERAGES = (
    "Averages are of unlike kinds and not to be compared with each other: micro pools "
    "all labels, macro is the plain mean of the labels, weighted is their mean by how "
    "often each is positive in the reference."
)


def findings_panels(results: Results) -> list[Panel]:
    """Every table of a scoring, the paper's layout first."""
    return [
        layout(results),
        *counts(results),
        *differences(results),
        labels(results),
        *f1chexbert(results),
        *quoted(results),
    ]


def layout(results: Results, metric: str = "f1") -> Panel:
    """The paper's layout: a row per label, a column per model."""
    models = [each["name"] for each in results["models"]]
    by_label = {(row["model"], row["label"]): row for row in results["scores"]}
    rows = [
        Row(
            (
                each["label"],
                *(
                    _score(by_label.get((name, each["label"])), metric)
                    for name in models
                ),
            )
        )
        for each in results["labels"]
        if each["included"]
    ]
    by_average = {
        (row["model"], row["group"], row["average"]): row for row in results["averages"]
    }
    for group, average, names in _averages(results):
        cells = (_score(by_average[name, group, average], metric) for name in models)
        title = f"{sentence_case(average)} average, {titled(group, names)}"
        rows.append(Row((title, *cells), "total"))
    return Panel(
        name=f"findings_{metric}",
        title=f"{_METRIC_TITLES[metric]} of each finding (95% CI)",
        message="" if rows else str(results["message"] or ""),
        **table(("Finding", *models), rows),
        notes=tuple(_notes(results)),
    )


def counts(results: Results) -> list[Panel]:
    """A table per model: what stands behind each score."""
    columns = (
        "Finding",
        "Studies",
        "Coverage, %",
        "TP",
        "FP",
        "FN",
        "TN",
        *_METRIC_TITLES.values(),
    )
    found = []
    for number, model in enumerate(results["models"], 1):
        rows = [
            _counted(row, row["label"], muted=not row["included"])
            for row in results["scores"]
            if row["model"] == model["name"]
        ]
        rows += [
            _counted(
                row,
                f"{sentence_case(row['average'])}, "
                f"{titled(row['group'], row['labels'])}",
                is_total=True,
            )
            for row in results["averages"]
            if row["model"] == model["name"]
        ]
        found.append(
            Panel(
                name=f"findings_counts_{number}",
                title=f"Counts and scores of {model['name']} (95% CI)",
                **table(columns, rows),
                notes=(_COUNTS_NOTE,),
            )
        )
    return found


_COUNTS_NOTE = (
    "Studies are those scored for the label, summed over the labels of an average; "
    "coverage is their share. Labels in grey are scored but enter no average."
)


def labels(results: Results) -> Panel:
    """What the reference holds, and why a label is left out of the averages."""
    rows = []
    for each in results["labels"]:
        held = each["reference"] or {}
        numbers = (
            whole(held.get(key))
            for key in ("positive", "negative", "uncertain", "blank")
        )
        reason = each["exclusion_reason"] or ""
        rows.append(
            Row(
                (each["label"], *numbers, reason or "included"),
                "muted" if reason else "",
            )
        )
    columns = (
        "Finding",
        "Positive",
        "Negative",
        "Uncertain",
        "Blank",
        "In the averages, or why not",
    )
    parts = table(columns, rows)
    parts["numbers"] = frozenset(range(1, 5))
    return Panel(
        name="findings_labels",
        title="Labels of the reference, and which enter the averages",
        **parts,
        notes=(_limits(results),),
    )


def _score(row: Mapping[str, Any] | None, metric: str) -> str:
    """A score; N/A where the model has no such label."""
    if row is None:
        return NOT_THERE
    block = row[metric]
    if block["value"] is None and "no column" in (block["message"] or ""):
        return NOT_THERE
    return value_text(block["value"], block["ci95"])


def _averages(results: Results) -> list[tuple[str, str, list[str]]]:
    """Group, average and labels of every average, in their order."""
    found = {
        (row["group"], row["average"]): row["labels"] for row in results["averages"]
    }
    return [(group, average, names) for (group, average), names in found.items()]


def _counted(
    row: Mapping[str, Any], title: str, *, muted: bool = False, is_total: bool = False
) -> Row:
    cells = (
        title,
        whole(row["n_pairs"]),
        percent(row["coverage"]),
        *(whole(row[cell]) for cell in ("tp", "fp", "fn", "tn")),
        *(value_text(row[each]["value"], row[each]["ci95"]) for each in METRICS),
    )
    return Row(cells, "muted" if muted else "total" if is_total else "")


def _limits(results: Results) -> str:
    settings = results["settings"]
    on = {
        "reference_definite": "the reference's labels",
        "joint_definite": "the pairs scored, for every model",
    }[settings["counted_on"]]
    share, count = settings["minimum_share"], settings["minimum_count"]
    asked = [f"is at least {100 * share:g}% of both"] if share else []
    if count:
        asked.append(f"has at least {count} {'study' if count == 1 else 'studies'}")
    if not asked:
        return "No label is left out of the averages for being rare."
    return (
        f"A label enters the averages where its smaller class {' and '.join(asked)}, "
        f"counted on {on}."
    )


def _notes(results: Results) -> list[str]:
    settings = results["settings"]
    reasons: dict[str, list[str]] = {}
    for each in results["labels"]:
        if each["exclusion_reason"]:
            reasons.setdefault(each["exclusion_reason"], []).append(each["label"])
    left_out = [f"{', '.join(names)}: {reason}" for reason, names in reasons.items()]
    notes = [
        f"Studies: {results['studies']['n']}. Policy {settings['policy']}: "
        f"{settings['policy_sentence']}",
        f"95% CI: {settings['ci_method']}, {settings['draws']} draws, seed "
        f"{settings['seed']}.",
        _AVERAGES,
    ]
    if left_out:
        notes.append(f"Not averaged. {' '.join(left_out)}")
    return [*notes, *results["cautions"]]
