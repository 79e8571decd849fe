"""Case-clustered and reader-and-case inference about a difference of two arms.

`d[case, reader]` is second minus first success: -1, 0 or 1.
"""

from math import sqrt

import numpy as np

from readerstudy.analysis.statistics.case_clustered import case_clustered
from readerstudy.analysis.statistics.reads import Bools, Integers
from readerstudy.analysis.statistics.sentences import (
    ONE_CASE,
    ONE_READER,
    ZERO_VARIANCE,
    Block,
    block,
    not_crossed,
)
from readerstudy.analysis.statistics.t_test import NO_TEST, NOTHING, t_test

_READERS_AGREE = (
    "The mean square of readers is zero: degrees of freedom are infinite and the "
    "limits normal."
)


def fixed_readers(d: Integers, complete: Bools) -> Block:
    """Inference to other cases, these readers: the ratio estimator over case totals.

    var = K / (K - 1) * sum (D_i - n_i * difference)^2 / N^2 with t on K - 1 df.
    Source: W. G. Cochran, Sampling Techniques, 3rd ed. 1977, section 6.3 (equation
    6.13); for clustered matched pairs N. A. Obuchowski, Stat Med 1998; 17: 1495-1507.
    """
    totals = np.where(complete, d, 0).sum(axis=1)
    return case_clustered(totals, complete.sum(axis=1)).test()


def random_readers(d: Integers, cells_missing: int) -> Block:
    """Inference to other cases and other readers: two-way analysis of variance.

    var = (MSR + max(MSC - MSE, 0)) / (I J), df = num^2 / (MSR^2 / (J - 1)). Sources:
    N. A. Obuchowski and H. E. Rockette, Commun Stat 1995; 24: 285-308; S. L. Hillis,
    Stat Med 2007; 26: 596-619; `var_unbiased` is the U-statistic variance of B. D.
    Gallas, Acad Radiol 2006; 13: 353-362.
    """
    empty: Block = dict.fromkeys((*NO_TEST, "msr", "msc", "mse", "var_unbiased"))
    cases, readers = d.shape
    if readers == 1:
        return block("one_reader", ONE_READER, **empty)
    if cases == 1:
        return block("one_case", ONE_CASE, **empty)
    if cells_missing:
        return block("not_crossed", not_crossed(cells_missing), **empty)
    difference = float(d.sum() / d.size)
    msr, msc, mse = _mean_squares(d)
    squares = {
        "msr": msr,
        "msc": msc,
        "mse": mse,
        "var_unbiased": (msr + msc - mse) / d.size,
    }
    numerator = msr + max(msc - mse, 0.0)
    if numerator < NOTHING:
        return block("zero_variance", ZERO_VARIANCE, **(empty | squares))
    se = sqrt(numerator / d.size)
    if msr < NOTHING:
        tested = t_test(difference, se, None)
        return block("zero_variance", _READERS_AGREE, **tested, **squares)
    df = numerator**2 / (msr**2 / (readers - 1))
    return block("ok", None, **t_test(difference, se, df), **squares)


def _mean_squares(d: Integers) -> tuple[float, float, float]:
    """MSR, MSC, MSE from whole sums, so that equal readers give exactly zero."""
    cases, readers = d.shape
    size = d.size
    total = int(d.sum()) ** 2
    # Each is `size` times the sum of squares.
    of_readers = readers * int((d.sum(axis=0) ** 2).sum()) - total
    of_cases = cases * int((d.sum(axis=1) ** 2).sum()) - total
    of_all = size * int((d**2).sum()) - total
    of_error = of_all - of_readers - of_cases
    return (
        of_readers / size / (readers - 1),
        of_cases / size / (cases - 1),
        of_error / size / ((readers - 1) * (cases - 1)),
    )
