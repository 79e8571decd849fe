"""The comparison of two arms as people read it: the headline, and what stands behind.

Signs follow the estimand: arm minus reference where a reference is named. Only
formatting; every number comes from the result set.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from readerstudy.analysis.tables import Labels, Results
from readerstudy.analysis.wording import interval, p_clause, p_text, points

Pair = Mapping[str, Any]

RULES = {
    "max_fixed_random": (
        "the larger p value and the wider interval of two answers: for these readers, "
        "and for readers like these"
    ),
    "fixed_only": "for these readers only; no inference to other readers",
    "swap_small": (
        "exact whole-case swap; few cases, or few of them discordant, so the interval "
        "is approximate"
    ),
    "swap_zero_variance": "exact whole-case swap; the variance is zero",
}


@dataclass(frozen=True)
class Line:
    """One answer to the same question: interval and p value, or why there is none."""

    name: str
    interval: str
    p: str
    message: str
    is_headline: bool


@dataclass(frozen=True)
class Comparison:
    """Two arms: what a careful reader should take away, and the lines behind it."""

    arm: str
    against: str
    difference: str
    headline: str
    rule: str
    lines: tuple[Line, ...]


def comparisons(results: Results, labels: Labels) -> list[Comparison]:
    """One comparison per pair of arms, those with the reference first."""
    reference = (results.get("estimand") or {}).get("reference")
    pairs = sorted(
        results["pairs"],
        key=lambda pair: reference not in (pair["first"], pair["second"]),
    )
    return [_comparison(pair, reference, labels) for pair in pairs]


def _comparison(pair: Pair, reference: str | None, labels: Labels) -> Comparison:
    turned = pair["second"] == reference
    arm, against = (
        (pair["first"], pair["second"]) if turned else (pair["second"], pair["first"])
    )
    difference = pair["difference"]
    return Comparison(
        arm=labels.get(arm, arm),
        against=labels.get(against, against),
        difference=points(_turn_one(difference) if turned else difference),
        headline=_headline(pair, turned),
        rule=RULES.get(pair["headline"].get("rule") or "", ""),
        lines=tuple(_lines(pair, turned)),
    )


def _headline(pair: Pair, turned: bool) -> str:
    headline = pair["headline"]
    if headline["p_value"] is None:
        return str(headline.get("message") or pair.get("message") or "No inference.")
    bounds = interval(_turn(headline["ci95"]) if turned else headline["ci95"])
    return f"95% CI {bounds} points, {p_clause(headline['p_value'])}"


def _lines(pair: Pair, turned: bool) -> list[Line]:
    fixed, mcnemar = pair["fixed_readers"], pair["mcnemar"]
    parts: list[tuple[str, Pair, Any, Any, bool]] = [
        ("Headline", pair["headline"], "ci95", "p_value", True),
        ("These readers, clustered by case", fixed, "ci95", "p_value", False),
        ("These readers, whole-case swap", fixed, "", "exact_swap_p", False),
        ("Readers like these", pair["random_readers"], "ci95", "p_value", False),
        ("Row-level: McNemar exact, Newcombe", mcnemar, "", "exact_p", False),
    ]
    lines = []
    for name, block, bounds_key, p_key, is_headline in parts:
        bounds = block.get(bounds_key) if bounds_key else None
        if block is mcnemar:
            bounds = pair.get("newcombe_ci95")
        p_value = block.get(p_key)
        lines.append(
            Line(
                name=name,
                interval=interval(_turn(bounds) if turned else bounds),
                p=p_text(p_value),
                message="" if p_value is not None else _reason(block, pair),
                is_headline=is_headline,
            )
        )
    return lines


def _reason(block: Pair, pair: Pair) -> str:
    return str(block.get("message") or pair.get("message") or "Not estimable.")


def _turn_one(share: float | None) -> float | None:
    return None if share is None else -share


def _turn(bounds: Sequence[float | None] | None) -> list[float | None] | None:
    """The interval of the difference taken the other way round."""
    if not bounds:
        return None
    low, high = bounds
    return [_turn_one(high), _turn_one(low)]
