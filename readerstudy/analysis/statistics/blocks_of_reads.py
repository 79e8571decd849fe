"""Values of reads by block (one reader, one case) and arm, and means clustered by case.

Blocks are those with a value, so that readers who hardly share a case take no room.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from readerstudy.analysis.statistics.case_clustered import case_clustered
from readerstudy.analysis.statistics.reads import Bools, Floats, Integers, Reads
from readerstudy.analysis.statistics.sentences import Block


@dataclass(frozen=True)
class Blocks:
    """`values[block, arm]`, NaN where there is none, and the case of every block."""

    values: Floats
    case: Integers

    def totals(
        self, values: Floats, used: Bools
    ) -> tuple[Floats, npt.NDArray[np.intp]]:
        """Sums and numbers of used blocks per case, of cases that have any."""
        sizes = np.bincount(self.case[used])
        totals = np.bincount(self.case[used], weights=values[used]).astype(np.float64)
        # In an order that no name decides, for sums depend on it in their last digit.
        order = np.lexsort((totals, sizes))
        order = order[sizes[order] > 0]
        return totals[order], sizes[order]


def clustered_mean(totals: Floats, sizes: Integers) -> Block:
    """Mean over rows, tested against 0: status, message, ci95, p_value."""
    tested = case_clustered(totals, sizes).test()
    return {name: tested[name] for name in ("status", "message", "ci95", "p_value")}


def blocks_of(reads: Reads, arms: Sequence[str], values: Floats, used: Bools) -> Blocks:
    """Arrange the values of some counting rows; each reader, case and arm has one."""
    rows = np.flatnonzero(used & reads.arm.is_any(arms))
    known, block_of = np.unique(reads.block[rows], return_inverse=True)
    found = np.full((len(known), len(arms)), np.nan)
    found[block_of, reads.arm.places(arms)[rows]] = values[rows]
    return Blocks(found, known % max(len(reads.case.names), 1))
