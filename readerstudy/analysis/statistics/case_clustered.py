"""Ratios of case totals, with the case as the unit: what F and its relatives share.

A rate over reads that belong to cases is the ratio of two sums over cases. Each column
here is one such rate, and the estimate is a weighted sum of the columns: one column of
paired differences for F, or two columns of rates for a difference of margins.
Source: W. G. Cochran, Sampling Techniques, 3rd ed. 1977, section 6.3 (equation 6.13);
for a sum of ratios by their linear terms, equation 6.87.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from readerstudy.analysis.statistics.reads import Floats
from readerstudy.analysis.statistics.sentences import (
    ONE_CASE,
    ZERO_VARIANCE,
    Block,
    block,
)
from readerstudy.analysis.statistics.t_test import NO_TEST, NOTHING, t_test

Totals = npt.NDArray[Any]
NO_TOTALS = "No comparison: there is nothing to compare."
_ONE_CASE_OF_ONE = "Not estimable: one of the two sides stands in a single case."


@dataclass(frozen=True)
class CaseClustered:
    """Rates per column, their weighted sum and its variance from case totals.

    `estimate` and `variance` are None where a column has nothing in it, `variance`
    also where a column rests on a single case. `cases` have anything in any column.
    """

    rates: list[float | None]
    cases: int
    estimate: float | None
    variance: float | None

    def test(self) -> Block:
        """Status, message and a t test on K - 1 df."""
        empty: Block = dict.fromkeys(NO_TEST)
        if self.estimate is None:
            return block("no_complete_blocks", NO_TOTALS, **empty)
        if self.variance is None:
            message = ONE_CASE if self.cases == 1 else _ONE_CASE_OF_ONE
            return block("one_case", message, **empty)
        se = sqrt(self.variance)
        if se < NOTHING:
            return block("zero_variance", ZERO_VARIANCE, **empty)
        return block("ok", None, **t_test(self.estimate, se, self.cases - 1))


def case_clustered(
    totals: Totals, sizes: Totals, weights: Sequence[int] = (1,)
) -> CaseClustered:
    """Estimate from `totals[case, column]` over `sizes[case, column]` reads.

    var = K / (K - 1) * sum_i (sum_c w_c (T_ic - n_ic rate_c) / N_c)^2.
    """
    totals = totals.reshape(len(totals), len(weights))
    sizes = sizes.reshape(totals.shape)
    number, cases = sizes.sum(axis=0), int((sizes > 0).any(axis=1).sum())
    rates = [
        float(total / size) if size else None
        for total, size in zip(totals.sum(axis=0), number, strict=True)
    ]
    known = [rate for rate in rates if rate is not None]
    if len(known) < len(rates):
        return CaseClustered(rates, cases, None, None)
    estimate = sum(weight * rate for weight, rate in zip(weights, known, strict=True))
    if (sizes > 0).sum(axis=0).min() < 2:
        return CaseClustered(rates, cases, estimate, None)
    shares: Floats = np.array(weights) / number
    terms = (totals - sizes * np.array(known)) @ shares
    variance = cases / (cases - 1) * float(terms @ terms)
    return CaseClustered(rates, cases, estimate, variance)
