"""The comparison of two arms as people read it: the headline, and what stands behind.

Signs follow the estimand: arm minus reference where a reference is named. Only
formatting; every number comes from the result set.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from readerstudy.analysis.tables import Labels, Results
from readerstudy.analysis.wording import (
    NOTHING,
    interval,
    p_clause,
    p_text,
    points,
)

Pair = Mapping[str, Any]
Bounds = Sequence[float | None] | None

_FEW_READERS = 2
_RULES = {
    "max_fixed_random": (
        "the larger p value and the wider interval of two answers, one for these "
        "readers and one for readers like these"
    ),
    "swap_small": (
        "the exact whole-case swap, for these readers; there are few cases, or few "
        "discordant ones, so the interval is approximate"
    ),
    "swap_zero_variance": (
        "the exact whole-case swap, for these readers; the variance is zero, so there "
        "is no interval"
    ),
}


@dataclass(frozen=True)
class Line:
    """One answer to the same question: interval and p value, or why there is none."""

    name: str
    interval: str
    p: str
    message: str
    kind: str = ""


@dataclass(frozen=True)
class Comparison:
    """Two arms: what a careful reader should take away, and the lines behind it."""

    arm: str
    against: str
    difference: str
    headline: str
    rule: str
    margin: str
    lines: tuple[Line, ...]
    squares: str


def comparisons(results: Results, labels: Labels) -> list[Comparison]:
    """One comparison per pair of arms, those with the reference first."""
    reference = (results.get("estimand") or {}).get("reference")
    pairs = sorted(
        results["pairs"],
        key=lambda pair: reference not in (pair["first"], pair["second"]),
    )
    return [_comparison(pair, reference, results, labels) for pair in pairs]


def _comparison(
    pair: Pair, reference: str | None, results: Results, labels: Labels
) -> Comparison:
    turned = pair["second"] == reference
    arm, against = (
        (pair["first"], pair["second"]) if turned else (pair["second"], pair["first"])
    )
    readers = results["design"]["readers"]
    names = labels.get(arm, arm), labels.get(against, against)
    estimand = _estimand(results, arm, against)
    difference = pair["difference"]
    return Comparison(
        arm=names[0],
        against=names[1],
        difference=points(_turn_one(difference) if turned else difference),
        headline=_headline(pair, turned, len(results["pairs"])),
        rule=_rule(pair, readers),
        margin=_margin(estimand, *names) if estimand else "",
        lines=tuple(_lines(pair, turned, readers)),
        squares=_squares(pair["random_readers"]),
    )


def _headline(pair: Pair, turned: bool, pairs: int) -> str:
    """Interval and p value in one clause, or the sentence that stands for them."""
    headline = pair["headline"]
    p_value, bounds = headline["p_value"], headline["ci95"]
    if p_value is None or pair["status"] == "no_discordant_pairs":
        return _reason(pair)
    p = p_clause(p_value)
    if headline["rule"].startswith("swap"):
        p = f"exact {p}"
    if pairs > 1:
        p += f" ({p_clause(headline['holm_p_value'])} after Holm over {pairs} pairs)"
    if bounds is None:
        return f"No interval, {p}"
    rough = ", approximate" if headline["approximate"] else ""
    return f"95% CI {interval(_turn(bounds, turned))} points{rough}; {p}"


def _rule(pair: Pair, readers: int) -> str:
    """Which rule chose the headline, and what it covers."""
    rule = pair["headline"]["rule"]
    if rule is None or pair["status"] == "no_discordant_pairs":
        return ""
    if rule != "fixed_only":
        meaning = _RULES[rule]
    elif readers == 1:
        meaning = "one reader: no inference to other readers"
    elif readers == _FEW_READERS:
        meaning = "for these two readers only; two are too few to speak of others"
    else:
        meaning = "for these readers only, as grades are missing"
    return f"Headline rule {rule}: {meaning}."


def _estimand(results: Results, arm: str, against: str) -> Pair | None:
    """What the protocol asks about these two arms, where it does."""
    for estimand in results["estimands"]:
        if (estimand["arm"], estimand["reference"]) == (arm, against):
            found: Pair = estimand
            return found
    return None


def _margin(estimand: Pair, arm: str, against: str) -> str:
    """Whether the arm is non-inferior, and by which margins it would be."""
    if estimand["margin"] is None:
        return ""
    margin = f"Non-inferiority margin {100 * estimand['margin']:.1f} points"
    if estimand["ci95"] is None:
        return f"{margin}: not judged, as there is no interval."
    low = estimand["ci95"][0]
    beyond = f"any margin above {max(0.0, -100 * low):.1f} points would show it"
    if estimand["non_inferior"]:
        verdict = f"{arm} is not inferior to {against}"
    else:
        verdict = f"it is not shown that {arm} is not inferior to {against}"
    return f"{margin}, lower limit {points(low)}: {verdict}; {beyond}."


def _lines(pair: Pair, turned: bool, readers: int) -> list[Line]:
    """The answers behind the headline; none where nothing can be concluded."""
    if pair["headline"]["p_value"] is None:
        return []
    fixed, random = pair["fixed_readers"], pair["random_readers"]
    same = pair["status"] == "no_discordant_pairs"
    swap = {**fixed, "ci95": None, "p_value": fixed["exact_swap_p"]}
    rows = {**pair["mcnemar"], "ci95": pair["newcombe_ci95"]}
    rows["p_value"] = rows["exact_p"]
    few = "muted" if readers == _FEW_READERS else ""
    return [
        _line("Headline", {} if same else pair["headline"], pair, turned, "is-total"),
        _line("These readers (F): clustered by case", fixed, pair, turned),
        _line("These readers: exact whole-case swap", swap, pair, turned),
        _line("Readers like these (R): MRMC, Hillis df", random, pair, turned, few),
        _line("Row-level, unclustered: Newcombe, McNemar exact", rows, pair, turned),
    ]


def _line(name: str, block: Pair, pair: Pair, turned: bool, kind: str = "") -> Line:
    p_value = block.get("p_value")
    if p_value is None:
        message = str(block.get("message") or _reason(pair))
        return Line(name, NOTHING, NOTHING, message, kind)
    bounds = interval(_turn(block.get("ci95"), turned))
    return Line(name, bounds, p_text(p_value), "", kind)


def _squares(random: Pair) -> str:
    """The mean squares behind R, for those who plan the next study."""
    if random["msr"] is None:
        return ""
    msr, msc, mse = (f"{random[name]:.3g}" for name in ("msr", "msc", "mse"))
    return f"Mean squares of the difference: readers {msr}, cases {msc}, error {mse}."


def _reason(pair: Pair) -> str:
    return str(pair["message"] or pair["headline"]["message"] or "Not estimable.")


def _turn_one(share: float | None) -> float | None:
    return None if share is None else -share


def _turn(bounds: Bounds, turned: bool) -> Bounds:
    """The interval of the difference, taken the other way round where need be."""
    if not bounds or not turned:
        return bounds
    low, high = bounds
    return [_turn_one(high), _turn_one(low)]
