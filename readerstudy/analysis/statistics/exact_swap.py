"""The exact test that swaps all arm labels of a case together."""

import numpy as np
from scipy import stats

from readerstudy.analysis.statistics.table import Integers


def exact_swap_p(differences: Integers) -> float:
    """P(|sum of signed D_i| >= observed) over all whole-case sign changes.

    `differences` holds D_i, the case's difference of successes summed over readers.
    Cases of equal size form a binomial; the sizes are convolved. Source: the
    randomisation test of paired data, R. A. Fisher, The Design of Experiments 1935.
    """
    sizes, numbers = np.unique(
        np.abs(differences[differences != 0]), return_counts=True
    )
    observed = abs(int(differences.sum()))
    distribution = np.ones(1)
    for size, number in zip(sizes.tolist(), numbers.tolist(), strict=True):
        steps = np.zeros(2 * size * number + 1)
        steps[:: 2 * size] = stats.binom.pmf(np.arange(number + 1), number, 0.5)
        distribution = np.convolve(distribution, steps)
    reach = len(distribution) // 2
    sums = np.abs(np.arange(-reach, reach + 1))
    return min(1.0, float(distribution[sums >= observed].sum()))
