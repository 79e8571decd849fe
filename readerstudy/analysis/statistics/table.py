"""Reads as an array: the only place where grades become numbers and success."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

GRADES = ("A", "B", "C", "D")
SUCCESS = ("A", "B")
# A table of readers who hardly share a case would be empty, and too large to hold.
MOST_CELLS = 100_000_000

Bools = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.integer[Any]]
Floats = npt.NDArray[np.float64]

_NUMBER = {letter: number for number, letter in enumerate(GRADES, 1)}
_LAST_SUCCESS = max(_NUMBER[letter] for letter in SUCCESS)


class BadTable(ValueError):
    """Reads that can't be analysed; the message names file, row and column."""


@dataclass(frozen=True, slots=True)
class Read:
    """One reader's grade of one report: the report of `arm` on `case`.

    `seconds` is active reading time; `position` and `period` count from 1. `where`
    says where the read stands, for messages; `extra` holds further columns as text.
    """

    reader: str
    case: str
    arm: str
    grade: str | None
    stratum: str = ""
    repeat: bool = False
    included: bool = True
    seconds: float | None = None
    position: int | None = None
    period: int | None = None
    where: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def counts(self) -> bool:
        """Whether the main analysis uses this read; repeats have their own table."""
        return self.included and not self.repeat


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

    @cached_property
    def given(self) -> Bools:
        """[case, reader, arm]: a grade was given."""
        return self.grades > 0

    @cached_property
    def success(self) -> Bools:
        """[case, reader, arm]: the grade is A or B."""
        return self.given & (self.grades <= _LAST_SUCCESS)

    @cached_property
    def complete(self) -> Bools:
        """[case, reader]: the block has a grade in every arm."""
        return everywhere(self.given)

    def counts(self, grades: Integers) -> Integers:
        """Counts of A to D along the last axis of an array of grade numbers."""
        return np.stack(
            [(grades == number).sum(axis=-1) for number in _NUMBER.values()]
        )


def everywhere(flags: Bools) -> Bools:
    """Whether all flags along the last axis are set."""
    return np.asarray(flags.all(axis=-1), dtype=np.bool_)


def table_of(reads: Iterable[Read], arms: Sequence[str]) -> Table:
    """Arrange the counting, graded reads of `arms` as an array."""
    used = [read for read in reads if read.counts and read.grade and read.arm in arms]
    readers = natural_order({read.reader for read in used})
    cases = natural_order({read.case for read in used})
    strata = strata_of(used)
    cells = len(cases) * len(readers) * len(arms)
    if cells > MOST_CELLS:
        raise BadTable(
            f"{len(readers)} readers, {len(cases)} cases and {len(arms)} arms are "
            f"{cells} cells; at most {MOST_CELLS} can be analysed at once."
        )
    grades = np.zeros((len(cases), len(readers), len(arms)), dtype=np.int8)
    case_index = {case: index for index, case in enumerate(cases)}
    reader_index = {reader: index for index, reader in enumerate(readers)}
    arm_index = {arm: index for index, arm in enumerate(arms)}
    for read in used:
        if read.grade:
            place = (
                case_index[read.case],
                reader_index[read.reader],
                arm_index[read.arm],
            )
            grades[place] = _NUMBER[read.grade]
    return Table(
        readers=readers,
        cases=cases,
        arms=tuple(arms),
        strata=tuple(strata[case] for case in cases),
        grades=grades,
    )


def grade_number(grade: str) -> int:
    """1 to 4 for A to D."""
    return _NUMBER[grade]


def strata_of(reads: Iterable[Read]) -> dict[str, str]:
    """The stratum of every case: what most of those of its reads say that name one."""
    said: dict[str, Counter[str]] = {}
    for read in reads:
        said.setdefault(read.case, Counter())[read.stratum] += 1
    return {
        case: min(counter, key=lambda name: (not name, -counter[name], name))
        for case, counter in said.items()
    }


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
