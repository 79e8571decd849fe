"""F1CheXbert's figures under the names that RadEval gives them.

Positive and uncertain count as positive, all else as negative; every study is kept.
What is 0/0 counts as 0 here, and only here, since the published figures of the metric
do so; `zero_division` names the labels.
"""

from typing import Any

import numpy as np

from inference.chexpert import FINDINGS
from readerstudy.analysis.statistics.findings.averages import AVERAGES
from readerstudy.analysis.statistics.findings.counts import FN, TN, TP, Cells, cells_of
from readerstudy.analysis.statistics.findings.csv_rows import listed
from readerstudy.analysis.statistics.findings.groups import FIVE
from readerstudy.analysis.statistics.findings.joined import Joined
from readerstudy.analysis.statistics.findings.policies import POLICIES
from readerstudy.analysis.statistics.findings.scores import METRICS, scores_of
from readerstudy.analysis.statistics.sentences import Block, block

_F1 = METRICS.index("f1")
_SETS = {"5": FIVE, "all": FINDINGS}
_KEYS = (*(f"{average}_f1" for average in AVERAGES), "accuracy")
FIGURES = tuple(f"f1chexbert_{name}_{key}" for name in _SETS for key in _KEYS)


def f1chexbert(tables: Joined) -> list[Block]:
    """Per model: `f1chexbert_{5,all}_{micro,macro,weighted}_f1`, `..._accuracy`.

    Accuracy is the share of studies whose labels of the set all agree. A set with a
    label that has no column on either side has null figures and a sentence.
    """
    cells = cells_of(tables, POLICIES["uncertain_as_positive"])
    return [
        {"model": name, **_figures(cells, place)}
        for place, name in enumerate(tables.models)
    ]


def _figures(cells: Cells, model: int) -> Block:
    counts = cells.totals[model]
    scores = scores_of(counts)[:, _F1]
    held = cells.held[model]
    figures: dict[str, Any] = {}
    messages = []
    for name, labels in _SETS.items():
        mask = np.array([label in labels for label in FINDINGS])
        absent = [label for label in labels if not held[FINDINGS.index(label)]]
        found = _set(cells, model, mask) if not absent else dict.fromkeys(_KEYS)
        figures |= {f"f1chexbert_{name}_{key}": value for key, value in found.items()}
        if absent:
            messages.append(
                f"No figures over {'the five' if name == '5' else 'all'} labels: there "
                f"is no column for {listed(absent)} on both sides."
            )
    figures["f1chexbert_labels_f1"] = {
        label: float(np.nan_to_num(scores[place])) if held[place] else None
        for place, label in enumerate(FINDINGS)
    }
    figures["zero_division"] = [
        label
        for place, label in enumerate(FINDINGS)
        if held[place] and np.isnan(scores[place])
    ]
    status = "columns_missing" if messages else "ok"
    return block(status, " ".join(messages) or None, **figures)


def _set(cells: Cells, model: int, mask: Any) -> dict[str, Any]:
    counts = cells.totals[model][mask]
    f1 = np.nan_to_num(scores_of(counts)[:, _F1])
    support = counts[:, TP] + counts[:, FN]
    micro = np.nan_to_num(scores_of(counts.sum(axis=0))[_F1])
    weighted = float(support @ f1 / support.sum()) if support.any() else 0.0
    right = cells.study[:, model][:, mask][..., [TP, TN]].sum(axis=-1).min(axis=-1)
    accuracy = float(np.mean(right, dtype=np.float64))
    figures = (float(micro), float(f1.mean()), weighted, accuracy)
    return dict(zip(_KEYS, figures, strict=True))
