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


def headline(
    fixed: Block, random: Block, *, cases: int, discordant_cases: int, readers: int
) -> Block:
    """Choose between these readers and readers like these; the first match wins.

    With few readers either interval may be too narrow, so the larger p value and the
    wider interval of the two stand; few cases leave only the exact swap.
    """
    swap_p = fixed["exact_swap_p"]
    if cases <= 1:
        return block("one_case", ONE_CASE, p_value=None, ci95=None, rule=None)
    if fixed["se"] is None:
        return block(
            "zero_variance",
            ZERO_VARIANCE,
            p_value=swap_p,
            ci95=None,
            rule="swap_zero_variance",
        )
    if cases < FEW_CASES or discordant_cases < FEW_DISCORDANT_CASES:
        return block(
            "ok",
            APPROXIMATE,
            p_value=swap_p,
            ci95=fixed["ci95"],
            rule="swap_small",
            approximate=True,
        )
    if readers <= 2 or random["status"] == "not_crossed":
        return block(
            "ok",
            None,
            p_value=fixed["p_value"],
            ci95=fixed["ci95"],
            rule="fixed_only",
        )
    answers = [fixed] if random["se"] is None else [fixed, random]
    return block(
        "ok",
        None,
        p_value=max(answer["p_value"] for answer in answers),
        ci95=max((answer["ci95"] for answer in answers), key=_width),
        rule="max_fixed_random",
    )


def _width(interval: list[float]) -> float:
    return interval[1] - interval[0]
