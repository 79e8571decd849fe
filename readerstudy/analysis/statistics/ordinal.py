"""The whole scale of grades instead of success: case means from A = 1 to D = 4."""

import numpy as np
from scipy import stats

from readerstudy.analysis.statistics.case_clustered import case_clustered
from readerstudy.analysis.statistics.p_values import probability
from readerstudy.analysis.statistics.reads import Floats
from readerstudy.analysis.statistics.sentences import Block, block, no_complete_blocks
from readerstudy.analysis.statistics.t_test import NO_TEST
from readerstudy.analysis.statistics.table import Table
from readerstudy.analysis.statistics.two_arms import TwoArms, two_arms

_SAME = "Not estimable: no case's mean grade differs between the arms."
# Up to here the law of the signed ranks is counted out, where no two ranks are equal.
_MOST_EXACT = 50


def ordinal(table: Table) -> list[Block]:
    """Mean grades of every two arms; a positive difference is a worse second arm.

    Means are over complete blocks, so their difference is F's ratio estimator with its
    case-clustered interval. Rows of several readers are not independent, so the signed
    ranks are those of the cases' mean differences.
    """
    return [_pair(arms) for arms in two_arms(table)]


def _pair(arms: TwoArms) -> Block:
    grades = arms.table.grades
    before, after = (
        np.where(arms.complete, grades[:, :, arm], 0).sum(axis=1)
        for arm in (arms.first, arms.second)
    )
    totals, sizes = after - before, arms.sizes
    found = case_clustered(totals, sizes)
    values: Block = {
        "cases": found.cases,
        "mean_first": None,
        "mean_second": None,
        "difference": found.estimate,
        **dict.fromkeys(NO_TEST),
        "wilcoxon_p": None,
    }
    if found.estimate is None:
        none = block("no_complete_blocks", no_complete_blocks(2), **values)
        return arms.names | none
    number = int(sizes.sum())
    values["mean_first"] = int(before.sum()) / number
    values["mean_second"] = int(after.sum()) / number
    tested = found.test()
    if found.cases > 1:
        values["wilcoxon_p"] = signed_rank_p(totals[sizes > 0] / sizes[sizes > 0])
        if values["wilcoxon_p"] is None:
            tested |= {"status": "no_discordant_blocks", "message": _SAME}
    return arms.names | values | tested


def signed_rank_p(differences: Floats) -> float | None:
    """Two-sided p of Wilcoxon's signed ranks; None where nothing differs.

    Zeros are left out. Exact up to 50 differences without ties, else the normal law
    with the variance corrected for ties and no correction for continuity. Source:
    F. Wilcoxon, Biometrics Bull 1945; 1: 80-83.
    """
    differing = differences[differences != 0]
    if not len(differing):
        return None
    ties = len(np.unique(np.abs(differing))) < len(differing)
    method = "exact" if len(differing) <= _MOST_EXACT and not ties else "approx"
    found = stats.wilcoxon(differing, correction=False, mode=method)
    return probability(found.pvalue)
