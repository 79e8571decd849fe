"""Micro, macro and weighted averages over labels, for one table or many draws at once.

micro     the cells of all labels are pooled, then scored; common and often called
          labels weigh more
macro     the plain mean of the labels' scores
weighted  their mean, weighted by how often a label is positive in the reference

A mean is over the labels whose score is defined in the data; `used` says which. Those
labels stay the same in every draw: a draw that leaves one of them undefined leaves the
mean undefined.
"""

import numpy as np
import numpy.typing as npt

from readerstudy.analysis.statistics.findings.counts import FN, TP
from readerstudy.analysis.statistics.findings.scores import Counts, scores_of

Bools = npt.NDArray[np.bool_]

AVERAGES = ("micro", "macro", "weighted")


def averages_of(counts: Counts, labels: Bools, used: Bools) -> Counts:
    """`averages[..., average, metric]` of `counts[..., label, cell]`.

    `labels[label]` are those that are averaged; `used[..., label, metric]` those of
    them whose score is defined in the data.
    """
    chosen = counts[..., labels, :]
    use = used[..., labels, :]
    scores = scores_of(chosen)
    support = (chosen[..., TP] + chosen[..., FN])[..., np.newaxis] * use
    plain = np.broadcast_to(use, scores.shape)
    return np.stack(
        [
            scores_of(chosen.sum(axis=-2)),
            _mean(scores, plain.astype(np.float64)),
            _mean(scores, support),
        ],
        axis=-2,
    )


def _mean(scores: Counts, weights: Counts) -> Counts:
    """Weighted mean over labels; a label without weight decides nothing."""
    parts = np.where(weights > 0, weights * scores, 0.0).sum(axis=-2)
    total = weights.sum(axis=-2)
    found = np.full(parts.shape, np.nan)
    np.divide(parts, total, out=found, where=total > 0)
    return found
