"""Values of reads by block (one reader, one case) and arm, and means clustered by case.

Blocks are those with a value, so that readers who hardly share a case take no room.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy import stats

from readerstudy.analysis.statistics.mrmc import NOTHING
from readerstudy.analysis.statistics.p_values import two_sided
from readerstudy.analysis.statistics.reads import Bools, Floats, Integers, Reads
from readerstudy.analysis.statistics.sentences import (
    ONE_CASE,
    ZERO_VARIANCE,
    Block,
    block,
)


@dataclass(frozen=True)
class Blocks:
    """`values[block, arm]`, NaN where there is none, and the case of every block."""

    values: Floats
    case: Integers

    def totals(self, values: Floats, used: Bools) -> tuple[Floats, Integers]:
        """Sums and numbers of used blocks per case, of cases that have any."""
        sizes = np.bincount(self.case[used])
        totals = np.bincount(self.case[used], weights=values[used])
        some = sizes > 0
        return totals[some].astype(np.float64), sizes[some]


def blocks_of(reads: Reads, arms: Sequence[str], values: Floats, used: Bools) -> Blocks:
    """Arrange the values of some counting rows; each reader, case and arm has one."""
    rows = np.flatnonzero(used & reads.arm.is_any(arms))
    key = reads.reader.codes[rows].astype(np.int64) * len(reads.case.names)
    known, block_of = np.unique(key + reads.case.codes[rows], return_inverse=True)
    found = np.full((len(known), len(arms)), np.nan)
    found[block_of, reads.arm.places(arms)[rows]] = values[rows]
    return Blocks(found, known % max(len(reads.case.names), 1))


def clustered_mean(totals: Floats, sizes: Integers) -> Block:
    """Mean over rows, tested against 0: the ratio estimator over cases, t on K - 1 df.

    The variance is that of `mrmc.fixed_readers`; here the rows hold any numbers.
    """
    cases, rows = len(sizes), int(sizes.sum())
    empty: Block = {"ci95": None, "p_value": None}
    if cases == 1:
        return block("one_case", ONE_CASE, **empty)
    mean = float(totals.sum()) / rows
    # In an order that no name decides.
    squares = float(np.sort((totals - sizes * mean) ** 2).sum())
    se = sqrt(cases / (cases - 1) * squares) / rows
    if se < NOTHING:
        return block("zero_variance", ZERO_VARIANCE, **empty)
    law = stats.t(cases - 1)
    half = float(law.ppf(0.975)) * se
    p_value = two_sided(law, mean / se)
    return block("ok", None, ci95=[mean - half, mean + half], p_value=p_value)
