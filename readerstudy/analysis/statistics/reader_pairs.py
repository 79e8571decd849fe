"""Quadratic weighted kappa of every two readers, with intervals over drawn cases."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from readerstudy.analysis.statistics.bootstrap import (
    MOSTLY_UNDEFINED,
    Found,
    drawn_sums,
    interval,
    ratio,
)
from readerstudy.analysis.statistics.kappas import weighted_kappa
from readerstudy.analysis.statistics.products import long_product
from readerstudy.analysis.statistics.reads import Floats, Integers
from readerstudy.analysis.statistics.sentences import Block, block
from readerstudy.analysis.statistics.table import GRADES, Table

NO_KAPPAS: Block = {
    "weighted_kappa": {},
    "weighted_kappa_absent": {},
    "weighted_kappa_ci95": {},
    "weighted_kappa_ci95_absent": {},
}
_NO_SHARED = "Not estimable: these two readers graded no report in common."
_NO_SPREAD = "Weighted kappa is undefined: one category used by both readers."
_UNITS_AT_ONCE = 16_384
_PAIRS_AT_ONCE = 100
# Whole numbers up to here are exact in single precision, which is twice as fast.
_EXACT = 2**24
# Kinds of terms beside the powers 0, 1 and 2 of one reader's grades.
PRODUCT, ALONE = 3, -1

Pairs = Sequence[tuple[int, int]]
# Arm, reader, the reader who shares the reports, power.
Term = tuple[int, int, int, int]


def key_of(first: str, second: str) -> str:
    """Two readers as a key; a bar that is part of a name is escaped."""
    return "|".join(name.replace("|", "\\|") for name in (first, second))


def weighted_kappas(readers: Sequence[str], grades: Integers) -> Block:
    """Kappa of the readers of `grades[unit, reader]`; where there is none, why."""
    tables = _confusions(grades)
    kappas: dict[str, float] = {}
    absent: dict[str, Block] = {}
    for first, second in combinations(range(len(readers)), 2):
        key = key_of(readers[first], readers[second])
        confusion = tables[first, :, second, :]
        value = weighted_kappa(confusion)
        if value is not None:
            kappas[key] = value
        elif confusion.any():
            absent[key] = block("one_category", _NO_SPREAD)
        else:
            absent[key] = block("not_crossed", _NO_SHARED)
    return {"weighted_kappa": kappas, "weighted_kappa_absent": absent}


def _confusions(grades: Integers) -> Integers:
    """[reader, grade, reader, grade]: how many units have both."""
    number, categories = grades.shape[1], np.arange(1, len(GRADES) + 1)
    width = number * len(GRADES)
    tables = np.zeros((width, width), dtype=np.int64)
    for start in range(0, len(grades), _UNITS_AT_ONCE):
        some = grades[start : start + _UNITS_AT_ONCE]
        marks = (some[:, :, np.newaxis] == categories).reshape(len(some), width)
        marks = marks.astype(np.float32)
        tables += long_product(marks.T, marks).astype(np.int64)
    return tables.reshape(number, len(GRADES), number, len(GRADES))


# Beyond this the draws of all pairs take minutes, and nobody reads so many intervals.
MOST_READERS = 40
TOO_MANY_READERS = (
    f"No interval: pairs of more than {MOST_READERS} readers are not drawn."
)


def kappa_intervals(table: Table, *, seed: int) -> list[dict[str, Found]]:
    """Interval of every two readers' kappa, or why none: over all arms, then per arm.

    Few pairs are drawn at once, so that many readers need little memory; every batch
    has the same draws, for it has the same seed.
    """
    pairs = list(combinations(range(len(table.readers)), 2))
    found: list[dict[str, Found]] = [{} for _ in range(1 + len(table.arms))]
    if len(table.readers) > MOST_READERS:
        reason = None, ("not_crossed", TOO_MANY_READERS)
        keys = [key_of(table.readers[one], table.readers[two]) for one, two in pairs]
        return [dict.fromkeys(keys, reason) for _ in found]
    for start in range(0, len(pairs), _PAIRS_AT_ONCE):
        some = pairs[start : start + _PAIRS_AT_ONCE]
        kappas = _drawn_kappas(table, some, seed)
        for place, (first, second) in enumerate(some):
            key = key_of(table.readers[first], table.readers[second])
            for scope, intervals in enumerate(found):
                intervals[key] = interval(
                    kappas[:, scope, place],
                    len(table.cases),
                    ("one_category", MOSTLY_UNDEFINED),
                )
    return found


def _drawn_kappas(table: Table, pairs: Pairs, seed: int) -> Floats:
    """[draw, scope, pair]; scope 0 is all arms, scope n the n-th arm."""
    sums, places = pair_sums(table, pairs)
    terms = np.moveaxis(drawn_sums(sums, seed=seed)[:, places], 1, 0)
    scopes = [terms.sum(axis=0), *terms]
    return np.stack([kappa_of_sums(each) for each in scopes], axis=1)


def pair_sums(table: Table, pairs: Pairs) -> tuple[npt.NDArray[Any], Integers]:
    """Sums per case of two readers' grades x and y, and where those of a pair stand.

    `sums[case, place[arm, pair, term]]`, with the terms n, x, x^2, y, y^2 and x y over
    the reports that both graded. Where the second reader graded all reports of the
    first, the sums are those of the first alone and stand there once for all.
    """
    whole = len(GRADES) ** 2 * len(table.cases) < _EXACT
    score = np.moveaxis(table.grades, (2, 1), (0, 1)).astype(np.int32)
    known: dict[Term, int] = {}
    places = np.zeros((len(table.arms), len(pairs), 6), dtype=np.int64)
    for arm, of_arm in enumerate(score):
        given = (of_arm > 0).astype(np.float32)
        apart = given @ (1 - given).T > 0
        for pair, (x, y) in enumerate(pairs):
            beside_x = y if apart[x, y] else ALONE
            beside_y = x if apart[y, x] else ALONE
            terms = [
                *((arm, x, beside_x, power) for power in (0, 1, 2)),
                *((arm, y, beside_y, power) for power in (1, 2)),
                (arm, x, y, PRODUCT),
            ]
            places[arm, pair] = [known.setdefault(term, len(known)) for term in terms]
    sums = np.empty((len(table.cases), len(known)), np.float32 if whole else np.float64)
    for (arm, *term), place in known.items():
        sums[:, place] = _term(score[arm], *term)
    return sums, places


def _term(score: Integers, reader: int, beside: int, power: int) -> Integers:
    """A power of a reader's grade per case, of those that the other graded too."""
    if power == PRODUCT:
        return np.asarray(score[reader] * score[beside])
    own = score[reader] > 0 if power == 0 else score[reader] ** power
    return np.asarray(own if beside == ALONE else np.where(score[beside] > 0, own, 0))


def kappa_of_sums(terms: Floats) -> Floats:
    """Weighted kappa of `[..., term]` n, x, x^2, y, y^2, x y; NaN where it is 0/0."""
    n, x, xx, y, yy, xy = np.moveaxis(terms, -1, 0)
    return 1 - ratio(n * (xx + yy - 2 * xy), n * (xx + yy) - 2 * x * y)
