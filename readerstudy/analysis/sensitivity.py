"""What was asked for and given, and how the answer moves with what is missing.

Only formatting; every number comes from the result set.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from readerstudy.analysis.tables import Labels, Results
from readerstudy.analysis.wording import (
    NOTHING,
    coefficient,
    counted,
    interval,
    p_text,
)


@dataclass(frozen=True)
class ModelLine:
    """One arm against the first arm under one working correlation."""

    arm: str
    correlation: str
    log_odds: str
    p: str
    message: str


@dataclass(frozen=True)
class Model:
    """The marginal model over all grades, or why there is none."""

    reference: str
    message: str
    lines: tuple[ModelLine, ...]


def model(results: Results, labels: Labels) -> Model:
    """GEE with bias-reduced errors, the pages' choice, under both correlations."""
    gee = results["gee"]
    reference = gee["reference"]
    return Model(
        reference=labels.get(reference, reference) if reference else "",
        message=str(gee["message"] or ""),
        lines=tuple(
            line
            for fit in gee["models"]
            if fit["se_type"] == "bias_reduced"
            for line in _model_lines(fit, labels)
        ),
    )


def _model_lines(fit: Mapping[str, Any], labels: Labels) -> list[ModelLine]:
    correlation = fit["working_correlation"]
    if not fit["terms"]:
        message = str(fit["message"])
        return [ModelLine("Every arm", correlation, NOTHING, NOTHING, message)]
    return [
        ModelLine(
            arm=labels.get(term["arm"], term["arm"]),
            correlation=correlation,
            log_odds=coefficient(term["log_odds"])
            + ("" if term["se"] is None else f" ({coefficient(term['se'])})"),
            p=p_text(term["p_value"]),
            message=str(term["message"] or ""),
        )
        for term in fit["terms"]
    ]


def bounds(results: Results, labels: Labels) -> list[str]:
    """How far the missing grades could move each difference; none where none is."""
    if not results["missing"]["absent"]:
        return []
    reference = (results.get("estimand") or {}).get("reference")
    sentences = []
    for row in results["missing"]["bounds"]:
        arm, against = row["second"], row["first"]
        limits = [row["lowest_difference"], row["highest_difference"]]
        if arm == reference:
            arm, against = against, arm
            limits = [-limits[1], -limits[0]]
        names = f"{labels.get(arm, arm)} minus {labels.get(against, against)}"
        sentences.append(
            f"{names}: {interval(limits)} points, from all missing grades against it "
            "to all for it."
        )
    return sentences


def obtained(results: Results) -> str:
    """How many of the grades that the design asks for were given."""
    missing = results["missing"]
    text = f"{missing['given']} of {missing['expected']}"
    for number, noun in (
        (missing["repeats"], "repeat"),
        (missing["excluded"]["reads"], "excluded read"),
    ):
        if number:
            text += f", beside {counted(number, noun)}"
    return text
