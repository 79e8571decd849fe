"""Two arms of a table beside each other: where every comparison of a pair starts."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from readerstudy.analysis.statistics.reads import Bools, Floats, Integers
from readerstudy.analysis.statistics.sentences import Block
from readerstudy.analysis.statistics.table import Table, everywhere


@dataclass(frozen=True)
class TwoArms:
    """Places of two arms in a table; differences are second minus first."""

    table: Table
    first: int
    second: int

    @property
    def names(self) -> Block:
        """The names of both, as every row of results about a pair begins."""
        arms = self.table.arms
        return {"first": arms[self.first], "second": arms[self.second]}

    @cached_property
    def given(self) -> Bools:
        """[case, reader, 2]: a grade was given."""
        return self.table.given[:, :, [self.first, self.second]]

    @property
    def cells_missing(self) -> int:
        """Number of grades that a full crossing of both arms would have besides."""
        return int((~self.given).sum())

    @cached_property
    def complete(self) -> Bools:
        """[case, reader]: the reader graded the case in both arms."""
        return everywhere(self.given)

    @cached_property
    def before(self) -> Bools:
        """[case, reader]: success of the first arm in complete blocks."""
        return self.table.success[:, :, self.first] & self.complete

    @cached_property
    def after(self) -> Bools:
        """[case, reader]: success of the second arm in complete blocks."""
        return self.table.success[:, :, self.second] & self.complete

    @cached_property
    def d(self) -> Integers:
        """[case, reader]: second minus first success; 0 where a grade is missing."""
        return self.after.astype(np.int64) - self.before.astype(np.int64)

    @cached_property
    def sizes(self) -> Integers:
        """[case]: number of complete blocks."""
        return np.asarray(self.complete.sum(axis=1))

    @cached_property
    def totals(self) -> Integers:
        """[case]: the difference of successes summed over readers."""
        return np.asarray(self.d.sum(axis=1))

    def of(self, cells: Floats) -> tuple[Floats, Floats]:
        """The cells of each of both arms, [case, reader]."""
        return cells[:, :, self.first], cells[:, :, self.second]


def two_arms(table: Table) -> Iterator[TwoArms]:
    """Every two arms in their order."""
    for first, second in combinations(range(len(table.arms)), 2):
        yield TwoArms(table, first, second)
