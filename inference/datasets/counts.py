"""The counts of a manifest by split, from which Table 1 of the paper can be rebuilt."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from inference.chexpert import FINDINGS
from inference.datasets.record import UNCERTAIN
from inference.train.manifest import Facts

# What is counted of images, in the order of the table.
MEASURES = (
    "images",
    "studies",
    "patients",
    "frontal",
    "normal",
    "abnormal",
    "neither",
    "with report",
)
MARKS = ("present", "absent", "unknown", "uncertain")
COLUMNS = ("data_set", "split", "finding", "measure", "count")
_ORDER = ("train", "valid", "test", "whole")


@dataclass
class Tally:
    """Counts by split: `counts[split, finding, measure]`, finding empty for images."""

    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    _seen: set[tuple[str, str, str]] = field(default_factory=set)

    @property
    def splits(self) -> list[str]:
        """The splits that have an image, training first."""
        found = {split for split, _, _ in self.counts}
        return sorted(found, key=_ORDER.index)

    def add(
        self,
        split: str,
        *,
        study: str,
        patient: str,
        is_frontal: bool,
        facts: Facts,
        marks: Mapping[str, int],
        has_report: bool,
    ) -> None:
        """Count one image. facts: as they are trained on, marks: as published."""
        condition = {True: "abnormal", False: "normal", None: "neither"}
        self._count(split, "images", True)
        self._count(split, "studies", self._is_new(split, "study", study))
        self._count(split, "patients", self._is_new(split, "patient", patient))
        self._count(split, "frontal", is_frontal)
        self._count(split, condition[facts.is_abnormal], True)
        self._count(split, "with report", has_report)
        for name in FINDINGS:
            here = facts.labels.get(name)
            mark = "unknown" if here is None else "present" if here else "absent"
            self.counts[split, name, mark] += 1
            self.counts[split, name, "uncertain"] += marks.get(name) == UNCERTAIN

    def _count(self, split: str, measure: str, here: bool) -> None:
        self.counts[split, "", measure] += here

    def _is_new(self, split: str, kind: str, name: str) -> bool:
        key = (split, kind, name)
        if key in self._seen:
            return False
        self._seen.add(key)
        return True

    def rows(self) -> Iterator[tuple[str, str, str, int]]:
        """Split, finding, measure and count, zeros included."""
        for split in self.splits:
            for measure in MEASURES:
                yield split, "", measure, self.counts[split, "", measure]
            for name in FINDINGS:
                for mark in MARKS:
                    yield split, name, mark, self.counts[split, name, mark]

    def as_csv(self, data_set: str) -> str:
        """One row a count, with COLUMNS as header."""
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((data_set, *row) for row in self.rows())
        return stream.getvalue()

    def as_text(self) -> str:
        """A table with a column a split; findings as present / absent / unknown."""
        lines = [["", *self.splits]]
        for measure in MEASURES:
            cells = (self.counts[split, "", measure] for split in self.splits)
            lines.append([measure, *(f"{cell:,}" for cell in cells)])
        lines.append(["", *("present / absent / unknown" for _ in self.splits)])
        for name in FINDINGS:
            lines.append([name, *(self._marks(split, name) for split in self.splits)])
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(
            "  ".join(
                [line[0].ljust(widths[0])]
                + [
                    cell.rjust(width)
                    for cell, width in zip(line[1:], widths[1:], strict=True)
                ]
            ).rstrip()
            for line in lines
        )

    def _marks(self, split: str, name: str) -> str:
        return " / ".join(f"{self.counts[split, name, mark]:,}" for mark in MARKS[:3])
