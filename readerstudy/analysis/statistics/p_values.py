"""p values that are never 0 or above 1 by an accident of floating point.

A law of scipy.stats comes with its shapes beside it, such as degrees of freedom: to
freeze it with them takes far longer than all that is asked of it.
"""

import sys
from typing import Any


def probability(p_value: float) -> float:
    """A p value as a number; one too small for that is the smallest there is."""
    return min(1.0, max(float(p_value), sys.float_info.min))


def two_sided(law: Any, statistic: float, *shapes: float) -> float:
    """Two-sided p value of a statistic under a symmetric law of scipy.stats."""
    return probability(2 * float(law.sf(abs(statistic), *shapes)))


def upper(law: Any, statistic: float, *shapes: float) -> float:
    """Upper-tail p value of a statistic under a law of scipy.stats."""
    return probability(float(law.sf(statistic, *shapes)))
