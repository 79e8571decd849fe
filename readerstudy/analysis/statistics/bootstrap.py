"""The case bootstrap: whole cases are drawn with replacement, many draws at once.

A statistic that is a function of sums over cases needs no loop: `weights @ sums` holds
its sums in every draw. Source: B. Efron and R. J. Tibshirani, An Introduction to the
Bootstrap 1993, chapter 13 (percentile interval).
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from readerstudy.analysis.statistics.reads import Floats, Integers

DRAWS = 1_000
# Of weights in memory at once: 8 MB of drawn places, whatever the number of draws.
_CELLS = 1_000_000
_LIMITS = (2.5, 97.5)

Weights = npt.NDArray[np.float32]


def draw_weights(cases: int, *, seed: int, draws: int = DRAWS) -> Iterator[Weights]:
    """Yield chunks of `weights[draw, case]`: how often a draw took each case.

    Each draw takes as many cases as there are. Equal for equal arguments; the size of
    a chunk decides nothing. Nothing is yielded for no cases.
    """
    random = np.random.default_rng(seed)
    at_once = max(1, _CELLS // max(cases, 1))
    for start in range(0, draws if cases else 0, at_once):
        number = min(at_once, draws - start)
        places = random.integers(cases, size=(number, cases))
        places += cases * np.arange(number)[:, np.newaxis]
        counts = np.bincount(places.ravel(), minlength=number * cases)
        yield counts.reshape(number, cases).astype(np.float32)


def drawn_sums(
    sums: Floats | Integers | Weights, *, seed: int, draws: int = DRAWS
) -> Floats:
    """[draw, column]: what `sums[case, column]` come to over the cases of each draw.

    Sums of type float32 are taken as they are: twice as fast, and exact where they are
    whole numbers whose totals stay below 2^24.
    """
    if len(sums) == 0:
        return np.full((draws, sums.shape[1]), np.nan)
    kind = np.float32 if sums.dtype == np.float32 else np.float64
    columns: npt.NDArray[Any] = np.ascontiguousarray(sums, dtype=kind)
    chunks = [
        np.asarray(weights @ columns, dtype=np.float64)
        for weights in draw_weights(len(sums), seed=seed, draws=draws)
    ]
    return np.concatenate(chunks)


def ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Quotients of drawn sums; NaN, which is undefined, where it is 0/0."""
    known = denominator != 0
    found = np.full(np.broadcast(numerator, denominator).shape, np.nan)
    np.divide(numerator, denominator, out=found, where=known)
    return found


def percentile_interval(values: Floats) -> list[float] | None:
    """95% interval of the draws that are defined; None where fewer than half are.

    A draw in which the statistic is undefined is NaN or infinite.
    """
    known = values[np.isfinite(values)]
    if len(known) == 0 or 2 * len(known) < len(values):
        return None
    low, high = np.percentile(known, _LIMITS)
    return [float(low), float(high)]
