"""Marginal logistic model of success by arm over all rows that were given.

Generalised estimating equations with the case as cluster (K.-Y. Liang and S. L.
Zeger, Biometrika 1986; 73: 13-22), standard errors robust, and bias-reduced after
L. A. Mancl and T. A. DeRouen, Biometrics 2001; 57: 126-134, with t on K - 1 df.
"""

import warnings
from math import sqrt
from typing import Any

import numpy as np
from scipy import special, stats
from statsmodels.genmod.cov_struct import Exchangeable, Independence
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_estimating_equations import GEE
from statsmodels.tools.sm_exceptions import ModelWarning

from readerstudy.analysis.statistics.p_values import two_sided
from readerstudy.analysis.statistics.reads import Floats
from readerstudy.analysis.statistics.sentences import (
    ONE_CASE,
    TOO_FEW_ARMS,
    Block,
    block,
    no_discordant_blocks,
)
from readerstudy.analysis.statistics.t_test import NOTHING
from readerstudy.analysis.statistics.table import Table

_CONSTANT = "Not estimable: every rating is the same outcome."
_NO_FIT = "Not estimable: too few ratings per case for this working correlation."
_NO_CORRECTION = "Not estimable: an arm was rated in a single case."
_NO_VARIATION = (
    "Zero variance: the difference from {reference} is the same in every case."
)
STRUCTURES = {"independence": Independence, "exchangeable": Exchangeable}

_LARGEST_LOG_ODDS = 30.0
_MOST_ITERATIONS = 100
# Per rating, so that parameters are as exact in a large table as in a small one.
_SMALLEST_SCORE = 1e-10


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
    result = _fit(table, structure)
    # Beyond this a rate is 0 or 1 to the last digit: the fit ran away.
    if result is None or np.abs(result.params).max() >= _LARGEST_LOG_ODDS:
        return [
            _model(structure, se_type, None, _NO_FIT)
            for se_type in ("robust", "bias_reduced")
        ]
    params, usual = np.asarray(result.params), np.diag(result.cov_naive)
    robust = _terms(table, params, result.cov_robust, usual, None)
    corrected = None
    # With one case per arm that case's leverage is 1: nothing is left to correct.
    if table.given.any(axis=1).sum(axis=0).min() > 1:
        correlation = float(result.cov_struct.dep_params or 0.0)
        covariance = _bias_reduced(table, params, correlation)
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


def _rows(table: Table) -> tuple[Any, Any, Floats]:
    """Case, arm and outcome of every rating, in an order that no name decides.

    Where a fit is close to no solution, the order of its sums would decide it.
    """
    counts = np.concatenate(
        (table.given.sum(axis=1), table.success.sum(axis=1)), axis=1
    )
    place = np.empty(len(counts), dtype=np.int64)
    place[np.lexsort(counts.T)] = np.arange(len(counts))
    case, _, arm = np.nonzero(table.given)
    outcome = table.success[table.given].astype(np.float64)
    order = np.lexsort((outcome, arm, place[case]))
    return place[case][order], arm[order], outcome[order]


def _fit(table: Table, structure: str) -> Any:
    """Fit with statsmodels; None where it does not converge to a proper solution."""
    case, arm, outcome = _rows(table)
    sizes = np.bincount(case)
    couples = int((sizes * (sizes - 1) // 2).sum())
    if structure == "exchangeable" and couples <= len(table.arms):
        return None
    design = np.zeros((len(case), len(table.arms)))
    design[:, 0] = 1.0
    later = arm > 0
    design[np.nonzero(later)[0], arm[later]] = 1.0
    log_odds = special.logit(table.success.sum(axis=(0, 1)) / np.bincount(arm))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", ModelWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        result = GEE(
            outcome,
            design,
            groups=case,
            family=Binomial(),
            cov_struct=STRUCTURES[structure](),
        ).fit(
            maxiter=_MOST_ITERATIONS,
            ctol=_SMALLEST_SCORE * len(outcome),
            start_params=np.append(log_odds[0], log_odds[1:] - log_odds[0]),
        )
    proper = result is not None and bool(np.isfinite(result.params).all())
    if not proper or not result.converged:
        return None
    return result if _is_proper(result.cov_struct.dep_params, sizes.max()) else None


def _bias_reduced(table: Table, params: Floats, correlation: float) -> Floats:
    """Covariance of the parameters after Mancl and DeRouen.

    With M_i = D_i' V_i^-1 D_i, M their sum and U_i the score of case i, the corrected
    score D_i' V_i^-1 (I - H_i)^-1 r_i is M (M - M_i)^-1 U_i, and one case's rows need
    no matrix of their size. Arms are cells here: the model has one mean for each.
    """
    number = table.given.sum(axis=1).astype(np.float64)
    successes = table.success.sum(axis=1)
    mean = special.expit(np.append(params[0], params[0] + params[1:]))
    deviation = np.sqrt(mean * (1 - mean))
    size = number.sum(axis=1, keepdims=True)
    share = correlation / (1 + (size - 1) * correlation)
    residual = (successes - number * mean) / deviation
    scores = deviation * (
        residual - share * number * residual.sum(axis=1, keepdims=True)
    )
    inner = number[:, :, np.newaxis] * np.eye(len(mean))
    inner -= share[:, :, np.newaxis] * number[:, :, np.newaxis] * number[:, np.newaxis]
    inner *= np.outer(deviation, deviation)
    rest = inner.sum(axis=0) - inner
    corrected = np.linalg.solve(rest, scores[:, :, np.newaxis])[:, :, 0]
    contrast = np.eye(len(mean))
    contrast[1:, 0] = -1.0
    # M cancels against the bread of the sandwich, M^-1 on either side.
    return np.asarray(contrast @ (corrected.T @ corrected) @ contrast.T)


def _is_proper(correlation: float | None, largest: int) -> bool:
    """Whether the exchangeable correlation matrix is positive definite."""
    if correlation is None:
        return True
    return -1 / max(largest - 1, 1) < float(correlation) < 1


def _terms(
    table: Table, params: Floats, covariance: Floats, usual: Floats, df: int | None
) -> list[Block]:
    """One term per arm after the first.

    `usual` are the variances that the model expects. A variance that is nothing beside
    them is rounding: the arm differs from the first alike in every case.
    """
    law = stats.norm if df is None else stats.t(df)
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
        p_value = two_sided(law, log_odds / se)
        terms.append(block("ok", None, arm=arm, **values, p_value=p_value))
    return terms
