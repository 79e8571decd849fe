"""The result set as people read it: counts with percent, intervals in points.

Only formatting; every number comes from the result set.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from readerstudy.studies.models import GRADES

Results = Mapping[str, Any]
Labels = Mapping[str, str]


@dataclass(frozen=True)
class Cell:
    """A count and its share of the arm's grades."""

    count: int
    percent: str


@dataclass(frozen=True)
class Table5:
    """Table 5 of the CXR-LLaVA paper for any number of arms."""

    arms: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    success: tuple[Cell, ...]
    totals: tuple[int, ...]


@dataclass(frozen=True)
class Verdict:
    """The comparison of two arms: what a careful reader should take away."""

    first: str
    second: str
    pair: Mapping[str, Any]
    difference: str
    headline: str
    rule: str


RULES = {
    "max_fixed_random": (
        "the larger p value and the wider interval of two answers: for these readers, "
        "and for readers like these"
    ),
    "fixed_only": "for these readers only; no inference to other readers",
    "swap_small": (
        "exact whole-case swap; few cases or few of them discordant, so the interval "
        "is approximate"
    ),
    "swap_zero_variance": "exact whole-case swap; the variance is zero",
}


def p_text(p_value: float | None) -> str:
    """A p value for people: three decimals, "< .001" below."""
    if p_value is None:
        return "not estimable"
    return "< .001" if p_value < 0.001 else f"{p_value:.3f}"


def points(share: float | None) -> str:
    """A difference of shares in percentage points, with its sign."""
    return "not estimable" if share is None else f"{100 * share:+.1f}"


def interval(bounds: list[float | None] | None) -> str:
    """A confidence interval in percentage points."""
    if not bounds or bounds[0] is None or bounds[1] is None:
        return "no interval"
    return f"{100 * bounds[0]:+.1f} to {100 * bounds[1]:+.1f}"


def table5(results: Results, labels: Labels) -> Table5:
    """Lay the grade counts out as the paper does."""
    arms = [arm for arm in results["design"]["arms"] if arm in results["grades"]]
    grades = [results["grades"][arm] for arm in arms]
    return Table5(
        arms=tuple(labels.get(arm, arm) for arm in arms),
        rows=tuple(
            (letter, tuple(_cell(each[letter], each["n"]) for each in grades))
            for letter in GRADES
        ),
        success=tuple(_cell(each["success"], each["n"]) for each in grades),
        totals=tuple(each["n"] for each in grades),
    )


def _cell(count: int, total: int) -> Cell:
    return Cell(count, f"{100 * count / total:.1f}" if total else "-")


def verdicts(results: Results, labels: Labels) -> list[Verdict]:
    """One verdict per pair of arms, in words."""
    return [_verdict(pair, labels) for pair in results["pairs"]]


def _verdict(pair: Mapping[str, Any], labels: Labels) -> Verdict:
    headline = pair["headline"]
    if headline["p_value"] is None:
        sentence = headline.get("message") or pair.get("message") or "Not estimable."
    else:
        sentence = f"95% CI {interval(headline['ci95'])} points, p {_sign(headline['p_value'])}"
    return Verdict(
        first=labels.get(pair["first"], pair["first"]),
        second=labels.get(pair["second"], pair["second"]),
        pair=pair,
        difference=points(pair["difference"]),
        headline=sentence,
        rule=RULES.get(headline["rule"] or "", ""),
    )


def _sign(p_value: float) -> str:
    text = p_text(p_value)
    return text if text.startswith("<") else f"= {text}"
