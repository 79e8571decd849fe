"""The sets of labels that averages are taken over; every average names its set."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inference.chexpert import FINDINGS
from readerstudy.analysis.statistics.findings.averages import Bools
from readerstudy.analysis.statistics.findings.csv_rows import listed

# The competition labels of CheXpert, which CheXzero, F1CheXbert and Table 3 average.
FIVE = (
    "Atelectasis",
    "Cardiomegaly",
    "Consolidation",
    "Edema",
    "Pleural Effusion",
)


@dataclass(frozen=True)
class Group:
    """A set of labels by name: included, common or five."""

    name: str
    labels: tuple[str, ...]

    @property
    def mask(self) -> Bools:
        """`mask[label]`: whether a finding belongs to the group."""
        return np.array([label in self.labels for label in FINDINGS], dtype=np.bool_)

    def lacking(self, held: Bools) -> str:
        """Why a model, with columns `held[label]`, has no average over the group."""
        absent = [
            label
            for label, has in zip(FINDINGS, held, strict=True)
            if label in self.labels and not has
        ]
        return f"No average: it has no column for {listed(absent)}." if absent else ""


def groups_of(included: Bools, held: Bools) -> tuple[Group, ...]:
    """All included labels; those of them that every model has; the five, if all are in.

    `included[label]` and `held[model, label]`. A group that would repeat the first is
    left out; the five are always there under a name of their own.
    """
    every = _names(included)
    groups = [Group("included", every)] if every else []
    common = _names(included & held.all(axis=0))
    if common and set(common) not in (set(every), set(FIVE)):
        groups.append(Group("common", common))
    if set(FIVE) <= set(every):
        groups.append(Group("five", tuple(label for label in every if label in FIVE)))
    return tuple(groups)


def _names(mask: Bools) -> tuple[str, ...]:
    return tuple(label for label, has in zip(FINDINGS, mask, strict=True) if has)


def titled(group: str, labels: Sequence[str]) -> str:
    """The group for people."""
    number = len(labels)
    noun = "label" if number == 1 else "labels"
    return {
        "included": f"{number} included {noun}",
        "common": f"{number} {noun} that every model has",
        "five": "5 CheXpert competition labels",
    }[group]
