"""From a data set's own labels to the fourteen CheXpert names, by an explicit table.

A label belongs under a CheXpert name where the CheXpert labeler files the words of that
label under it (Irvin et al., 2019); each module says where it departs. What the table
does not have is counted and named, never guessed.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from inference.chexpert import NO_FINDING, SUPPORT_DEVICES
from inference.datasets.record import ABSENT, PRESENT, UNCERTAIN, Notes

# In CheXpert's tree the first is said by each of the second. The labeler does not add
# it, nor is it added here; but where a child is present, it is not called absent.
_IMPLIED_BY = {
    "Lung Opacity": (
        "Edema",
        "Consolidation",
        "Pneumonia",
        "Atelectasis",
        "Lung Lesion",
    ),
    "Enlarged Cardiomediastinum": ("Cardiomegaly",),
}


@dataclass(frozen=True)
class LabelTable:
    """How the labels of one data set are read.

    present    labels that say a finding is there, with its CheXpert names
    uncertain  labels that say it may be there
    others     labels of abnormalities that CheXpert has no name for: not normal
    normal     the label of a normal study
    silent     labels that say nothing of findings, such as "unchanged": beside them
               nothing is called absent or normal
    complete   whether a finding that is not labelled is absent
    """

    present: Mapping[str, tuple[str, ...]]
    normal: str
    others: Collection[str] = ()
    uncertain: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    silent: Collection[str] = ()
    complete: bool = True

    def knows(self, label: str) -> bool:
        """Whether the table has this label."""
        return label == self.normal or any(
            label in each
            for each in (self.present, self.others, self.uncertain, self.silent)
        )

    def read(self, labels: Iterable[str], notes: Notes) -> dict[str, int]:
        """CheXpert names to 1, 0 or -1 for the labels of one study."""
        own = {label for label in labels if label}
        unknown = [label for label in own if not self.knows(label)]
        notes.unknown.update(unknown)
        found = {
            name: UNCERTAIN for label in own for name in self.uncertain.get(label, ())
        }
        for label in own:
            found.update(dict.fromkeys(self.present.get(label, ()), PRESENT))
        is_plain = not unknown and not any(label in self.silent for label in own)
        pathology = [name for name, mark in found.items() if mark == PRESENT]
        if set(pathology) - {SUPPORT_DEVICES} or any(one in self.others for one in own):
            found[NO_FINDING] = ABSENT
        elif own == {self.normal}:
            found[NO_FINDING] = PRESENT
        if self.complete and own and is_plain:
            self._add_absent(found)
        return found

    def _add_absent(self, found: dict[str, int]) -> None:
        names = {name for each in self.present.values() for name in each}
        for name in sorted(names - set(found)):
            children = _IMPLIED_BY.get(name, ())
            if not any(found.get(child) in (PRESENT, UNCERTAIN) for child in children):
                found[name] = ABSENT
