"""Reads as an array: the only place where grades become numbers and success."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from readerstudy.analysis.statistics.reads import Bools, Floats, Integers, Reads

GRADES = ("A", "B", "C", "D")
# The last grade that is a success: B; the stringent cut-point takes A alone.
SUCCESS, STRINGENT = 2, 1
# A table of readers who hardly share a case would be empty, and too large to hold.
MOST_CELLS = 100_000_000
# More are no strata but something else, such as the names of the cases.
MOST_STRATA = 50


class BadTable(ValueError):
    """Reads that can't be analysed; the message names file, row and column."""


@dataclass(frozen=True)
class Table:
    """Grades as numbers, `grades[case, reader, arm]`: 1 to 4 for A to D, 0 for none.

    Readers and cases are those with any grade, in natural order of their names, so
    that the order of the rows in a file does not change a single digit.
    """

    readers: tuple[str, ...]
    cases: tuple[str, ...]
    arms: tuple[str, ...]
    strata: tuple[str, ...]
    grades: npt.NDArray[np.int8]
    # The row of each read that is here, and its case, reader and arm.
    rows: Integers
    places: tuple[Integers, Integers, Integers]
    last_success: int = SUCCESS

    @cached_property
    def given(self) -> Bools:
        """[case, reader, arm]: a grade was given."""
        return self.grades > 0

    @cached_property
    def success(self) -> Bools:
        """[case, reader, arm]: the grade is A or B, or A at the stringent cut."""
        return self.given & (self.grades <= self.last_success)

    @cached_property
    def complete(self) -> Bools:
        """[case, reader]: the block has a grade in every arm."""
        return everywhere(self.given)

    def at_cut(self, last_success: int) -> "Table":
        """The same grades with another cut between success and failure."""
        return replace(self, last_success=last_success)

    def cells(self, values: Floats) -> Floats:
        """[case, reader, arm]: a number of every read, NaN where there is no grade."""
        found = np.full(self.grades.shape, np.nan)
        found[self.places] = values[self.rows]
        return found

    def counts(self, grades: Integers) -> Integers:
        """Counts of A to D along the last axis of an array of grade numbers."""
        numbers = range(1, len(GRADES) + 1)
        return np.stack([(grades == number).sum(axis=-1) for number in numbers])


def everywhere(flags: Bools) -> Bools:
    """Whether all flags along the last axis are set."""
    return np.asarray(flags.all(axis=-1), dtype=np.bool_)


def table_of(reads: Reads, arms: Sequence[str]) -> Table:
    """Arrange the counting, graded reads of `arms` as an array."""
    used = reads.graded & reads.arm.is_any(arms)
    readers = natural_order(reads.reader.among(used))
    cases = natural_order(reads.case.among(used))
    cells = len(cases) * len(readers) * len(arms)
    if cells > MOST_CELLS:
        raise BadTable(
            f"{len(readers)} readers, {len(cases)} cases and {len(arms)} arms are "
            f"{cells} cells; at most {MOST_CELLS} can be analysed at once."
        )
    rows = np.flatnonzero(used)
    places = (
        reads.case.places(cases)[rows],
        reads.reader.places(readers)[rows],
        reads.arm.places(arms)[rows],
    )
    grades = np.zeros((len(cases), len(readers), len(arms)), dtype=np.int8)
    grades[places] = reads.grade[rows]
    return Table(
        readers=readers,
        cases=cases,
        arms=tuple(arms),
        strata=_strata(reads, rows, cases, places[0]),
        grades=grades,
        rows=rows,
        places=places,
    )


def _strata(
    reads: Reads, rows: Integers, cases: Sequence[str], case: Integers
) -> tuple[str, ...]:
    """The stratum of every case: what most of those of its reads say that name one."""
    names = sorted(reads.stratum.among(reads.graded))
    if len(names) > MOST_STRATA:
        return ("",) * len(cases)
    said = np.zeros((len(cases), len(names)), dtype=np.int64)
    np.add.at(said, (case, reads.stratum.places(names)[rows]), 1)
    if "" in names:
        # Only where no read names one.
        said[:, names.index("")] = 0
    # Of equally frequent ones the first by name.
    return (
        tuple(
            names[index] if number else ""
            for index, number in zip(said.argmax(axis=1), said.max(axis=1), strict=True)
        )
        if names
        else ("",) * len(cases)
    )


def natural_order(names: Iterable[str]) -> tuple[str, ...]:
    """Names in the order people expect: R2 before R10."""
    return tuple(sorted(names, key=_natural_key))


def _natural_key(name: str) -> tuple[list[tuple[int, int, str]], str]:
    """Numbers by their length and digits: some names are too long for an int."""
    key = []
    for part in re.findall(r"[0-9]+|[^0-9]+", name):
        if part[0] in "0123456789":
            digits = part.lstrip("0")
            key.append((0, len(digits), digits))
        else:
            key.append((1, 0, part))
    return key, name
