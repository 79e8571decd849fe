"""Marginal logistic model of success by arm over all rows that were given.

Generalised estimating equations with the case as cluster (K.-Y. Liang and S. L.
Zeger, Biometrika 1986; 73: 13-22), standard errors robust, and bias-reduced after
L. A. Mancl and T. A. DeRouen, Biometrics 2001; 57: 126-134, with t on K - 1 df.
Solved on totals per case and arm, as the model has one mean per arm: statsmodels goes
through the cases one by one, which takes minutes for large studies. The tests hold the
solution to that of statsmodels.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy import special

from readerstudy.analysis.statistics.reads import Floats
from readerstudy.analysis.statistics.sentences import (
    ONE_CASE,
    TOO_FEW_ARMS,
    Block,
    block,
    no_discordant_blocks,
)
from readerstudy.analysis.statistics.t_test import NOTHING, t_p_value
from readerstudy.analysis.statistics.table import Table

_CONSTANT = "Not estimable: every rating is the same outcome."
_NO_FIT = "Not estimable: too few ratings per case for this working correlation."
_NO_CORRECTION = "Not estimable: an arm was rated in a single case."
_NO_VARIATION = (
    "Zero variance: the difference from {reference} is the same in every case."
)
STRUCTURES = ("independence", "exchangeable")

_LARGEST_LOG_ODDS = 30.0
_MOST_ITERATIONS = 100
_SMALLEST_STEP = 1e-12


def gee(table: Table) -> Block:
    """Log odds of success against the first arm, under two working correlations."""
    status, message = _obstacle(table)
    reference = table.arms[0] if table.arms else None
    if status != "ok":
        return block(status, message, reference=reference, models=[])
    return block(
        "ok",
        None,
        reference=reference,
        models=[model for name in STRUCTURES for model in _models(table, name)],
    )


def _obstacle(table: Table) -> tuple[str, str | None]:
    """Why no model can be fitted, if so."""
    if len(table.arms) < 2:
        return "too_few_arms", TOO_FEW_ARMS
    if len(table.cases) < 2:
        return "one_case", ONE_CASE
    given = table.given.sum(axis=(0, 1))
    successes = table.success.sum(axis=(0, 1))
    if successes.sum() in (0, given.sum()):
        return "constant_outcome", _CONSTANT
    extreme = [
        f"{arm} at {100 * int(count > 0)} %"
        for arm, count, number in zip(table.arms, successes, given, strict=True)
        if count in (0, number)
    ]
    if extreme:
        return "separation", f"Not estimable: {', '.join(extreme)}."
    per_block = table.success.sum(axis=2)
    alike = (per_block == 0) | (per_block == table.given.sum(axis=2))
    rated = table.given.any(axis=2)
    if alike.all() and table.complete[rated].all():
        return "no_discordant_blocks", no_discordant_blocks(int(rated.sum()))
    return "ok", None


def _models(table: Table, structure: str) -> list[Block]:
    """The fit under one working correlation, with both kinds of standard error."""
    fit = _fit(table, structure)
    if fit is None:
        return [
            _model(structure, se_type, None, _NO_FIT)
            for se_type in ("robust", "bias_reduced")
        ]
    log_odds, usual = special.logit(fit.means), _expected(table, fit)
    params = np.append(log_odds[0], log_odds[1:] - log_odds[0])
    covariance = _sandwich(table, fit, corrected=False)
    robust = _terms(table, params, covariance, usual, None)
    corrected = None
    # With one case per arm that case's leverage is 1: nothing is left to correct.
    if table.given.any(axis=1).sum(axis=0).min() > 1:
        covariance = _sandwich(table, fit, corrected=True)
        corrected = _terms(table, params, covariance, usual, len(table.cases) - 1)
    return [
        _model(structure, "robust", robust, _NO_FIT),
        _model(structure, "bias_reduced", corrected, _NO_CORRECTION),
    ]


def _model(
    structure: str, se_type: str, terms: list[Block] | None, message: str
) -> Block:
    return block(
        "zero_variance" if terms is None else "ok",
        message if terms is None else None,
        working_correlation=structure,
        se_type=se_type,
        terms=terms or [],
    )


@dataclass(frozen=True)
class _Totals:
    """Ratings and successes per case and arm, cases in an order that no name decides.

    Where a fit is close to no solution, the order of its sums would decide it.
    """

    number: Floats
    successes: Floats

    @classmethod
    def of(cls, table: Table) -> "_Totals":
        number = table.given.sum(axis=1).astype(np.float64)
        successes = table.success.sum(axis=1).astype(np.float64)
        order = np.lexsort(np.concatenate((number, successes), axis=1).T)
        return cls(number[order], successes[order])

    @property
    def sizes(self) -> Floats:
        return np.asarray(self.number.sum(axis=1))


@dataclass(frozen=True)
class _Fit:
    """Mean of every arm and the working correlation at the solution."""

    means: Floats
    correlation: float


def _equations(
    totals: _Totals, means: Floats, correlation: float
) -> tuple[Floats, Floats]:
    """Score U_i and information M_i of every case, up to the same factor.

    With M_i = D_i' V_i^-1 D_i and U_i = D_i' V_i^-1 r_i. Ratings of an arm are alike,
    so no case needs a matrix of the size of its rows.
    """
    deviation = np.sqrt(means * (1 - means))
    number, size = totals.number, totals.sizes[:, np.newaxis]
    share = correlation / (1 + (size - 1) * correlation)
    residual = (totals.successes - number * means) / deviation
    scores = deviation * (
        residual - share * number * residual.sum(axis=1, keepdims=True)
    )
    inner = number[:, :, np.newaxis] * np.eye(len(means))
    inner -= share[:, :, np.newaxis] * number[:, :, np.newaxis] * number[:, np.newaxis]
    inner *= np.outer(deviation, deviation)
    return scores, inner


def _correlation(totals: _Totals, means: Floats) -> float:
    """Moment estimate of the exchangeable correlation; k means cost k df."""
    variance, number = means * (1 - means), totals.number
    residual = (totals.successes - number * means) / np.sqrt(variance)
    squares = totals.successes * (1 - means) ** 2
    squares = (squares + (number - totals.successes) * means**2) / variance
    own = squares.sum(axis=1)
    crossed = float((residual.sum(axis=1) ** 2 - own).sum()) / 2
    size = totals.sizes
    couples = float((size * (size - 1) / 2).sum())
    scale = float(own.sum()) / (float(size.sum()) - len(means))
    return crossed / scale / (couples - len(means))


def _fit(table: Table, structure: str) -> _Fit | None:
    """Solve the estimating equations; None where they have no proper solution."""
    totals = _Totals.of(table)
    means = totals.successes.sum(axis=0) / totals.number.sum(axis=0)
    if structure == "independence":
        return _Fit(means, 0.0)
    size = totals.sizes
    if float((size * (size - 1) / 2).sum()) <= len(means):
        return None
    log_odds = special.logit(means)
    for _ in range(_MOST_ITERATIONS):
        means = special.expit(log_odds)
        # Beyond this a rate is 0 or 1 to the last digit: the fit ran away.
        if np.abs(log_odds).max() >= _LARGEST_LOG_ODDS:
            return None
        correlation = _correlation(totals, means)
        if not -1 / max(float(size.max()) - 1, 1.0) < correlation < 1:
            return None
        scores, inner = _equations(totals, means, correlation)
        step = np.linalg.lstsq(inner.sum(axis=0), scores.sum(axis=0), rcond=None)[0]
        log_odds = log_odds + step
        if np.abs(step).max() < _SMALLEST_STEP:
            return _Fit(special.expit(log_odds), correlation)
    return None


def _sandwich(table: Table, fit: _Fit, *, corrected: bool) -> Floats:
    """Robust covariance of the log odds: that of the first arm, then of differences.

    Corrected after Mancl and DeRouen, the score D_i' V_i^-1 (I - H_i)^-1 r_i is
    M (M - M_i)^-1 U_i with M the sum of all M_i.
    """
    scores, inner = _equations(_Totals.of(table), fit.means, fit.correlation)
    whole = inner.sum(axis=0)
    if corrected:
        turned = np.linalg.solve(whole - inner, scores[:, :, np.newaxis])[:, :, 0]
    else:
        turned = np.linalg.solve(whole, scores.T).T
    # In the corrected case M cancels against the bread of the sandwich.
    return _contrasted(turned.T @ turned)


def _expected(table: Table, fit: _Fit) -> Floats:
    """Variances that the model itself expects."""
    _, inner = _equations(_Totals.of(table), fit.means, fit.correlation)
    bread = np.linalg.pinv(inner.sum(axis=0)) * (1 - fit.correlation)
    return np.diag(_contrasted(bread))


def _contrasted(covariance: Floats) -> Floats:
    contrast = np.eye(len(covariance))
    contrast[1:, 0] = -1.0
    return np.asarray(contrast @ covariance @ contrast.T)


def _terms(
    table: Table, params: Floats, covariance: Floats, usual: Floats, df: int | None
) -> list[Block]:
    """One term per arm after the first.

    `usual` are the variances that the model expects. A variance that is nothing beside
    them is rounding: the arm differs from the first alike in every case.
    """
    no_variation = _NO_VARIATION.format(reference=table.arms[0])
    terms = []
    for index, arm in enumerate(table.arms[1:], 1):
        log_odds, variance = float(params[index]), float(covariance[index, index])
        if not variance > NOTHING * usual[index]:
            none: Block = {"arm": arm, "log_odds": log_odds, "se": None}
            terms.append(block("zero_variance", no_variation, **none, p_value=None))
            continue
        se = sqrt(variance)
        values = {"log_odds": log_odds, "se": se}
        p_value = t_p_value(log_odds / se, df)
        terms.append(block("ok", None, arm=arm, **values, p_value=p_value))
    return terms
