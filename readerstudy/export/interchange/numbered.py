"""Readers, cases and arms by number: what the other programs take as names."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from readerstudy.analysis.statistics.reads import Reads
from readerstudy.analysis.statistics.table import natural_order

MADE_UP = 5
MADE_UP_SCORE = 0.5
TRUTH_MADE_UP, TRUTH_REAL = 0, 1


@dataclass(frozen=True)
class Read:
    """One grade; numbers from 1, grade 1 to 4 for A to D."""

    reader: int
    case: int
    arm: int
    grade: int

    def success(self, worst: int) -> int:
        """1 where the grade is no worse than that: 2 for A and B, 1 for A alone."""
        return int(self.grade <= worst)


@dataclass(frozen=True)
class Numbered:
    """The grades of a study with the names behind the numbers, which stand in order."""

    readers: tuple[str, ...]
    cases: tuple[str, ...]
    arms: tuple[str, ...]
    reads: tuple[Read, ...]

    @property
    def made_up(self) -> range:
        """The numbers of the made-up cases, after those of the real ones."""
        return range(len(self.cases) + 1, len(self.cases) + MADE_UP + 1)

    def keys(self) -> Iterator[dict[str, str | int]]:
        """Which number stands for what."""
        kinds = {"reader": self.readers, "case": self.cases, "modality": self.arms}
        for kind, names in kinds.items():
            for number, name in enumerate(names, 1):
                yield {"kind": kind, "number": number, "name": name}

    def crossed(self) -> "Numbered":
        """The cases that every reader graded in every arm, by their old numbers."""
        cells = len(self.readers) * len(self.arms)
        counts: dict[int, int] = {}
        for read in self.reads:
            counts[read.case] = counts.get(read.case, 0) + 1
        whole = tuple(read for read in self.reads if counts[read.case] == cells)
        return Numbered(self.readers, self.cases, self.arms, whole)


def numbered(reads: Reads, arms: Sequence[str]) -> Numbered:
    """The grades that count, of arms in their order; readers and cases by name."""
    graded = reads.graded
    readers = natural_order(reads.reader.among(graded))
    cases = natural_order(reads.case.among(graded))
    known = reads.arm.among(graded)
    ordered = [arm for arm in arms if arm in known]
    numbers = [
        (column.places(order)[graded] + 1).tolist()
        for column, order in (
            (reads.reader, readers),
            (reads.case, cases),
            (reads.arm, ordered),
        )
    ]
    grades = reads.grade[graded].tolist()
    found = [Read(*cells) for cells in zip(*numbers, grades, strict=True)]
    found.sort(key=lambda read: (read.arm, read.reader, read.case))
    return Numbered(tuple(readers), tuple(cases), tuple(ordered), tuple(found))
