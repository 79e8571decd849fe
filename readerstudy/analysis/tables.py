"""Table 5 and the agreement of readers as people read them.

Only formatting; every number comes from the result set.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from readerstudy.analysis.wording import NOTHING, coefficient, counted, p_clause
from readerstudy.studies.models import GRADES

Results = Mapping[str, Any]
Labels = Mapping[str, str]

SUCCESS_MEANING = "Success: A or B"


@dataclass(frozen=True)
class Cell:
    """A count and its share of the arm's grades."""

    count: int
    percent: str


@dataclass(frozen=True)
class Row:
    """A grade or success, what it means, and a cell per arm."""

    letter: str
    meaning: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table5:
    """Table 5 of the CXR-LLaVA paper for any number of arms."""

    arms: tuple[str, ...]
    rows: tuple[Row, ...]
    success: Row
    totals: tuple[int, ...]
    cochran: str


def table5(
    results: Results, labels: Labels, scale: Sequence[Mapping[str, str]] = ()
) -> Table5:
    """Lay the grade counts out as the paper does; `scale` says what a grade means."""
    arms = [arm for arm in results["design"]["arms"] if arm in results["grades"]]
    grades = [results["grades"][arm] for arm in arms]
    meanings = {grade["letter"]: grade["label"] for grade in scale}

    def row(letter: str, key: str, meaning: str) -> Row:
        cells = tuple(_cell(each[key], each["n"]) for each in grades)
        return Row(letter, meaning, cells)

    return Table5(
        arms=tuple(labels.get(arm, arm) for arm in arms),
        rows=tuple(row(letter, letter, meanings.get(letter, "")) for letter in GRADES),
        success=row("A+B", "success", SUCCESS_MEANING),
        totals=tuple(each["n"] for each in grades),
        cochran=cochran_sentence(results["cochran_q"]),
    )


def _cell(count: int, total: int) -> Cell:
    return Cell(count, f"{100 * count / total:.1f}" if total else NOTHING)


def cochran_sentence(cochran: Mapping[str, Any]) -> str:
    """Cochran's Q with rows, columns and df, or why it is not given."""
    rows = counted(cochran["blocks"], "complete row")
    layout = f"{rows} (reader and case), {counted(cochran['columns'], 'column')} (arms)"
    return _test_sentence("Cochran's Q", cochran, layout)


def clustered_sentence(clustered: Mapping[str, Any]) -> str:
    """The clustered Q over all arms, or why it is not given."""
    layout = f"{counted(clustered['cases'], 'case')}, whole arms swapped within a case"
    return _test_sentence("Clustered Q", clustered, layout)


def _test_sentence(name: str, test: Mapping[str, Any], layout: str) -> str:
    if test["status"] != "ok":
        reason = str(test.get("message") or "Not estimable.")
        return f"{name}: {reason[0].lower()}{reason[1:]}"
    statistic = f"{test['statistic']:.2f}, df {test['df']}"
    return f"{name} {statistic}, {p_clause(test['p_value'])}; {layout}."


@dataclass(frozen=True)
class Agreement:
    """How far readers agree about the reports of one arm, or of all."""

    scope: str
    reports: int
    percent: str
    fleiss: str
    alpha: str
    ac2: str
    message: str


def agreements(results: Results, labels: Labels) -> list[Agreement]:
    """All arms together, then each arm."""
    scopes = ["all", *(arm for arm in results["design"]["arms"] if arm != "all")]
    return [
        _agreement(
            "All arms" if scope == "all" else labels.get(scope, scope),
            results["agreement"][scope],
        )
        for scope in scopes
    ]


def _agreement(scope: str, block: Mapping[str, Any]) -> Agreement:
    percent, se = block["percent_agreement"], block["gwet_ac2_se"]
    ac2 = coefficient(block["gwet_ac2_ordinal"])
    return Agreement(
        scope=scope,
        reports=block["units"],
        percent=NOTHING if percent is None else f"{100 * percent:.1f}",
        fleiss=coefficient(block["fleiss_kappa"]),
        alpha=coefficient(block["krippendorff_alpha_ordinal"]),
        ac2=ac2 if se is None else f"{ac2} ({se:.2f})",
        message=str(block["message"] or ""),
    )
