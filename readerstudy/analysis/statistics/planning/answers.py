"""F, R, the headline and the all-rows difference of many drawn studies at once.

The rules are those of mrmc.py and headline.py, stated again over arrays, because one
study at a time takes minutes; tests/properties/test_planning.py holds both equal.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from readerstudy.analysis.statistics.exact_swap import exact_swap_p
from readerstudy.analysis.statistics.headline import (
    FEW_CASES,
    FEW_DISCORDANT_CASES,
)
from readerstudy.analysis.statistics.level import ALPHA
from readerstudy.analysis.statistics.reads import Bools, Floats, Integers
from readerstudy.analysis.statistics.t_test import NOTHING
from readerstudy.analysis.statistics.table import everywhere


@dataclass(frozen=True)
class Answers:
    """p value and limits at 1 - alpha of every study; NaN where there is none."""

    p_value: Floats
    low: Floats
    high: Floats


def answers(
    success: Bools, flags: Bools, *, alpha: float = ALPHA
) -> dict[str, Answers]:
    """Compare second with first arm: success [study, case, reader, 2] under a design.

    `fixed` and `headline` where some block is complete, `random` where all are, and
    `all_rows` where none is.
    """
    complete = everywhere(flags)
    if not complete.any():
        return {"all_rows": all_rows(success, flags, alpha=alpha)}
    d = success[..., 1].view(np.int8) - success[..., 0].view(np.int8)
    d *= complete
    totals = d.sum(axis=2, dtype=np.int64)
    sizes = complete.sum(axis=1)
    found = {"fixed": fixed_readers(totals, sizes, alpha=alpha)}
    readers = d.shape[2]
    if complete.all() and readers > 1:
        found["random"] = random_readers(d, totals, alpha=alpha)
    found["headline"] = headline(
        totals, found, readers=readers, cases=int((sizes > 0).sum())
    )
    return found


def fixed_readers(
    totals: Integers, sizes: Integers, *, alpha: float = ALPHA
) -> Answers:
    """The ratio estimator over case totals [study, case] of blocks [case]."""
    rows = sizes.sum()
    difference = totals.sum(axis=1) / rows
    residues = totals - sizes * difference[:, np.newaxis]
    cases = int((sizes > 0).sum())
    return _clustered(difference, residues / rows, cases, alpha)


def all_rows(success: Bools, flags: Bools, *, alpha: float = ALPHA) -> Answers:
    """The difference of the arms' rates over all rows, clustered by case.

    Least squares of success on arm with the sandwich of the cases, K / (K - 1) and t
    on K - 1 df; with complete blocks it is `fixed_readers`.
    """
    numbers = flags.sum(axis=1)
    successes = (success & flags).sum(axis=2, dtype=np.int64)
    rates = successes.sum(axis=1) / numbers.sum(axis=0)
    of_arms = (successes - numbers * rates[:, np.newaxis]) / numbers.sum(axis=0)
    cases = int(numbers.any(axis=1).sum())
    influence = of_arms[..., 1] - of_arms[..., 0]
    return _clustered(rates[:, 1] - rates[:, 0], influence, cases, alpha)


def _clustered(
    difference: Floats, influence: Floats, cases: int, alpha: float
) -> Answers:
    """From what every case [study, case] adds to the difference."""
    se = np.sqrt(cases / (cases - 1) * (influence**2).sum(axis=1))
    return t_test(difference, se, np.full(len(se), cases - 1.0), alpha=alpha)


def random_readers(d: Integers, totals: Integers, *, alpha: float = ALPHA) -> Answers:
    """Two-way analysis of variance of d [study, case, reader], Hillis df."""
    _, cases, readers = d.shape
    size = cases * readers
    total = totals.sum(axis=1)
    # Each is `size` times the sum of squares, in whole numbers.
    of_readers = readers * (d.sum(axis=1, dtype=np.int64) ** 2).sum(axis=1) - total**2
    of_cases = cases * (totals**2).sum(axis=1) - total**2
    of_all = size * np.count_nonzero(d, axis=(1, 2)) - total**2
    of_error = of_all - of_readers - of_cases
    msr = of_readers / size / (readers - 1)
    msc = of_cases / size / (cases - 1)
    mse = of_error / size / ((readers - 1) * (cases - 1))
    numerator = msr + np.maximum(msc - mse, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        df = np.where(msr < NOTHING, np.inf, numerator**2 / (msr**2 / (readers - 1)))
    se = np.where(numerator < NOTHING, np.nan, np.sqrt(numerator / size))
    return t_test(total / size, se, df, alpha=alpha)


def headline(
    totals: Integers, found: dict[str, Answers], *, readers: int, cases: int
) -> Answers:
    """The first rule that fits decides; R is left out where it is not to be had."""
    fixed, random = found["fixed"], found.get("random")
    p_value, low, high = (
        np.array(each) for each in (fixed.p_value, fixed.low, fixed.high)
    )
    if readers > 2 and random is not None:
        known = ~np.isnan(random.p_value)
        p_value[known] = np.maximum(p_value, random.p_value)[known]
        # Of equally wide ones that of these readers.
        wider = known & (random.high - random.low > high - low)
        low[wider], high[wider] = random.low[wider], random.high[wider]
    few = (totals != 0).sum(axis=1) < FEW_DISCORDANT_CASES
    exact = few | np.isnan(fixed.p_value) | (cases < FEW_CASES)
    low[exact], high[exact] = fixed.low[exact], fixed.high[exact]
    p_value[exact] = _exact_swap(totals[exact])
    return Answers(p_value, low, high)


def _exact_swap(totals: Integers) -> Floats:
    """exact_swap_p of every study; studies with the same sizes and sum are one."""
    sizes, sums = np.sort(np.abs(totals), axis=1), np.abs(totals.sum(axis=1))
    _, first, which = np.unique(
        np.column_stack([sizes, sums]), axis=0, return_index=True, return_inverse=True
    )
    found = np.array([exact_swap_p(totals[study]) for study in first])
    return found[which] if len(found) else found


def t_test(
    difference: Floats, se: Floats, df: Floats, *, alpha: float = ALPHA
) -> Answers:
    """Two-sided p values and limits at 1 - alpha; infinite df are the normal law."""
    se = np.where(se < NOTHING, np.nan, se)
    t = -np.abs(difference / se)
    finite = np.isfinite(df)
    some = np.where(finite, df, 1.0)
    p_value = 2 * np.where(finite, special.stdtr(some, t), special.ndtr(t))
    upper = 1 - alpha / 2
    quantile = np.where(finite, special.stdtrit(some, upper), special.ndtri(upper))
    half = quantile * se
    return Answers(p_value, difference - half, difference + half)
