"""Scores of findings side by side: differences of models, and F1CheXbert's figures."""

from collections.abc import Mapping
from typing import Any

from readerstudy.analysis.panels.panel import Panel, Row, message_row, table
from readerstudy.analysis.panels.score_text import value_text
from readerstudy.analysis.statistics.findings.f1chexbert import FIGURES
from readerstudy.analysis.wording import NOTHING, coefficient, p_text, sentence_case

Results = Mapping[str, Any]

_KINDS = ("micro F1", "macro F1", "weighted F1", "accuracy")
_F1CHEXBERT_NOTE = (
    "Positive and uncertain count as positive, negative and blank as negative, and "
    "every study is kept; an F1 of 0/0 counts as 0. Accuracy is the share of studies "
    "whose labels all agree. Not comparable with scores of another policy."
)


def differences(results: Results) -> list[Panel]:
    """F1 of two models: difference, interval and p values."""
    rows = []
    for row in results["differences"]:
        if not row["included"]:
            continue
        what = row["label"] or f"{sentence_case(row['average'])}, {row['group']}"
        block = row["f1"]
        names = (f"{row['second']} minus {row['first']}", what)
        if block["difference"] is None:
            rows.append(message_row(*names, str(block["message"])))
            continue
        rows.append(
            Row(
                (
                    *names,
                    value_text(block["difference"], block["ci95"]),
                    NOTHING if block["p_value"] is None else p_text(block["p_value"]),
                    NOTHING if block["holm_p"] is None else p_text(block["holm_p"]),
                ),
                "" if row["label"] else "total",
            )
        )
    if not rows:
        return []
    columns = ("Models", "Finding", "Difference of F1 (95% CI)", "p", "p, Holm")
    settings = results["settings"]
    note = (
        f"p of a two-sided test that swaps the two models study by study "
        f"({settings['permutations']} times); it is not corrected for the number of "
        "findings. Holm's correction is over the included findings of two models."
    )
    return [
        Panel(
            name="findings_differences",
            title="Differences between models",
            **table(columns, rows, text=2),
            notes=(note,),
        )
    ]


def f1chexbert(results: Results) -> list[Panel]:
    rows = []
    notes = []
    for block in results["f1chexbert"]:
        cells = (coefficient(block[key]) for key in FIGURES)
        rows.append(Row((block["model"], *cells)))
        if block["message"]:
            notes.append(f"{block['model']}: {block['message']}")
    columns = (
        "Model",
        *(f"{over}, {kind}" for over in ("5", "All") for kind in _KINDS),
    )
    return [
        Panel(
            name="findings_f1chexbert",
            title="The convention of F1CheXbert",
            **table(columns, rows),
            notes=(_F1CHEXBERT_NOTE, *notes),
        )
    ]
