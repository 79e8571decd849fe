"""Precision, recall, specificity and F1 of counts; what is 0/0 is undefined (NaN)."""

import numpy as np
import numpy.typing as npt

from readerstudy.analysis.statistics.findings.counts import FN, FP, TN, TP

Counts = npt.NDArray[np.float64]

METRICS = ("precision", "recall", "specificity", "f1")
NO_PAIRS = "No study has a label on both sides that counts under this policy."
NO_WEIGHT = (
    "Undefined: no label for which it is defined has a positive in the reference, so "
    "none has weight."
)
WHY_UNDEFINED = {
    "precision": "Undefined (0/0): no study is called positive.",
    "recall": "Undefined (0/0): no study is positive in the reference.",
    "specificity": "Undefined (0/0): no study is negative in the reference.",
    "f1": "Undefined (0/0): no study is positive on either side.",
}


def scores_of(counts: Counts) -> Counts:
    """`scores[..., metric]` of `counts[..., cell]`, in the order of METRICS.

    F1 = 2TP / (2TP + FP + FN): it is 0, not undefined, where nothing positive was
    found though there was something to find or something was called.
    """
    tp, fp, fn, tn = (counts[..., cell] for cell in (TP, FP, FN, TN))
    above = np.stack([tp, tp, tn, 2 * tp], axis=-1)
    below = np.stack([tp + fp, tp + fn, tn + fp, 2 * tp + fp + fn], axis=-1)
    found = np.full(above.shape, np.nan)
    np.divide(above, below, out=found, where=below > 0)
    return found
