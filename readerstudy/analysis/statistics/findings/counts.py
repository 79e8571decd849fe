"""True and false positives and negatives of every model and label, study by study."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inference.chexpert import FINDINGS
from readerstudy.analysis.statistics.findings.joined import Joined
from readerstudy.analysis.statistics.findings.label_tables import UNCERTAIN, Floats
from readerstudy.analysis.statistics.findings.policies import Policy

Bools = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.float32]

TP, FP, FN, TN = range(4)
CELLS = ("tp", "fp", "fn", "tn")
REASONS = ("uncertain_ref", "blank_ref", "uncertain_gen", "blank_gen")


@dataclass(frozen=True)
class Cells:
    """What every study is, for every model and label, under a policy.

    study      `study[study, model, label, cell]`: 1 in the cell that the pair falls in;
               all four are 0 where it is no pair
    reference  `reference[study, label]`: 1 and 0 under the policy, NaN where left out
    held       `held[model, label]`: both sides have a column for the label
    excluded   `excluded[model, label, reason]`: studies that are no pair, each counted
               once under the first reason that holds, in the order of REASONS
    dropped    `dropped[model, label]`: positives of the reference that are no pair
    """

    study: Whole
    reference: Floats
    held: Bools
    excluded: npt.NDArray[np.int64]
    dropped: npt.NDArray[np.int64]

    @property
    def totals(self) -> Floats:
        """`totals[model, label, cell]` over all studies."""
        return np.asarray(self.study.sum(axis=0, dtype=np.float64))


def cells_of(tables: Joined, policy: Policy) -> Cells:
    """Sort every study into its cell."""
    in_reference = _columns(tables.reference_present)
    in_model = np.stack([_columns(tables.present[name]) for name in tables.models])
    reference = policy.applied(tables.reference)
    reference[:, ~in_reference] = np.nan
    # [study, model, label]
    raw = tables.predicted.swapaxes(0, 1)
    predicted = policy.applied(raw)
    predicted[:, ~in_model] = np.nan
    sure = ~np.isnan(reference)[:, np.newaxis, :]
    pair = sure & ~np.isnan(predicted)
    positive = (reference == 1)[:, np.newaxis, :]
    called = predicted == 1
    study = np.stack(
        [
            pair & positive & called,
            pair & ~positive & called,
            pair & positive & ~called,
            pair & ~positive & ~called,
        ],
        axis=-1,
    )
    doubted = (tables.reference == UNCERTAIN)[:, np.newaxis, :]
    reasons = [
        ~sure & doubted,
        ~sure & ~doubted,
        sure & ~pair & (raw == UNCERTAIN),
        sure & ~pair & (raw != UNCERTAIN),
    ]
    shape = pair.shape
    return Cells(
        study=study.astype(np.float32),
        reference=reference,
        held=in_reference & in_model,
        excluded=np.stack(
            [np.broadcast_to(each, shape).sum(axis=0) for each in reasons], axis=-1
        ),
        dropped=(positive & ~pair).sum(axis=0),
    )


def _columns(present: tuple[str, ...]) -> Bools:
    return np.array([finding in present for finding in FINDINGS], dtype=np.bool_)
