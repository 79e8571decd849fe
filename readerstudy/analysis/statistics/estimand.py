"""Arm minus reference, with the headline's interval and non-inferiority."""

from collections.abc import Sequence

from readerstudy.analysis.statistics.design import Design
from readerstudy.analysis.statistics.level import ALPHA
from readerstudy.analysis.statistics.sentences import Block, block
from readerstudy.analysis.statistics.t_test import half_width

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
    readers. `ci` is its interval at level 1 - alpha of the plan, `ci95` always that at
    95%. `margin` is a share: an arm is non-inferior where the lower limit of `ci` lies
    above -margin, a one-sided test at alpha / 2; superiority is judged only after that,
    so that both tests together keep alpha (closed testing, CPMP/EWP/482/99).
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
        judged = _judged(None, None, design)
        found.append(block("too_few_arms", message, **named, **empty, **judged))
    return found


def _estimand(pair: Block, reference: str, design: Design) -> Block:
    turned = pair["second"] == reference
    answer = pair[_CHOICES[design.inference]]
    difference, interval = pair["difference"], answer["ci95"]
    planned = _interval(pair, design)
    if turned and difference is not None:
        difference = 0.0 - difference
    if turned:
        interval, planned = _turned(interval), _turned(planned)
    return block(
        answer["status"],
        answer["message"],
        arm=pair["first"] if turned else pair["second"],
        reference=reference,
        difference=difference,
        ci95=interval,
        p_value=answer["p_value"],
        **_judged(planned, answer["p_value"], design),
    )


def _turned(interval: list[float] | None) -> list[float] | None:
    return None if interval is None else [0.0 - interval[1], 0.0 - interval[0]]


def _interval(pair: Block, design: Design) -> list[float] | None:
    """The interval of the answer that the plan quotes, at the plan's level.

    Of both ways of inference the wider one counts, as in the headline.
    """
    answer = pair[_CHOICES[design.inference]]
    if design.alpha == ALPHA or answer["ci95"] is None:
        return None if answer["ci95"] is None else list(answer["ci95"])
    names = ["fixed_readers"]
    if design.inference == "random":
        names = ["random_readers"]
    elif design.inference == "headline" and answer["rule"] == "max_fixed_random":
        names = ["fixed_readers", "random_readers"]
    found = [pair[name] for name in names if pair[name]["se"] is not None]
    half = max(half_width(each["se"], each["df"], design.alpha) for each in found)
    return [pair["difference"] - half, pair["difference"] + half]


def _judged(
    interval: list[float] | None, p_value: float | None, design: Design
) -> Block:
    """Significance; non-inferiority, then superiority, with margin and interval."""
    is_significant = None if p_value is None else bool(p_value < design.alpha)
    judged: Block = {
        "alpha": design.alpha,
        "ci": interval,
        "ci_level": round(1 - design.alpha, 6),
        "significant": is_significant,
        "margin": design.margin,
        "non_inferior": None,
        "superior": None,
        "smallest_margin": None if interval is None else max(0.0, -interval[0]),
    }
    if design.margin is None or interval is None:
        return judged
    judged["non_inferior"] = bool(interval[0] > -design.margin)
    judged["superior"] = bool(
        judged["non_inferior"] and interval[0] > 0 and is_significant
    )
    return judged
