"""Cochran's Q over rows of one reader and one case each, as the paper has it."""

import numpy as np
from scipy import stats

from readerstudy.analysis.statistics.p_values import upper
from readerstudy.analysis.statistics.reads import Integers
from readerstudy.analysis.statistics.sentences import (
    ONE_CASE,
    TOO_FEW_ARMS,
    Block,
    block,
    no_complete_blocks,
    no_discordant_blocks,
)
from readerstudy.analysis.statistics.table import Table


def cochran_q(table: Table) -> Block:
    """Cochran's Q of success over complete blocks; k arms give k - 1 df.

    Source: W. G. Cochran, Biometrika 1950; 37: 256-266.
    """
    arms = len(table.arms)
    rows = table.success[table.complete].astype(np.int64)
    sums = rows.sum(axis=1)
    informative = int(((sums > 0) & (sums < arms)).sum())
    layout: Block = {
        "statistic": None,
        "df": arms - 1 if arms > 1 else None,
        "p_value": None,
        "blocks": len(rows),
        "columns": arms,
        "informative_blocks": informative,
    }
    if arms < 2:
        return block("too_few_arms", TOO_FEW_ARMS, **layout)
    if not len(rows):
        return block("no_complete_blocks", no_complete_blocks(arms), **layout)
    one_case = complete_cases(table) == 1
    found = q_statistic(rows)
    if found is None:
        message = ONE_CASE if one_case else no_discordant_blocks(len(rows))
        status = "one_case" if one_case else "no_discordant_blocks"
        return block(status, message, **layout)
    layout["statistic"], layout["p_value"] = found
    if one_case:
        return block("one_case", ONE_CASE, **layout)
    return block("ok", None, **layout)


def q_statistic(totals: Integers) -> tuple[float, float] | None:
    """Q and its p value of [block, arm] successes; None where no block differs."""
    arms = totals.shape[1]
    spread = _squares_about_mean(totals).sum()
    if spread == 0:
        return None
    between = _squares_about_mean(totals.sum(axis=0)[np.newaxis])[0]
    statistic = float((arms - 1) * between / spread)
    return statistic, upper(stats.chi2, statistic, arms - 1)


def complete_cases(table: Table) -> int:
    """Number of cases with a complete block."""
    return int(table.complete.any(axis=1).sum())


def _squares_about_mean(totals: Integers) -> Integers:
    """k times the squares about the mean of each row: whole numbers, so exact."""
    arms = totals.shape[1]
    squares: Integers = arms * (totals**2).sum(axis=1) - totals.sum(axis=1) ** 2
    return squares
