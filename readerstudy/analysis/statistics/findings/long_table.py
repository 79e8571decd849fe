"""The long table: a row per model and label, and per model, label set and average."""

from collections.abc import Mapping
from typing import Any

from inference.chexpert import FINDINGS
from readerstudy.analysis.statistics.findings.counts import CELLS, REASONS
from readerstudy.analysis.statistics.findings.f1chexbert import FIGURES
from readerstudy.analysis.statistics.findings.scores import METRICS
from readerstudy.csv_text import csv_text

Row = dict[str, Any]

NO_COLUMN = "The model has no column for it."

_BOUNDS = tuple(
    f"{metric}{part}" for metric in METRICS for part in ("", "_lo", "_hi", "_status")
)
COLUMNS = (
    "model",
    "is_reader",
    "reference",
    "section",
    "policy",
    "label",
    "average",
    "label_set",
    "labels_in_set",
    "n_studies",
    "n_pairs",
    "coverage",
    "coverage_of_reference",
    *(f"excluded_{reason}" for reason in REASONS),
    "dropped_positives",
    *CELLS,
    "support_pos",
    "support_neg",
    *_BOUNDS,
    "included",
    "exclusion_reason",
    "message",
    "n_boot",
    "seed",
    "ci_method",
    *(f"undefined_draws_{metric}" for metric in METRICS),
    "minimum_share",
    "minimum_count",
    "counted_on",
    "preset",
    "labeler",
    "labeler_version",
    "labels_source",
    "generated_at",
    "quoted",
    "quoted_from",
)
DIFFERENCE_COLUMNS = (
    "first",
    "second",
    "policy",
    "label",
    "average",
    "label_set",
    "included",
    "metric",
    "difference",
    "difference_lo",
    "difference_hi",
    "p_value",
    "holm_p",
    "status",
    "message",
    "undefined_draws",
    "undefined_permutations",
    "n_boot",
    "n_permutations",
    "seed",
)


def long_table(results: Mapping[str, Any]) -> list[Row]:
    """Every row of findings.csv; quoted rows of the paper come last and say so."""
    readers = {each["name"] for each in results["models"] if each["is_reader"]}
    common = _common(results)
    scored = {(found["model"], found["label"]): found for found in results["scores"]}
    rows = []
    for model in results["models"]:
        for label in results["labels"]:
            found = scored.get((model["name"], label["label"]))
            row = _row(found, readers) if found else _absent(model, label)
            rows.append({**common, **row, "average": "none"})
    for found in results["averages"]:
        rows.append(
            {
                **common,
                **_row(found, readers),
                "label": "",
                "label_set": found["group"],
                "labels_in_set": "; ".join(found["labels"]),
                "included": True,
            }
        )
    return rows + [_quoted(row) for row in results["published"]]


def long_csv(results: Mapping[str, Any]) -> str:
    """findings.csv."""
    return csv_text(COLUMNS, long_table(results))


def differences_csv(results: Mapping[str, Any]) -> str:
    """differences.csv: a row per two models, label or average, and metric."""
    settings = results["settings"]
    shared = {
        "policy": settings["policy"],
        "n_boot": settings["draws"],
        "n_permutations": settings["permutations"],
        "seed": settings["seed"],
    }
    rows = []
    for found in results["differences"]:
        for metric in METRICS:
            block = found[metric]
            low, high = block["ci95"] or (None, None)
            rows.append(
                {
                    **shared,
                    **found,
                    **block,
                    "label": found["label"] or "",
                    "label_set": found["group"] or "",
                    "metric": metric,
                    "difference_lo": low,
                    "difference_hi": high,
                }
            )
    return csv_text(DIFFERENCE_COLUMNS, rows)


def f1chexbert_csv(results: Mapping[str, Any]) -> str:
    """f1chexbert.csv: a row per model, under the names that RadEval gives."""
    rows = [
        {
            **found,
            "zero_division": "; ".join(found["zero_division"]),
            **{
                f"f1_{label}": found["f1chexbert_labels_f1"][label]
                for label in FINDINGS
            },
        }
        for found in results["f1chexbert"]
    ]
    per_label = (f"f1_{label}" for label in FINDINGS)
    columns = ("model", *FIGURES, *per_label, "zero_division", "status", "message")
    return csv_text(columns, rows)


def _common(results: Mapping[str, Any]) -> Row:
    settings = results["settings"]
    origin = settings["origin"]
    return {
        "reference": results["studies"]["reference"],
        "section": origin["section"],
        "policy": settings["policy"],
        "n_studies": results["studies"]["n"],
        "n_boot": settings["draws"],
        "seed": settings["seed"],
        "ci_method": settings["ci_method"],
        "minimum_share": settings["minimum_share"],
        "minimum_count": settings["minimum_count"],
        "counted_on": settings["counted_on"],
        "preset": settings["preset"],
        "labeler": origin["labeler"],
        "labeler_version": origin["labeler_version"],
        "labels_source": origin["source"],
        "generated_at": origin["made_at"],
        "quoted": False,
    }


def _absent(model: Mapping[str, Any], label: Mapping[str, Any]) -> Row:
    """The row of a label that a model has no column for."""
    return {
        "model": model["name"],
        "is_reader": model["is_reader"],
        "label": label["label"],
        "included": False,
        "exclusion_reason": label["exclusion_reason"] or NO_COLUMN,
    }


def _row(found: Mapping[str, Any], readers: set[str]) -> Row:
    row: Row = {key: value for key, value in found.items() if key in COLUMNS}
    row["is_reader"] = found["model"] in readers
    for reason in REASONS:
        row[f"excluded_{reason}"] = found["excluded"][reason]
    said = []
    for metric in METRICS:
        block = found[metric]
        low, high = block["ci95"] or (None, None)
        row |= {
            metric: block["value"],
            f"{metric}_lo": low,
            f"{metric}_hi": high,
            f"{metric}_status": block["status"],
            f"undefined_draws_{metric}": block["undefined_draws"],
        }
        if block["message"]:
            said.append(f"{metric}: {block['message']}")
    row["message"] = " ".join(said)
    return row


def _quoted(row: Mapping[str, Any]) -> Row:
    """A printed row: what the paper does not say stays empty."""
    return {
        "model": row["model"],
        "reference": row["title"],
        "label": row["label"],
        "average": row["average"],
        "labels_in_set": row["labels"] or "",
        "f1": row["f1"],
        "f1_lo": row["low"],
        "f1_hi": row["high"],
        "included": True,
        "message": row["basis"],
        "quoted": True,
        "quoted_from": f"{row['table']}: {row['source']}",
    }
