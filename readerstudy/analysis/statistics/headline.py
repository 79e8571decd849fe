"""The one answer about a pair of arms that pages show first."""

from readerstudy.analysis.statistics.sentences import (
    ONE_CASE,
    ZERO_VARIANCE,
    Block,
    block,
)

FEW_CASES = 10
FEW_DISCORDANT_CASES = 5
APPROXIMATE = (
    "Few cases, or few of them discordant: the p value is exact, the interval "
    "approximate."
)


def needs_swap(fixed: Block, *, cases: int, discordant_cases: int) -> bool:
    """Whether the headline's p value is that of the exact swap."""
    few = cases < FEW_CASES or discordant_cases < FEW_DISCORDANT_CASES
    return fixed["se"] is None or few


def headline(
    fixed: Block, random: Block, *, cases: int, discordant_cases: int, readers: int
) -> Block:
    """Choose between these readers and readers like these; the first match wins.

    With few readers either interval may be too narrow, so the larger p value and the
    wider interval of the two stand; few cases leave only the exact swap. `holm_p_value`
    is left to whoever knows all pairs. The swap may be None where `needs_swap` is not.
    """
    swap_p = fixed["exact_swap_p"]
    if cases <= 1:
        return _answer("one_case", ONE_CASE, None, None, None)
    if fixed["se"] is None:
        rule = "swap_zero_variance"
        return _answer("zero_variance", ZERO_VARIANCE, swap_p, None, rule)
    if needs_swap(fixed, cases=cases, discordant_cases=discordant_cases):
        small = _answer("ok", APPROXIMATE, swap_p, fixed["ci95"], "swap_small")
        return small | {"approximate": True}
    if readers <= 2 or random["status"] == "not_crossed":
        return _answer("ok", None, fixed["p_value"], fixed["ci95"], "fixed_only")
    answers = [fixed] if random["se"] is None else [fixed, random]
    p_value = max(answer["p_value"] for answer in answers)
    widest = max((answer["ci95"] for answer in answers), key=_width)
    return _answer("ok", None, p_value, widest, "max_fixed_random")


def _answer(
    status: str,
    message: str | None,
    p_value: float | None,
    ci95: list[float] | None,
    rule: str | None,
) -> Block:
    return block(
        status,
        message,
        p_value=p_value,
        ci95=ci95,
        rule=rule,
        approximate=False,
        holm_p_value=None,
    )


def _width(interval: list[float]) -> float:
    return interval[1] - interval[0]
