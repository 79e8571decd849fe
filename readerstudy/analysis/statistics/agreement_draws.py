"""The coefficients of agreement as functions of sums over cases.

Every coefficient of kappas.py again, from sums that can be drawn: `sums[..., column]`
may be those of the table itself or of many bootstrap draws of its cases. A coefficient
that is 0/0 is NaN here.
"""

import numpy as np

from readerstudy.analysis.statistics.bootstrap import drawn_sums, ratio
from readerstudy.analysis.statistics.kappas import ordinal_weights
from readerstudy.analysis.statistics.reads import Floats, Integers
from readerstudy.analysis.statistics.table import GRADES, SUCCESS, Table

_GRADES = len(GRADES)
_UPPER = np.triu_indices(_GRADES)
# Columns of a unit: weighted agreement, equal pairs, a pair at all; shares of the
# grades; coincidences of every two grades.
_WEIGHTED, _SAME, _PAIRED = 0, 1, 2
_SHARES = slice(3, 3 + _GRADES)
_COINCIDENCES = slice(3 + _GRADES, 3 + _GRADES + len(_UPPER[0]))
# Columns of a complete unit: grades, equal ordered pairs, likewise of success.
_EQUAL, _EQUAL_SUCCESS = _GRADES, _GRADES + 1


def drawn_coefficients(table: Table, *, seed: int) -> list[dict[str, Floats]]:
    """Every coefficient in every draw of cases: over all arms, then per arm."""
    counts = np.moveaxis(table.counts(np.moveaxis(table.grades, 1, 2)), 0, -1)
    units, complete, raters = case_sums(table, counts)
    cases, scopes, arms = len(counts), len(raters), counts.shape[1]
    drawn = drawn_sums(
        np.concatenate([units.reshape(cases, -1), complete.reshape(cases, -1)], axis=1),
        seed=seed,
    )
    split = units[0].size
    of_units = drawn[:, :split].reshape(len(drawn), arms, -1)
    of_complete = drawn[:, split:].reshape(len(drawn), scopes, -1)
    whole = [of_units.sum(axis=1), *np.moveaxis(of_units, 1, 0)]
    return [
        coefficients(each, of_complete[:, scope], int(raters[scope]))
        for scope, each in enumerate(whole)
    ]


def case_sums(table: Table, counts: Integers) -> tuple[Floats, Floats, Integers]:
    """[case, arm, column] of units, [case, scope, column] of complete ones, raters.

    Scopes are all arms together, then every arm. A unit is complete where every reader
    of its scope graded it.
    """
    given = counts.sum(axis=-1)
    of_arm = table.given.any(axis=0).sum(axis=0)
    raters = np.concatenate([[len(table.readers)], of_arm])
    units = _of_units(counts, given)
    per_arm = _of_complete(counts, given == of_arm)
    pooled = _of_complete(counts, given == len(table.readers)).sum(axis=1)
    return units, np.concatenate([pooled[:, np.newaxis], per_arm], axis=1), raters


def _of_units(counts: Integers, given: Integers) -> Floats:
    paired = given >= 2
    pairs = np.where(paired, given * (given - 1), 1)
    whole = np.where(paired[..., np.newaxis], counts, 0)
    same = whole * (whole - 1)
    agreeing = (whole * (whole @ ordinal_weights(_GRADES) - 1)).sum(axis=-1)
    first, second = _UPPER
    together = whole[..., first] * whole[..., second]
    together[..., first == second] = same
    return np.concatenate(
        [
            (agreeing / pairs)[..., np.newaxis],
            (same.sum(axis=-1) / pairs)[..., np.newaxis],
            paired[..., np.newaxis],
            counts / np.maximum(given, 1)[..., np.newaxis],
            together / np.maximum(given - 1, 1)[..., np.newaxis],
        ],
        axis=-1,
    )


def _of_complete(counts: Integers, complete: Integers) -> Floats:
    whole = np.where(complete[..., np.newaxis], counts, 0)
    outcome = np.stack(
        [whole[..., :SUCCESS].sum(axis=-1), whole[..., SUCCESS:].sum(axis=-1)], axis=-1
    )
    equal = [(each * (each - 1)).sum(axis=-1) for each in (whole, outcome)]
    return np.concatenate([whole, np.stack(equal, axis=-1)], axis=-1).astype(np.float64)


def coefficients(units: Floats, complete: Floats, raters: int) -> dict[str, Floats]:
    """The coefficients of sums over units, and over complete ones of `raters` each."""
    grades = complete[..., :_GRADES]
    outcome = np.stack(
        [grades[..., :SUCCESS].sum(axis=-1), grades[..., SUCCESS:].sum(axis=-1)],
        axis=-1,
    )
    paired = units[..., _PAIRED]
    return {
        "fleiss_kappa": _fleiss(grades, complete[..., _EQUAL], raters),
        "fleiss_kappa_success": _fleiss(outcome, complete[..., _EQUAL_SUCCESS], raters),
        "krippendorff_alpha_ordinal": _alpha(units[..., _COINCIDENCES]),
        "gwet_ac2_ordinal": _ac2(units[..., _WEIGHTED], paired, units[..., _SHARES]),
        "percent_agreement": ratio(units[..., _SAME], paired),
    }


def _fleiss(shares: Floats, equal: Floats, raters: int) -> Floats:
    number = shares.sum(axis=-1)
    observed = ratio(equal, number * (raters - 1))
    expected = (ratio(shares, number[..., np.newaxis]) ** 2).sum(axis=-1)
    found = ratio(observed - expected, 1 - expected)
    return np.where(np.count_nonzero(shares, axis=-1) < 2, np.nan, found)


def _alpha(coincidences: Floats) -> Floats:
    first, second = _UPPER
    margin = np.stack(
        [
            coincidences[..., (first == grade) | (second == grade)].sum(axis=-1)
            for grade in range(_GRADES)
        ],
        axis=-1,
    )
    # An ordinal distance is one of ranks: of the middles of what each grade holds.
    rank = margin.cumsum(axis=-1) - margin / 2
    distance = (rank[..., first] - rank[..., second]) ** 2
    observed = (coincidences * distance).sum(axis=-1)
    expected = (margin[..., first] * margin[..., second] * distance).sum(axis=-1)
    found = 1 - ratio((margin.sum(axis=-1) - 1) * observed, expected)
    return np.where(np.count_nonzero(margin, axis=-1) < 2, np.nan, found)


def _ac2(agreeing: Floats, paired: Floats, shares: Floats) -> Floats:
    share = ratio(shares, shares.sum(axis=-1, keepdims=True))
    scale = float(ordinal_weights(_GRADES).sum()) / (_GRADES * (_GRADES - 1))
    chance = scale * (share * (1 - share)).sum(axis=-1)
    return ratio(ratio(agreeing, paired) - chance, 1 - chance)
