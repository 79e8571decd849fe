"""Everything about two arms: counts, row-level tests, F, R and the headline."""

from readerstudy.analysis.statistics.exact_swap import exact_swap_p
from readerstudy.analysis.statistics.headline import headline
from readerstudy.analysis.statistics.intervals import newcombe, tango
from readerstudy.analysis.statistics.mcnemar import holm, mcnemar
from readerstudy.analysis.statistics.mrmc import fixed_readers, random_readers
from readerstudy.analysis.statistics.sentences import (
    ONE_CASE,
    Block,
    block,
    no_complete_blocks,
    no_discordant_blocks,
)
from readerstudy.analysis.statistics.t_test import NO_TEST
from readerstudy.analysis.statistics.table import Table
from readerstudy.analysis.statistics.two_arms import TwoArms, two_arms

_MCNEMAR = ("exact_p", "mid_p", "chi2", "chi2_p", "holm_p")
_FIXED = (*NO_TEST, "exact_swap_p")
_RANDOM = (*NO_TEST, "msr", "msc", "mse", "var_unbiased")
_HEADLINE = ("p_value", "ci95", "rule", "approximate", "holm_p_value")


def all_pairs(table: Table) -> list[Block]:
    """Every two arms in their order; differences are second minus first."""
    pairs = [one_pair(arms) for arms in two_arms(table)]
    for part, name, corrected in (
        ("mcnemar", "exact_p", "holm_p"),
        ("headline", "p_value", "holm_p_value"),
    ):
        _correct([pair[part] for pair in pairs], name, corrected)
    return pairs


def _correct(tests: list[Block], name: str, corrected: str) -> None:
    """Add Holm's p value over all tests that have a p value."""
    known = [test for test in tests if test[name] is not None]
    p_values = holm([test[name] for test in known])
    for test, p_value in zip(known, p_values, strict=True):
        test[corrected] = p_value


def one_pair(arms: TwoArms) -> Block:
    """Two arms without regard to others: Holm's p values are left null."""
    table, complete = arms.table, arms.complete
    number = int(complete.sum())
    if not number:
        return arms.names | _empty_pair()
    both = int((arms.before & arms.after).sum())
    only_first = int(arms.before.sum()) - both
    only_second = int(arms.after.sum()) - both
    neither = number - both - only_first - only_second
    cases = int(complete.any(axis=1).sum())
    fixed = fixed_readers(arms.d, complete)
    fixed["exact_swap_p"] = exact_swap_p(arms.totals) if cases > 1 else None
    random = random_readers(arms.d, arms.cells_missing)
    status, message = _status(number, only_first + only_second, cases)
    return arms.names | block(
        status,
        message,
        n=number,
        cases=cases,
        both=both,
        only_first=only_first,
        only_second=only_second,
        neither=neither,
        difference=(only_second - only_first) / number,
        mcnemar=mcnemar(only_second, only_first),
        newcombe_ci95=list(newcombe(both, only_second, only_first, neither)),
        tango_ci95=list(tango(both, only_second, only_first, neither)),
        fixed_readers=fixed,
        random_readers=random,
        headline=headline(
            fixed,
            random,
            cases=cases,
            discordant_cases=int((arms.totals != 0).sum()),
            readers=len(table.readers),
        ),
    )


def _status(number: int, discordant: int, cases: int) -> tuple[str, str | None]:
    if cases == 1:
        return "one_case", ONE_CASE
    if discordant == 0:
        return "no_discordant_pairs", no_discordant_blocks(number)
    return "ok", None


def _empty_pair() -> Block:
    status, message = "no_complete_blocks", no_complete_blocks(2)
    return block(
        status,
        message,
        **dict.fromkeys(
            ("n", "cases", "both", "only_first", "only_second", "neither"), 0
        ),
        difference=None,
        mcnemar=block(status, message, **dict.fromkeys(_MCNEMAR)),
        newcombe_ci95=None,
        tango_ci95=None,
        fixed_readers=block(status, message, **dict.fromkeys(_FIXED)),
        random_readers=block(status, message, **dict.fromkeys(_RANDOM)),
        headline=block(status, message, **dict.fromkeys(_HEADLINE)),
    )
