"""Label policies: which labels of a study count, and as what.

A label is positive (1), negative (0), uncertain (-1) or blank (NaN). A policy says what
becomes of the last two on both sides alike; a study of which either side is left with
nothing is no pair of that label.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

PolicyName = Literal[
    "definite_joint",
    "uncertain_as_positive",
    "uncertain_as_negative",
    "blank_as_negative",
    "uncertain_as_positive_without_blank",
    "uncertain_as_negative_without_blank",
]


@dataclass(frozen=True)
class Policy:
    """What uncertain and blank labels become: 1, 0, or None for left out."""

    name: PolicyName
    uncertain: Literal[1, 0] | None
    blank: Literal[0] | None
    sentence: str

    def applied(self, labels: Floats) -> Floats:
        """Labels as 1 and 0; NaN where the policy leaves one out."""
        found = labels.copy()
        found[labels == -1] = np.nan if self.uncertain is None else self.uncertain
        if self.blank is not None:
            found[np.isnan(labels)] = self.blank
        return found


_ALL = (
    Policy(
        "definite_joint",
        None,
        None,
        "A study counts for a label where both sides are definite, positive or "
        "negative; uncertain and blank labels are left out. This is the paper's rule.",
    ),
    Policy(
        "uncertain_as_positive",
        1,
        0,
        "Uncertain counts as positive and blank as negative, on both sides; every "
        "study is kept. This is the convention of F1CheXbert.",
    ),
    Policy(
        "uncertain_as_negative",
        0,
        0,
        "Positive alone counts as positive; negative, uncertain and blank count as "
        "negative, on both sides; every study is kept.",
    ),
    Policy(
        "blank_as_negative",
        None,
        0,
        "Blank counts as negative on both sides; a study with an uncertain label on "
        "either side is left out.",
    ),
    Policy(
        "uncertain_as_positive_without_blank",
        1,
        None,
        "Uncertain counts as positive; a study with a blank label on either side is "
        "left out.",
    ),
    Policy(
        "uncertain_as_negative_without_blank",
        0,
        None,
        "Uncertain counts as negative; a study with a blank label on either side is "
        "left out.",
    ),
)

POLICIES: dict[str, Policy] = {policy.name: policy for policy in _ALL}
