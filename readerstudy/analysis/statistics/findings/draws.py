"""Counts in every draw of the bootstrap and in every permutation of two models.

Studies are the units. All models and labels share a draw, so that their scores are
paired; studies stand in the order of their ids, so that no file's order and no further
model changes a model's interval. Counts are whole numbers far below 2^24, so that sums
of 32-bit floats are exact in any order.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from readerstudy.analysis.statistics.bootstrap import draw_weights
from readerstudy.analysis.statistics.findings.counts import Whole

Floats = npt.NDArray[np.float64]
Packed = npt.NDArray[np.uint8]

_LIMITS = (0.025, 0.975)
# Differences this close are equal: they are quotients of the same counts.
_ROUNDING = 1e-12
# Of drawn bits in memory at once: 16 MB as 32-bit floats.
_CELLS = 4_000_000


def drawn_counts(study: Whole, *, draws: int, seed: int) -> Floats:
    """`counts[draw, model, label, cell]` of `study[study, model, label, cell]`."""
    columns = study.reshape(len(study), -1)
    chunks = [
        weights @ columns
        for weights in draw_weights(len(study), seed=seed, draws=draws)
    ]
    found = np.concatenate(chunks).reshape(draws, *study.shape[1:])
    return found.astype(np.float64)


def drawn_swaps(studies: int, *, permutations: int, seed: int) -> Packed:
    """A bit for every permutation and study: whether two models change places."""
    width = (studies + 7) // 8
    random = np.random.default_rng((seed, 1))
    return random.integers(256, size=(permutations, width), dtype=np.uint8)


def swapped_counts(first: Whole, second: Whole, swaps: Packed) -> tuple[Floats, Floats]:
    """Counts `[permutation, label, cell]` of two models whose studies were swapped.

    `first` and `second` are `[study, label, cell]`. A study is swapped as a whole, with
    all its labels, since they were given together.
    """
    shape = first.shape[1:]
    apart = (second - first).reshape(len(first), -1)
    unlike = np.flatnonzero(apart.any(axis=1))
    moved = apart[unlike]
    found = np.empty((len(swaps), apart.shape[1]))
    at_once = max(1, _CELLS // len(first))
    for start in range(0, len(swaps), at_once):
        rows = slice(start, start + at_once)
        bits = np.unpackbits(swaps[rows], axis=1, count=len(first))
        found[rows] = bits[:, unlike].astype(np.float32) @ moved
    change = found.reshape(len(swaps), *shape)
    return first.sum(axis=0) + change, second.sum(axis=0) - change


def intervals(values: Floats) -> tuple[Floats, npt.NDArray[np.int64]]:
    """95% percentile intervals `[2, ...]` of `values[draw, ...]`, and undefined draws.

    Undefined draws are dropped and counted; where they are more than half, the interval
    is NaN. Quantiles are linear between order statistics, as numpy's are.
    """
    draws = len(values)
    ordered = np.sort(values, axis=0)
    known = np.isfinite(values).sum(axis=0)
    found = np.full((2, *values.shape[1:]), np.nan)
    enough = (known > 0) & (2 * known >= draws)
    for row, limit in enumerate(_LIMITS):
        at = limit * np.maximum(known - 1, 0)
        low = np.floor(at).astype(np.int64)
        high = np.minimum(low + 1, np.maximum(known - 1, 0))
        below = np.take_along_axis(ordered, low[np.newaxis], axis=0)[0]
        above = np.take_along_axis(ordered, high[np.newaxis], axis=0)[0]
        found[row] = np.where(enough, below + (at - low) * (above - below), np.nan)
    return found, draws - known


def permutation_p(
    observed: Floats, permuted: Floats
) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Two-sided p values of `observed[...]`, and undefined permutations.

    (1 + as far from zero) / (1 + defined): never 0. A permutation that leaves the
    difference undefined is dropped and counted: given that it is defined, every
    arrangement is as likely as the one observed. NaN where `observed` is undefined.
    """
    known = np.isfinite(permuted)
    far = known & (np.abs(permuted) >= np.abs(observed) - _ROUNDING)
    defined = known.sum(axis=0)
    p_values = (1 + far.sum(axis=0)) / (1 + defined)
    found: Any = np.where(np.isfinite(observed) & (defined > 0), p_values, np.nan)
    return found, len(permuted) - defined
