"""Differences of success within strata of cases, and whether they differ."""

import numpy as np
from scipy import stats

from readerstudy.analysis.statistics.case_clustered import CaseClustered, case_clustered
from readerstudy.analysis.statistics.p_values import upper
from readerstudy.analysis.statistics.reads import Bools
from readerstudy.analysis.statistics.sentences import Block, block, no_complete_blocks
from readerstudy.analysis.statistics.t_test import NOTHING
from readerstudy.analysis.statistics.table import Table, natural_order
from readerstudy.analysis.statistics.two_arms import TwoArms, two_arms

_ONE_STRATUM = "No strata to compare: all cases are of one stratum."
_TOO_FEW = (
    "No interaction: it needs two strata with a standard error, and {number} of "
    "{all} {verb} one."
)
_LEFT_OUT = "{number} of {all} strata are compared; the others have no standard error."


def strata(table: Table) -> list[Block]:
    """The difference of every two arms per stratum, with F's interval and no p value.

    One p value is given for all of them: that of the interaction of arm and stratum.
    Cases without a stratum form one with an empty name.
    """
    names = natural_order(set(table.strata))
    of_case = np.array(table.strata, dtype=object)
    places = [(name, np.asarray(of_case == name)) for name in names]
    return [_pair(arms, places) for arms in two_arms(table)]


def _pair(arms: TwoArms, places: list[tuple[str, Bools]]) -> Block:
    rows, tests = [], []
    for name, here in places:
        found = case_clustered(arms.totals[here], arms.sizes[here])
        rows.append({"stratum": name} | _row(arms, here, found))
        tests.append(found)
    status, message = "ok", None
    if not arms.sizes.any():
        status, message = "no_complete_blocks", no_complete_blocks(2)
    elif len(rows) < 2:
        status, message = "one_category", _ONE_STRATUM
    interaction = _interaction(tests) if status == "ok" else None
    empty = dict.fromkeys(("statistic", "df", "df_denominator", "p_value"))
    return arms.names | block(
        status,
        message,
        strata=rows,
        interaction=interaction or block(status, message, **empty),
    )


def _row(arms: TwoArms, here: Bools, found: CaseClustered) -> Block:
    number = int(arms.sizes[here].sum())
    values: Block = {"cases": found.cases, "n": number}
    if not number:
        empty = ("first_rate", "second_rate", "difference", "ci95")
        values |= dict.fromkeys(empty)
        return block("no_complete_blocks", no_complete_blocks(2), **values)
    tested = found.test()
    return block(
        tested["status"],
        tested["message"],
        **values,
        first_rate=int(arms.before[here].sum()) / number,
        second_rate=int(arms.after[here].sum()) / number,
        difference=found.estimate,
        ci95=tested["ci95"],
    )


def _interaction(tests: list[CaseClustered]) -> Block:
    """Welch's test that all strata have one difference.

    A case has one stratum, so the differences are independent and each has its own
    variance on its cases - 1 df. With two strata the statistic is the square of
    Welch's t on Satterthwaite's df. Source: B. L. Welch, Biometrika 1951; 38: 330-336.
    """
    values: Block = dict.fromkeys(("statistic", "df", "df_denominator", "p_value"))
    known = [
        (test.estimate, test.variance, test.cases - 1)
        for test in tests
        if test.variance is not None and test.variance >= NOTHING**2
    ]
    if len(known) < 2:
        verb = "has" if len(known) == 1 else "have"
        message = _TOO_FEW.format(number=len(known), all=len(tests), verb=verb)
        single = any(test.cases < 2 for test in tests)
        return block("one_case" if single else "zero_variance", message, **values)
    differences, variances, freedom = np.array(known, dtype=np.float64).T
    k = len(known)
    weights = 1 / variances
    shares = weights / weights.sum()
    between = float(weights @ (differences - shares @ differences) ** 2) / (k - 1)
    lost = float(((1 - shares) ** 2 / freedom).sum())
    statistic = between / (1 + 2 * (k - 2) / (k**2 - 1) * lost)
    values["df"], values["df_denominator"] = k - 1, (k**2 - 1) / (3 * lost)
    values["statistic"] = statistic
    values["p_value"] = upper(stats.f, statistic, k - 1, values["df_denominator"])
    left_out = _LEFT_OUT.format(number=k, all=len(tests)) if k < len(tests) else None
    return block("ok", left_out, **values)
