"""The largest set of readers and cases in which nothing is missing."""

import numpy as np

from readerstudy.analysis.statistics.reads import Bools, Integers

# Up to here every set of readers is tried; beyond, readers are dropped one by one.
MOST_TRIED = 12
_FEWEST = 2


def largest_complete(complete: Bools) -> tuple[list[int], Integers]:
    """Places of readers and cases with the most blocks, all of them complete.

    At least two readers and two cases, else both are empty. Of equally large sets the
    one with more readers, then the one whose readers come first.
    """
    number = complete.shape[1]
    found = _tried(complete) if number <= MOST_TRIED else _dropped(complete)
    cases = np.flatnonzero(complete[:, found].all(axis=1))
    if len(found) < _FEWEST or len(cases) < _FEWEST:
        return [], cases[:0]
    return found, cases


def _tried(complete: Bools) -> list[int]:
    """Go through all sets of readers, as the bits of a number."""
    number = complete.shape[1]
    bits = 1 << np.arange(number)
    cases = np.bincount(complete @ bits, minlength=1 << number)
    # cases[s] becomes the number of cases that hold every reader of s.
    for bit in bits.tolist():
        without = np.flatnonzero(np.arange(len(cases)) & bit == 0)
        cases[without] += cases[without + bit]
    best, size = [], (0, 0)
    for chosen in range(len(cases)):
        readers = [place for place in range(number) if chosen >> place & 1]
        if len(readers) < _FEWEST or cases[chosen] < _FEWEST:
            continue
        reached = (len(readers) * int(cases[chosen]), len(readers))
        if reached > size or (reached == size and readers < best):
            best, size = readers, reached
    return best


def _dropped(complete: Bools) -> list[int]:
    """Drop the reader without whom most cases are complete, as long as two are left."""
    readers = list(range(complete.shape[1]))
    best, size = [], 0
    while len(readers) >= _FEWEST:
        lacking = ~complete[:, readers]
        absent = lacking.sum(axis=1)
        cases = int((absent == 0).sum())
        if cases >= _FEWEST and cases * len(readers) > size:
            best, size = list(readers), cases * len(readers)
        gained = lacking[absent == 1].sum(axis=0)
        # Where nobody's absence alone is in the way, whoever lacks most goes.
        ranks = [
            (int(gain), int(lack))
            for gain, lack in zip(gained, lacking.sum(axis=0), strict=True)
        ]
        del readers[max(range(len(readers)), key=lambda place: ranks[place])]
    return best
