"""Confidence intervals of a share and of the difference of two paired shares.

They take rows as independent, so pages call them row-level.
"""

from collections.abc import Callable
from math import sqrt

from scipy import optimize, stats

Interval = tuple[float, float]

Z = float(stats.norm.ppf(0.975))
_NUDGE = 1e-12


def wilson(successes: int, number: int) -> Interval:
    """Wilson's score interval of a share, without continuity correction.

    Source: E. B. Wilson, J Am Stat Assoc 1927; 22: 209-212.
    """
    share = successes / number
    centre = (share + Z**2 / (2 * number)) / (1 + Z**2 / number)
    half = (
        Z
        * sqrt(share * (1 - share) / number + Z**2 / (4 * number**2))
        / (1 + Z**2 / number)
    )
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == number else min(1.0, centre + half)
    return low, high


def newcombe(both: int, second: int, first: int, neither: int) -> Interval:
    """Interval of the difference, second minus first share, of paired rows.

    `second` and `first` count the rows where only that arm succeeds. Source: R. G.
    Newcombe, Stat Med 1998; 17: 2635-2650, method 10 (square and add, with the
    continuity-corrected correlation).
    """
    number = both + second + first + neither
    p1, p2 = (both + first) / number, (both + second) / number
    low1, high1 = wilson(both + first, number)
    low2, high2 = wilson(both + second, number)
    phi = _corrected_phi(both, second, first, neither)
    below, above = p2 - low2, high2 - p2
    low = below**2 - 2 * phi * below * (high1 - p1) + (high1 - p1) ** 2
    high = above**2 - 2 * phi * above * (p1 - low1) + (p1 - low1) ** 2
    difference = (second - first) / number
    return difference - sqrt(max(low, 0.0)), difference + sqrt(max(high, 0.0))


def _corrected_phi(both: int, second: int, first: int, neither: int) -> float:
    number = both + second + first + neither
    margins = (both + second) * (first + neither) * (both + first) * (second + neither)
    if margins == 0:
        return 0.0
    excess: float = both * neither - second * first
    if excess > 0:
        excess = max(excess - number / 2, 0.0)
    return excess / sqrt(margins)


def tango(both: int, second: int, first: int, neither: int) -> Interval:
    """Asymptotic score interval of the same difference.

    Source: T. Tango, Stat Med 1998; 17: 891-908; limits are the roots of the score
    statistic at plus and minus z, found by Brent's method.
    """
    number = both + second + first + neither
    difference = (second - first) / number

    def excess(delta: float, sign: int) -> float:
        shares = 2 * _restricted(number, second, first, delta) + delta * (1 - delta)
        return (
            second - first - number * delta - sign * Z * sqrt(number * max(shares, 0.0))
        )

    # The estimate itself is a false root where the variance there is zero.
    low, high = -1.0, 1.0
    if difference > -1:
        low = _root(excess, -1.0, difference - _NUDGE, 1)
    if difference < 1:
        high = _root(excess, difference + _NUDGE, 1.0, -1)
    return low, high


def _root(
    excess: Callable[[float, int], float], low: float, high: float, sign: int
) -> float:
    return float(optimize.brentq(excess, low, high, args=(sign,), xtol=1e-13))


def _restricted(number: int, second: int, first: int, delta: float) -> float:
    """Likeliest share of rows where only the first arm succeeds, given delta."""
    b = (2 * number - second + first) * delta - second - first
    c = -first * delta * (1 - delta)
    return (sqrt(max(b * b - 8 * number * c, 0.0)) - b) / (4 * number)
