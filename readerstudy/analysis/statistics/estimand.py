"""Arm minus reference, with the headline's interval and non-inferiority."""

from collections.abc import Sequence

from readerstudy.analysis.statistics.sentences import Block, block


def estimands(
    pairs: Sequence[Block], arms: Sequence[str], reference: str, margin: float | None
) -> list[Block]:
    """One estimand per arm other than the reference, in the order of the arms.

    `margin` is a share: an arm is non-inferior where the lower limit of the headline
    interval lies above -margin, a one-sided test at 2.5%.
    """
    found = []
    for pair in pairs:
        if reference in (pair["first"], pair["second"]):
            found.append(_estimand(pair, reference, margin))
    if not found:
        graded = [arm for arm in arms if arm != reference]
        message = (
            f"No comparison with {reference}: it or every other arm has no grades."
        )
        found.append(
            block(
                "too_few_arms",
                message,
                arm=graded[0] if graded else None,
                reference=reference,
                difference=None,
                ci95=None,
                p_value=None,
                margin=margin,
                non_inferior=None,
            )
        )
    return found


def _estimand(pair: Block, reference: str, margin: float | None) -> Block:
    turned = pair["second"] == reference
    answer = pair["headline"]
    difference, interval = pair["difference"], answer["ci95"]
    if turned and difference is not None:
        difference = 0.0 - difference
    if turned and interval is not None:
        interval = [0.0 - interval[1], 0.0 - interval[0]]
    return block(
        answer["status"],
        answer["message"],
        arm=pair["first"] if turned else pair["second"],
        reference=reference,
        difference=difference,
        ci95=interval,
        p_value=answer["p_value"],
        margin=margin,
        non_inferior=None
        if margin is None or interval is None
        else bool(interval[0] > -margin),
    )
