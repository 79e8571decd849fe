"""What the reads of a study are made of, counted: cheap to compare with what a run saw.

The hash of the reads says for certain whether two tables are the same, but to know it
the table must be written. Grades and what hangs on them are only ever appended, so
counts and newest ids tell as much in a few queries.
"""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Max, QuerySet

import readerstudy
from readerstudy.analysis.models import AnalysisRun, Exclusion
from readerstudy.analysis.statistics import REVISION
from readerstudy.analysis.wording import counted
from readerstudy.grading.models import ErrorMark, Grade, Preference, SourceGuess
from readerstudy.studies.models import Study, Withdrawal

# Name in the state, and how one of it is called.
_CALLED = {
    "grades": "grade",
    "marks": "error mark",
    "preferences": "preference",
    "guesses": "guessed source",
    "exclusions": "exclusion",
    "withdrawals": "withdrawal",
}


def software() -> str:
    """The version of the software with the revision of its statistics."""
    return f"{readerstudy.VERSION} r{REVISION}"


def state_of(study: Study) -> dict[str, list[int]]:
    """Count and newest id of everything that reads are made of; six queries."""
    rows: dict[str, QuerySet[Any]] = {
        "grades": Grade.objects.of_study(study),
        "marks": ErrorMark.objects.filter(grade__slot__reader__study=study),
        "preferences": Preference.objects.filter(grade__slot__reader__study=study),
        "guesses": SourceGuess.objects.of_study(study),
        # One that was lifted again leaves the reads as they were.
        "exclusions": Exclusion.objects.filter(study=study).in_force(),
        "withdrawals": Withdrawal.objects.filter(
            reader__study=study, rule=Withdrawal.Rule.EXCLUDED
        ),
    }
    return {name: _counted(found) for name, found in rows.items()}


def _counted(found: QuerySet[Any]) -> list[int]:
    answer = found.order_by().aggregate(rows=Count("pk"), newest=Max("pk"))
    return [answer["rows"], answer["newest"] or 0]


def changes_since(run: AnalysisRun, now: Mapping[str, list[int]]) -> list[str]:
    """What changed since a run was computed, a sentence each; empty while it holds."""
    found = []
    if not run.state:
        found.append("It was stored before analyses noted what they saw.")
    elif run.state != now:
        found += [
            _change(called, run.state.get(name, [0, 0]), now[name])
            for name, called in _CALLED.items()
            if run.state.get(name, [0, 0]) != now[name]
        ]
    if run.version != software():
        found.append(
            f"The software was {run.version} then and is {software()} now; its numbers "
            "or their layout may differ."
        )
    return found


def _change(called: str, then: list[int], now: list[int]) -> str:
    if then[0] == now[0]:
        return f"{called[0].upper()}{called[1:]}s were exchanged for others."
    return f"{counted(then[0], called)} then, {now[0]:,} now."
