"""The exact test that swaps all arm labels of a case together."""

import numpy as np
from scipy import stats

from readerstudy.analysis.statistics.p_values import probability
from readerstudy.analysis.statistics.reads import Floats, Integers


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
        distribution = _swapped(distribution, size, number)
    reach = len(distribution) // 2
    sums = np.abs(np.arange(-reach, reach + 1))
    return probability(float(distribution[sums >= observed].sum()))


def _swapped(distribution: Floats, size: int, number: int) -> Floats:
    """The distribution of a sum after `number` more cases of plus or minus `size`.

    The new terms lie 2 * size apart, so every residue is convolved for itself; terms
    too small for a floating-point number are left out at both ends.
    """
    terms = stats.binom.pmf(np.arange(number + 1), number, 0.5)
    none = int(np.argmax(terms > 0))
    terms = terms[none : number + 1 - none]
    step = 2 * size
    found = np.zeros(len(distribution) + step * (len(terms) - 1))
    for start in range(min(step, len(distribution))):
        found[start::step] = np.convolve(distribution[start::step], terms)
    return found
