"""Clustered Q: the omnibus comparison of arms with the case as the unit."""

import numpy as np

from readerstudy.analysis.statistics.cochran import complete_cases, q_statistic
from readerstudy.analysis.statistics.sentences import (
    CASES_AGREE,
    ONE_CASE,
    TOO_FEW_ARMS,
    Block,
    block,
    no_complete_blocks,
    no_discordant_blocks,
)
from readerstudy.analysis.statistics.table import Table


def clustered_q(table: Table) -> Block:
    """Cochran's statistic of the successes per case and arm over complete blocks.

    Whole arms are exchangeable within a case, so readers of one report are not taken
    as independent; with two arms it is (sum D)^2 / sum D^2. The quadratic form of the
    permutation test of Strasser and Weber 1999 for totals in blocks.
    """
    arms = len(table.arms)
    cases = complete_cases(table)
    values: Block = {
        "statistic": None,
        "df": arms - 1 if arms > 1 else None,
        "p_value": None,
        "cases": cases,
    }
    if arms < 2:
        return block("too_few_arms", TOO_FEW_ARMS, **values)
    if cases == 0:
        return block("no_complete_blocks", no_complete_blocks(arms), **values)
    if cases == 1:
        return block("one_case", ONE_CASE, **values)
    totals = (table.success & table.complete[:, :, np.newaxis]).sum(axis=1)
    found = q_statistic(totals)
    if found is None:
        rows = table.success[table.complete]
        same = bool((rows == rows[:, :1]).all())
        message = no_discordant_blocks(len(rows)) if same else CASES_AGREE
        return block("no_discordant_blocks", message, **values)
    values["statistic"], values["p_value"] = found
    return block("ok", None, **values)
