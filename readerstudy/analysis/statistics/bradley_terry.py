"""Worth of arms from preferences in pairs, with ties: Davidson's Bradley-Terry model.

The three answers to a pair are proportional to w_i, w_j and nu sqrt(w_i w_j).
Source: R. R. Davidson, J Am Stat Assoc 1970; 65: 317-328.
"""

from collections.abc import Sequence
from math import exp, sqrt

import numpy as np
from scipy import optimize, special

from readerstudy.analysis.statistics.intervals import Z
from readerstudy.analysis.statistics.reads import Floats, Integers
from readerstudy.analysis.statistics.sentences import ONE_CASE, Block, block

# Beyond this, chances are 0 or 1: the fit ran away.
_LARGEST = 12.0
_SEPARATION = (
    "Not estimable: an arm was never, or always, preferred, or arms were not compared."
)
_NO_SPREAD = "Zero variance: the cases do not differ in what they say of the arms."
Answers = Sequence[tuple[int, int, Floats]]


def bradley_terry(arms: Sequence[str], case: Integers, answers: Answers) -> Block:
    """Log worth against the first arm compared; standard errors clustered by case."""
    design, pair, chosen, cluster = _observations(len(arms), case, answers)
    compared = np.flatnonzero(np.abs(design[:, :, :-1]).sum(axis=(0, 1)) > 0)
    # The first arm is the measure; without a tie there is no parameter for ties.
    ties = bool((chosen == 2).any())
    free = [*compared[1:], *([len(arms)] if ties else [])]
    sides = 3 if ties else 2
    x = design[:, :sides, free]
    cases, cluster = np.unique(cluster, return_inverse=True)
    if len(cases) < 2:
        return block("one_case", ONE_CASE, tie=None, arms=[])
    fitted = _fit(x, pair, chosen)
    if fitted is None:
        return block("separation", _SEPARATION, tie=None, arms=[])
    values, information, scores = fitted
    per_case = np.zeros((len(cases), len(free)))
    np.add.at(per_case, cluster, scores)
    bread = np.linalg.inv(information)
    covariance = bread @ (per_case.T @ per_case) @ bread
    errors = np.sqrt(np.diag(covariance) * len(cases) / (len(cases) - 1))
    tie = exp(values[-1]) if ties else 0.0
    rows: list[Block] = [_row(arms[compared[0]], 0.0, 0.0)]
    for place, index in enumerate(compared[1:]):
        rows.append(_row(arms[index], float(values[place]), float(errors[place])))
    if any(error < 1e-9 for error in errors[: len(compared) - 1]):
        return block("zero_variance", _NO_SPREAD, tie=tie, arms=rows)
    return block("ok", None, tie=tie, arms=rows)


def _row(arm: str, value: float, se: float) -> Block:
    limits = [value - Z * se, value + Z * se]
    return {"arm": arm, "log_ability": value, "se": se, "ci95": limits}


def _observations(
    arms: int, case: Integers, answers: Answers
) -> tuple[Floats, Integers, Integers, Integers]:
    """design[pair, answer, parameter]; per row its pair, answer (2 is a tie), case."""
    designs: list[Floats] = []
    pairs: list[Integers] = []
    chosen: list[Integers] = []
    clusters: list[Integers] = []
    for first, second, answer in answers:
        known = ~np.isnan(answer)
        one = np.zeros((3, arms + 1))
        one[0, first] = one[1, second] = 1.0
        one[2, [first, second]] = 0.5
        one[2, arms] = 1.0
        if not known.any():
            continue
        pairs.append(np.full(int(known.sum()), len(designs)))
        designs.append(one)
        chosen.append(np.select([answer[known] < 0, answer[known] > 0], [0, 1], 2))
        clusters.append(case[known])
    return (
        np.stack(designs),
        np.concatenate(pairs),
        np.concatenate(chosen),
        np.concatenate(clusters),
    )


def _fit(
    x: Floats, pair: Integers, chosen: Integers
) -> tuple[Floats, Floats, Floats] | None:
    """Estimates, information and scores per row; None where there is no maximum."""
    # Equal rows count together, in an order that no name decides.
    kind, inverse, number = np.unique(
        pair * 3 + chosen, return_inverse=True, return_counts=True
    )
    some, said = x[kind // 3], kind % 3
    taken = some[np.arange(len(some)), said]

    def lost(values: Floats) -> tuple[float, Floats]:
        utility = some @ values
        chance = special.softmax(utility, axis=1)
        missed = taken - (chance[:, :, np.newaxis] * some).sum(axis=1)
        likelihood = special.logsumexp(utility, axis=1) - taken @ values
        return float(number @ likelihood) / len(pair), -(number @ missed) / len(pair)

    found = optimize.minimize(
        lost, np.zeros(x.shape[2]), jac=True, method="BFGS", options={"gtol": 1e-10}
    )
    values = np.asarray(found.x)
    if np.abs(values).max() > _LARGEST or np.abs(lost(values)[1]).max() > 1e-6:
        return None
    chance = special.softmax(some @ values, axis=1)
    mean = (chance[:, :, np.newaxis] * some).sum(axis=1)
    spread = some - mean[:, np.newaxis]
    information = np.einsum("r,ra,rap,raq->pq", number, chance, spread, spread)
    if np.linalg.cond(information) > 1e6 or not sqrt(np.trace(information)) > 0:
        return None
    return values, information, (taken - mean)[inverse]
