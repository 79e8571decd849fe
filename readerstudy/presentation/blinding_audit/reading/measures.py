"""The area under the ROC curve, its interval over cases, and its chance."""

from collections.abc import Sequence

import numpy as np

# The most cells of one table of comparisons; beyond, cases are drawn (audit.py).
_DRAWS_AT_ONCE = 500


def auc(scores: np.ndarray, is_arm: np.ndarray) -> float:
    """The chance that a report of the arm scores above one that is not; ties half."""
    return float(aucs(scores[:, None], is_arm[:, None])[0])


def aucs(scores: np.ndarray, is_arm: np.ndarray) -> np.ndarray:
    """The AUC of each column: scores and marks are [reports, columns]."""
    order = np.argsort(scores, axis=0, kind="stable")
    ordered = np.take_along_axis(scores, order, axis=0)
    ranks = np.empty_like(ordered)
    for column in range(scores.shape[1]):
        _, place, count = np.unique(
            ordered[:, column], return_inverse=True, return_counts=True
        )
        ranks[order[:, column], column] = (np.cumsum(count) - (count - 1) / 2)[place]
    own = is_arm.sum(axis=0)
    others = len(scores) - own
    above = (ranks * is_arm).sum(axis=0) - own * (own + 1) / 2
    return np.asarray(above / (own * others))


def bootstrap(
    scores: np.ndarray,
    marks: np.ndarray,
    cases: np.ndarray,
    *,
    draws: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """AUCs of each arm when cases are drawn anew with replacement: [draws, arms].

    scores, marks  [reports, arms]: how much like the arm, and whether of the arm
    cases          the number of each report's case, from 0
    A draw in which an arm has no report or no other has, says nothing: NaN.
    """
    number = int(cases.max()) + 1
    weights = rng.multinomial(number, np.full(number, 1 / number), size=draws)
    found = np.empty((draws, marks.shape[1]))
    for arm in range(marks.shape[1]):
        own, others = marks[:, arm], ~marks[:, arm]
        ahead = _compared(scores[own, arm], scores[others, arm])
        for start in range(0, draws, _DRAWS_AT_ONCE):
            rows = slice(start, start + _DRAWS_AT_ONCE)
            own_weights = weights[rows][:, cases[own]].astype(np.float32)
            other_weights = weights[rows][:, cases[others]].astype(np.float32)
            won = ((own_weights @ ahead) * other_weights).sum(axis=1)
            pairs = own_weights.sum(axis=1) * other_weights.sum(axis=1)
            with np.errstate(invalid="ignore"):
                found[rows, arm] = won / pairs
    return found


def _compared(own: np.ndarray, others: np.ndarray) -> np.ndarray:
    """1 where a report of the arm scores above another, 1/2 where they are level."""
    above = own[:, None] > others[None, :]
    level = own[:, None] == others[None, :]
    return np.asarray(above + 0.5 * level, dtype=np.float32)


def interval(draws: np.ndarray) -> list[float] | None:
    """The middle 95% of the draws that say anything; None where none does."""
    told = draws[~np.isnan(draws)]
    if not len(told):
        return None
    low, high = np.quantile(told, [0.025, 0.975])
    return [float(low), float(high)]


def within_cases(
    scores: np.ndarray, is_arm: np.ndarray, cases: np.ndarray
) -> float | None:
    """Of the cases with a report of both arms, in how many the right one scores higher.

    Level scores count a half. None where no case has both.
    """
    won: list[float] = []
    for case in np.unique(cases):
        here = cases == case
        own, other = scores[here & is_arm], scores[here & ~is_arm]
        if len(own) and len(other):
            won.append(float(own[0] > other[0]) + 0.5 * float(own[0] == other[0]))
    return sum(won) / len(won) if won else None


def swapped_within_cases(
    arm_of: np.ndarray, cases: np.ndarray, *, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """Arms dealt anew among the reports of each case: [draws, reports]."""
    # Sorted by case, then at random: the arms of a case in a new order each time.
    order = np.argsort(cases, kind="stable")
    chance = rng.random((draws, len(cases)))
    mixed = np.lexsort((chance, np.broadcast_to(cases, chance.shape)), axis=1)
    dealt = np.empty((draws, len(cases)), dtype=arm_of.dtype)
    np.put_along_axis(dealt, mixed, np.broadcast_to(arm_of[order], dealt.shape), axis=1)
    return dealt


def chance(observed: float, drawn: Sequence[float]) -> float:
    """How often chance does as well, the observation itself counted in."""
    as_good = sum(each >= observed - 1e-9 for each in drawn)
    return (1 + as_good) / (1 + len(drawn))
