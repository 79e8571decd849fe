"""Success and time along a reader's list: regression with errors clustered by case."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy import special

from readerstudy.analysis.statistics.reads import Bools, Floats, Integers
from readerstudy.analysis.statistics.sentences import ONE_CASE, Block, block
from readerstudy.analysis.statistics.t_test import NOTHING, t_p_value
from readerstudy.analysis.statistics.table import Table

READS_PER_STEP = 50
_MOST_STEPS = 50
_SMALLEST_STEP = 1e-11
# Standard errors of standardised terms; beyond it the likelihood has no maximum.
_LARGEST_SE = 50.0
_SMALLEST_SHARE = 1e-9
_NO_POSITIONS = "No trend: no read has a position."
_NO_TIMES = "No trend of time: no read with a position has a time above zero."
_CONSTANT = "Not estimable: every read with a position is the same outcome."
_SAME_TIME = "Zero variance: every read with a position took the same time."
_SEPARATION = "Not estimable: {arms} among the reads with a position."
_NO_MAXIMUM = "Not estimable: position, period and arm separate success from failure."
_SINGULAR = "Not estimable: positions don't vary apart from the arms."
_FEW_CASES = "Not estimable: {cases} cases are too few for {terms} terms."
_NO_VARIATION = "Zero variance: this term is estimated alike from every case."


@dataclass(frozen=True)
class Design:
    """Rows of reads with a position, those of a case beside each other.

    `x[read, term]` begins with a constant; the terms after it are centred and divided
    by their `scale`.
    """

    case: Integers
    arm: Integers
    terms: list[str]
    scale: Floats
    x: Floats


def trend(table: Table, position: Floats, period: Floats, seconds: Floats) -> Block:
    """Models of success and of log seconds by arm, position and period.

    Logistic for success (log odds), linear for log seconds (logarithm of a ratio);
    `position_per_50` is the change per 50 reads of a reader's list, `period` that per
    session, where there is more than one and it can be told from the position; arms
    stand against the first. Errors are clustered by case with the correction
    K / (K - 1) * (N - 1) / (N - p), tested with t on K - 1 df: those of statsmodels'
    GLM with cov_type="cluster" and use_t, which is slow for a million reads. Source:
    K.-Y. Liang and S. L. Zeger, Biometrika 1986; 73: 13-22.
    """
    outcomes = [
        ("success", _success(table, position, period)),
        ("log_seconds", _log_seconds(table, position, period, seconds)),
    ]
    found = [{"outcome": outcome} | model for outcome, model in outcomes]
    # A study without times has its trend nonetheless.
    status, message = found[0]["status"], found[0]["message"]
    terms = [
        {"outcome": model["outcome"]} | term
        for model in found
        for term in model["terms"]
    ]
    outlines = [
        {key: value for key, value in model.items() if key != "terms"}
        for model in found
    ]
    return block(status, message, terms=terms, outcomes=outlines)


def _success(table: Table, position: Floats, period: Floats) -> Block:
    used = position > 0
    y = table.success[used].astype(np.float64)
    if not len(y):
        return _none("no_ratings", _NO_POSITIONS, 0)
    if y.min() == y.max():
        return _none("constant_outcome", _CONSTANT, len(y))
    design = _design(table, used, position, period)
    if design is None:
        return _none("zero_variance", _SINGULAR, len(y))
    rates = np.bincount(design.arm, weights=y) / np.maximum(np.bincount(design.arm), 1)
    extreme = [
        f"{table.arms[arm]} at {100 * rates[arm]:.0f} %"
        for arm in np.unique(design.arm)
        if rates[arm] in (0, 1)
    ]
    if extreme:
        message = _SEPARATION.format(arms=" and ".join(extreme))
        return _none("separation", message, len(y))
    return _fitted(design, y, logistic=True)


def _log_seconds(
    table: Table, position: Floats, period: Floats, seconds: Floats
) -> Block:
    used = (position > 0) & ~np.isnan(seconds)
    y = np.log(seconds[used])
    if not len(y):
        return _none("no_ratings", _NO_TIMES, 0)
    if y.min() == y.max():
        return _none("zero_variance", _SAME_TIME, len(y))
    design = _design(table, used, position, period)
    if design is None:
        return _none("zero_variance", _SINGULAR, len(y))
    return _fitted(design, y, logistic=False)


def _none(status: str, message: str, rows: int) -> Block:
    return block(status, message, rows=rows, terms=[])


def _design(
    table: Table, used: Bools, position: Floats, period: Floats
) -> Design | None:
    """Columns of arms, position and period; None where position can't be told apart.

    In the order of the table, so that the order of a file's rows decides no digit.
    """
    case, _, arm = np.nonzero(used)
    present = np.unique(arm)
    terms = [f"arm {table.arms[place]}" for place in present[1:]]
    columns = [(arm == place).astype(np.float64) for place in present[1:]]
    terms.append("position_per_50")
    columns.append(position[used] / READS_PER_STEP)
    when = period[used]
    with_period = bool((when > 0).all() and when.min() < when.max())
    for further in ([when], []) if with_period else ([],):
        found = _standardised([*columns, *further])
        if found is not None:
            names = [*terms, "period"] if further else terms
            return Design(case, arm, names, *found)
    return None


def _standardised(columns: list[Floats]) -> tuple[Floats, Floats] | None:
    """Scale and centred columns after a constant.

    None where a column is, but for rounding, a sum of others and a constant.
    """
    x = np.ones((len(columns[0]), len(columns) + 1))
    scale = np.array([column.std() for column in columns])
    if (scale < NOTHING).any():
        return None
    for place, (column, size) in enumerate(zip(columns, scale, strict=True), 1):
        x[:, place] = (column - column.mean()) / size
    correlation = x.T @ x / len(x)
    independent = np.linalg.eigvalsh(correlation)[0] > _SMALLEST_SHARE
    return (scale, x) if independent else None


def _fitted(design: Design, y: Floats, *, logistic: bool) -> Block:
    """Fit on standardised columns, then every term on its own scale."""
    x, width = design.x, design.x.shape[1]
    starts = np.flatnonzero(np.diff(design.case, prepend=-1))
    cases = len(starts)
    if cases == 1:
        return _none("one_case", ONE_CASE, len(y))
    if cases <= width or len(y) <= width:
        message = _FEW_CASES.format(cases=cases, terms=width)
        return _none("zero_variance", message, len(y))
    fit = _logistic(x, y) if logistic else _linear(x, y)
    if fit is None:
        return _none("separation", _NO_MAXIMUM, len(y))
    params, bread, residual, dispersion = fit
    scores = np.add.reduceat(x * residual[:, np.newaxis], starts)
    correction = cases / (cases - 1) * (len(y) - 1) / (len(y) - width)
    scale = np.append(1.0, design.scale)
    robust = correction * np.diag(bread @ (scores.T @ scores) @ bread) / scale**2
    usual = dispersion * np.diag(bread) / scale**2
    terms = [
        _term(name, float(value), float(variance), float(expected), cases)
        for name, value, variance, expected in zip(
            design.terms, (params / scale)[1:], robust[1:], usual[1:], strict=True
        )
    ]
    return block("ok", None, rows=len(y), terms=terms)


def _logistic(x: Floats, y: Floats) -> tuple[Floats, Floats, Floats, float] | None:
    """Maximum likelihood by Newton's steps; None where there is no maximum.

    A step that would lead down is halved until it does not: where one position is far
    from all others, whole steps may go to and fro over the maximum for ever.
    """
    params = np.zeros(x.shape[1])
    params[0] = special.logit(y.mean())
    for _ in range(_MOST_STEPS):
        mean = special.expit(x @ params)
        weight = mean * (1 - mean)
        information = x.T @ (x * weight[:, np.newaxis])
        if np.linalg.cond(information) > 1 / NOTHING:
            return None
        bread = np.asarray(np.linalg.inv(information), dtype=np.float64)
        if np.sqrt(np.diag(bread)).max() > _LARGEST_SE:
            return None
        step = _no_step_down(x, y, params, bread @ (x.T @ (y - mean)))
        params = params + step
        if np.abs(step).max() < _SMALLEST_STEP:
            return params, bread, y - mean, 1.0
    return None


def _no_step_down(x: Floats, y: Floats, params: Floats, step: Floats) -> Floats:
    """A step, halved until the likelihood is no smaller behind it, but for rounding."""
    here = _log_likelihood(x, y, params)
    least = here - NOTHING * abs(here)
    # Ends: a step of nothing leads nowhere.
    while _log_likelihood(x, y, params + step) < least:
        step = step / 2
    return step


def _log_likelihood(x: Floats, y: Floats, params: Floats) -> float:
    linear = x @ params
    return float(y @ linear - np.logaddexp(0, linear).sum())


def _linear(x: Floats, y: Floats) -> tuple[Floats, Floats, Floats, float]:
    """Least squares."""
    bread = np.asarray(np.linalg.inv(x.T @ x), dtype=np.float64)
    params = bread @ (x.T @ y)
    residual = y - x @ params
    dispersion = float(residual @ residual) / (len(y) - x.shape[1])
    return params, bread, residual, dispersion


def _term(
    name: str, estimate: float, variance: float, usual: float, cases: int
) -> Block:
    """A variance that is nothing beside that of the model is rounding."""
    if not variance > NOTHING * max(usual, NOTHING):
        empty: Block = {"term": name, "estimate": estimate, "se": None}
        return block("zero_variance", _NO_VARIATION, **empty, p_value=None)
    se = sqrt(variance)
    p_value = t_p_value(estimate / se, cases - 1)
    values: Block = {"term": name, "estimate": estimate, "se": se}
    return block("ok", None, **values, p_value=p_value)
