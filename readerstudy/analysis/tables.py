"""Table 5 as people read it: counts with percent, and Cochran's Q with its layout.

Only formatting; every number comes from the result set.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from readerstudy.analysis.wording import p_clause
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
    cochran: str


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
        cochran=cochran_sentence(results["cochran_q"], results["design"]["cases"]),
    )


def _cell(count: int, total: int) -> Cell:
    return Cell(count, f"{100 * count / total:.1f}" if total else "-")


def cochran_sentence(cochran: Mapping[str, Any], cases: int) -> str:
    """Cochran's Q with rows, columns and df, or why it is not given."""
    if cases == 1:
        return "1 case: no inference."
    if cochran["statistic"] is None:
        reason = str(cochran.get("message") or "Not estimable.")
        return f"Cochran's Q: {reason[0].lower()}{reason[1:]}"
    layout = f"{cochran['blocks']} rows (reader and case), {cochran['columns']} columns"
    value = f"{cochran['statistic']:.2f}, df {cochran['df']}"
    return f"Cochran's Q {value}, {p_clause(cochran['p_value'])}; {layout}."


def agreement_sentence(agreement: Mapping[str, Any]) -> str:
    """How far readers agree over all arms, in two coefficients."""
    parts = [
        f"{name} {agreement[key]:.2f}"
        for name, key in (
            ("Gwet AC2", "gwet_ac2_ordinal"),
            ("Krippendorff alpha", "krippendorff_alpha_ordinal"),
        )
        if agreement.get(key) is not None
    ]
    return ", ".join(parts) or str(agreement.get("message") or "Not estimable.")
