"""Tidy reads as columns: a million of them are a few arrays."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.integer[Any]]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Names:
    """A column of text: `names[codes[row]]`, names in order of first appearance."""

    names: tuple[str, ...]
    codes: Integers

    def __getitem__(self, row: int) -> str:
        return self.names[int(self.codes[row])]

    def among(self, rows: Bools) -> set[str]:
        """The names that stand in some rows."""
        return {self.names[code] for code in np.unique(self.codes[rows])}

    def is_any(self, wanted: Iterable[str]) -> Bools:
        """Whether a row holds one of the wanted names."""
        chosen = set(wanted)
        fits = np.array([name in chosen for name in self.names], dtype=np.bool_)
        return fits[self.codes] if len(fits) else np.zeros(0, dtype=np.bool_)

    def places(self, order: Iterable[str]) -> Integers:
        """The place of every row's name in an order; -1 where it isn't there."""
        place = {name: index for index, name in enumerate(order)}
        found = np.array([place.get(name, -1) for name in self.names], dtype=np.int32)
        return found[self.codes] if len(found) else np.zeros(0, dtype=np.int32)

    def numbers(self) -> Floats:
        """The rows as numbers; NaN where a cell is empty or no number."""
        values = np.array([_number(name) for name in self.names], dtype=np.float64)
        return values[self.codes] if len(values) else np.zeros(0)


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return np.nan
    return value if np.isfinite(value) else np.nan


@dataclass(frozen=True)
class Reads:
    """Readers' grades of reports, one per row of a table.

    grade     1 to 4 for A to D, 0 where none was given
    seconds   active reading time; NaN where none is known
    position  place in the reader's list, from 1; 0 where none is known
    period    number of the reading session, likewise
    line      row of the file, for messages
    more      further columns by name, as text
    """

    reader: Names
    case: Names
    arm: Names
    stratum: Names
    grade: Integers
    repeat: Bools
    included: Bools
    seconds: Floats
    position: Integers
    period: Integers
    line: Integers
    source: str = "reads.csv"
    more: Mapping[str, Names] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.grade)

    @cached_property
    def counting(self) -> Bools:
        """Whether the main analysis uses a row; repeats have their own table."""
        return self.included & ~self.repeat

    @cached_property
    def graded(self) -> Bools:
        """Whether a row counts and holds a grade."""
        return self.counting & (self.grade > 0)

    @cached_property
    def block(self) -> Integers:
        """A number for every reader and case, in an order that no row decides."""
        reader = self.reader.places(sorted(self.reader.names)).astype(np.int64)
        case = self.case.places(sorted(self.case.names))
        return np.asarray(reader * len(self.case.names) + case)

    @cached_property
    def report(self) -> Integers:
        """A number for every reader, case and arm: the same report, read again."""
        key = self.reader.codes.astype(np.int64) * len(self.case.names)
        key = (key + self.case.codes) * len(self.arm.names) + self.arm.codes
        return np.asarray(key)

    def where(self, row: int) -> str:
        """Where a row stands, for messages."""
        return f"{self.source}, row {self.line[row]}"

    def column(self, name: str) -> Names:
        """A further column; empty cells where the table lacks it."""
        empty = Names(("",), np.zeros(len(self), dtype=np.int32))
        return self.more.get(name, empty)
