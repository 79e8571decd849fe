"""Arm minus reference, with the headline's interval and non-inferiority."""

from collections.abc import Sequence

from readerstudy.analysis.statistics.design import Design
from readerstudy.analysis.statistics.sentences import Block, block

ALPHA = 0.05
_CHOICES = {
    "headline": "headline",
    "fixed": "fixed_readers",
    "random": "random_readers",
}
_TOO_FEW = "No comparison with {reference}: it or every other arm has no grades."


def estimands(
    pairs: Sequence[Block], arms: Sequence[str], design: Design
) -> list[Block]:
    """One estimand per arm other than the reference, in the order of the arms.

    The plan says whose interval is quoted: the headline's, or that of fixed or random
    readers. `margin` is a share: an arm is non-inferior where the lower limit lies
    above -margin, a one-sided test at 2.5%; superiority is judged only after that, so
    that both tests together keep the 5% (closed testing, CPMP/EWP/482/99).
    `smallest_margin` is the margin that the data would just have met.
    """
    reference = str(design.reference)
    found = [
        _estimand(pair, reference, design)
        for pair in pairs
        if reference in (pair["first"], pair["second"])
    ]
    if not found:
        graded = [arm for arm in arms if arm != reference]
        message = _TOO_FEW.format(reference=reference)
        empty = dict.fromkeys(("difference", "ci95", "p_value"))
        arm = graded[0] if graded else None
        named: Block = {"arm": arm, "reference": reference}
        judged = _judged(None, None, design.margin)
        found.append(block("too_few_arms", message, **named, **empty, **judged))
    return found


def _estimand(pair: Block, reference: str, design: Design) -> Block:
    turned = pair["second"] == reference
    answer = pair[_CHOICES[design.inference]]
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
        **_judged(interval, answer["p_value"], design.margin),
    )


def _judged(
    interval: list[float] | None, p_value: float | None, margin: float | None
) -> Block:
    """Non-inferiority, then superiority, where there are margin and interval."""
    judged: Block = {
        "margin": margin,
        "non_inferior": None,
        "superior": None,
        "smallest_margin": None if interval is None else max(0.0, -interval[0]),
    }
    if margin is None or interval is None:
        return judged
    judged["non_inferior"] = bool(interval[0] > -margin)
    better = interval[0] > 0 and p_value is not None and p_value < ALPHA
    judged["superior"] = bool(judged["non_inferior"] and better)
    return judged
