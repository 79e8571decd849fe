"""Do two samples come from one distribution? A permutation test, free of assumptions.

Two statistics, for a shift and for any difference at all: the difference of medians,
and the largest gap between the two distribution functions (Kolmogorov-Smirnov). Units
are exchanged within blocks, so that what drifts from block to block, such as the load
of a machine, falls on both sides. Knows neither Django nor the drill.

Source: Ernst, Permutation methods, Statistical Science 19 (2004), for the test and its
p-value with the observed arrangement counted; Holm (1979) for several tests.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Permutations are worked off in portions of so many numbers.
PORTION = 4_000_000


@dataclass(frozen=True)
class Compared:
    """Two samples side by side; times in the unit of the input.

    n             units in each sample
    medians       of each sample
    gap           the largest gap between the distribution functions, 0..1
    p_median, p_gap   two-sided, of the permutation test
    """

    n: tuple[int, int]
    medians: tuple[float, float]
    gap: float
    p_median: float
    p_gap: float


def compare(
    values: Sequence[float],
    is_second: Sequence[bool],
    blocks: Sequence[int],
    *,
    permutations: int = 100_000,
    seed: int = 0,
) -> Compared:
    """Compare what is in the second sample with what is not.

    values     one number for each unit, shape (n,)
    is_second  which sample each belongs to, shape (n,)
    blocks     the block of each unit, shape (n,); labels are exchanged within a block

    Raises ValueError for an empty sample, unequal lengths and what is no number.
    """
    numbers = np.asarray(values, dtype=np.float64)
    labels = np.asarray(is_second, dtype=bool)
    block = np.asarray(blocks)
    if not numbers.shape == labels.shape == block.shape or numbers.ndim != 1:
        raise ValueError("Values, samples and blocks are not of the same length.")
    if not np.isfinite(numbers).all():
        raise ValueError("A value is no number.")
    if not labels.any() or labels.all():
        raise ValueError("Both samples need values.")
    # Sorted once: the distribution functions are then sums from left to right.
    order = np.argsort(numbers, kind="stable")
    numbers, labels, block = numbers[order], labels[order], block[order]
    ends = np.append(numbers[1:] != numbers[:-1], True)
    observed = _statistics(numbers, labels[np.newaxis], ends)
    generator = np.random.default_rng(seed)
    as_large = np.zeros(2)
    portion = max(1, PORTION // len(numbers))
    for start in range(0, permutations, portion):
        count = min(portion, permutations - start)
        drawn = _exchanged(labels, block, count, generator)
        found = _statistics(numbers, drawn, ends)
        # A hair's breadth, for sums that differ by their order alone.
        as_large += (found >= observed * (1 - 1e-12)).sum(axis=1)
    p_median, p_gap = (as_large + 1) / (permutations + 1)
    first, second = numbers[~labels], numbers[labels]
    return Compared(
        n=(len(first), len(second)),
        medians=(float(np.median(first)), float(np.median(second))),
        gap=float(observed[1, 0]),
        p_median=float(p_median),
        p_gap=float(p_gap),
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values for their number; in the order in which they came."""
    many = len(p_values)
    adjusted = [0.0] * many
    largest = 0.0
    for rank, place in enumerate(sorted(range(many), key=lambda each: p_values[each])):
        largest = max(largest, min(1.0, (many - rank) * p_values[place]))
        adjusted[place] = largest
    return adjusted


def _exchanged(
    labels: NDArray[np.bool_],
    block: NDArray[np.generic],
    count: int,
    generator: np.random.Generator,
) -> NDArray[np.bool_]:
    """Labels anew, exchanged within blocks; shape (count, n)."""
    drawn = np.empty((count, len(labels)), dtype=bool)
    for each in np.unique(block):
        here = np.flatnonzero(block == each)
        rows = np.broadcast_to(labels[here], (count, len(here)))
        drawn[:, here] = generator.permuted(rows, axis=1)
    return drawn


def _statistics(
    numbers: NDArray[np.float64],
    labels: NDArray[np.bool_],
    ends: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Both statistics for rows of labels over sorted numbers; shape (2, rows)."""
    seconds = labels.cumsum(axis=1)
    firsts = np.arange(1, len(numbers) + 1) - seconds
    many, other = seconds[0, -1], firsts[0, -1]
    gaps = np.abs(seconds / many - firsts / other)[:, ends].max(axis=1)
    shift = np.abs(_median(numbers, seconds, many) - _median(numbers, firsts, other))
    return np.stack([shift, gaps])


def _median(
    numbers: NDArray[np.float64], ranks: NDArray[np.int_], many: int
) -> NDArray[np.float64]:
    """The median of those units that the running counts count; shape (rows,)."""
    low, high = (many + 1) // 2, many // 2 + 1
    # The first place where so many have been counted holds that one.
    lower = numbers[(ranks >= low).argmax(axis=1)]
    upper = numbers[(ranks >= high).argmax(axis=1)]
    middle: NDArray[np.float64] = (lower + upper) / 2
    return middle
