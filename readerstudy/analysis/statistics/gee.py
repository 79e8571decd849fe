"""Marginal logistic model of success by arm over all rows that were given.

Generalised estimating equations with the case as cluster (K.-Y. Liang and S. L.
Zeger, Biometrika 1986; 73: 13-22), standard errors robust, and bias-reduced after
L. A. Mancl and T. A. DeRouen, Biometrics 2001; 57: 126-134, with t on K - 1 df.
"""

import warnings
from typing import Any

import numpy as np
from scipy import special, stats
from statsmodels.genmod.cov_struct import Exchangeable, Independence
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_estimating_equations import GEE
from statsmodels.tools.sm_exceptions import ModelWarning

from readerstudy.analysis.statistics.mrmc import NOTHING
from readerstudy.analysis.statistics.sentences import (
    ONE_CASE,
    TOO_FEW_ARMS,
    Block,
    block,
    no_discordant_blocks,
)
from readerstudy.analysis.statistics.table import Floats, Table

_CONSTANT = "Not estimable: every rating is the same outcome."
_NO_FIT = "Not estimable: too few ratings per case for this working correlation."
_NO_CORRECTION = "Not estimable: an arm was rated in a single case."
STRUCTURES = {"independence": Independence, "exchangeable": Exchangeable}

_LARGEST_LOG_ODDS = 30.0


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
    robust = corrected = None
    # Beyond this a rate is 0 or 1 to the last digit: the fit ran away.
    if result is not None and np.abs(result.params).max() < _LARGEST_LOG_ODDS:
        params = np.asarray(result.params)
        correlation = float(result.cov_struct.dep_params or 0.0)
        robust = _terms(table, params, result.cov_robust, None)
        # With one case per arm that case's leverage is 1: nothing is left to correct.
        if table.given.any(axis=1).sum(axis=0).min() > 1:
            covariance = _bias_reduced(table, params, correlation)
            corrected = _terms(table, params, covariance, len(table.cases) - 1)
    models = []
    for se_type, terms in (("robust", robust), ("bias_reduced", corrected)):
        message = _NO_FIT if robust is None else _NO_CORRECTION
        models.append(
            block(
                "zero_variance" if terms is None else "ok",
                message if terms is None else None,
                working_correlation=structure,
                se_type=se_type,
                terms=terms or [],
            )
        )
    return models


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
        ).fit(start_params=np.append(log_odds[0], log_odds[1:] - log_odds[0]))
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
    table: Table, params: Floats, covariance: Floats, df: int | None
) -> list[Block] | None:
    """One term per arm after the first; None where a standard error is nothing."""
    with np.errstate(invalid="ignore"):
        errors = np.sqrt(np.diag(covariance))[1:]
    if not (np.isfinite(errors).all() and (errors > NOTHING).all()):
        return None
    law = stats.norm if df is None else stats.t(df)
    return [
        {
            "arm": arm,
            "log_odds": float(params[index]),
            "se": float(errors[index - 1]),
            "p_value": min(
                1.0, 2 * float(law.sf(abs(params[index] / errors[index - 1])))
            ),
        }
        for index, arm in enumerate(table.arms[1:], 1)
    ]
