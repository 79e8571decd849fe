"""What was changed, opened or left out against the locked protocol, as one list.

It stands in deviations.csv, in the report, in the methods, and at the head of the
results pages.
"""

from collections.abc import Iterator
from typing import Any

from readerstudy.analysis.models import Exclusion
from readerstudy.audit.models import Event
from readerstudy.studies.models import Study, Withdrawal

Row = dict[str, Any]


def deviation_rows(study: Study) -> Iterator[Row]:
    """A row each: amendments, unblinding, withdrawals, early close, exclusions."""
    for amendment in study.amendment_set.select_related("author"):
        yield amendment.as_record()
    if study.is_unblinded:
        row = study.unblinding
        yield {
            "number": "U1",
            "at": row.at.isoformat(),
            "author": row.author.username,
            "field": "results",
            "before": "sealed",
            "after": "unblinded early",
            "reason": row.reason,
        }
    withdrawals = Withdrawal.objects.filter(reader__study=study).order_by("pk")
    for number, left in enumerate(withdrawals.select_related("reader", "author"), 1):
        yield {
            "number": f"W{number}",
            "at": left.at.isoformat(),
            "author": left.author.username,
            "field": f"reader {left.reader.reader_code}",
            "before": "reading",
            "after": f"withdrawn{_when(left, study)}. {left.get_rule_display()}",
            "reason": left.reason,
        }
    yield from _early_close(study)
    # Numbers of the study's own: they are the same on another server.
    numbers: dict[int, int] = {}
    for excluded in Exclusion.objects.of_study(study):
        first = excluded.lifts_id or excluded.pk
        number = numbers.setdefault(first, len(numbers) + 1)
        is_lifting = excluded.lifts_id is not None
        states = ("excluded", "included") if is_lifting else ("included", "excluded")
        yield {
            "number": f"E{number}",
            "at": excluded.at.isoformat(),
            "author": excluded.author.username,
            "field": excluded.what,
            "before": states[0],
            "after": states[1],
            "reason": excluded.reason,
        }


def _early_close(study: Study) -> Iterator[Row]:
    """The close of a study in which reads were missing."""
    closed = Event.objects.of_stream(study.code).filter(verb="study.closed")
    for event in closed.select_related("actor"):
        missing = event.detail.get("missing", 0)
        if missing:
            yield {
                "number": "C1",
                "at": event.at.isoformat(),
                "author": event.actor.username if event.actor else "",
                "field": "reading",
                "before": "every report to be graded",
                "after": f"closed with {missing} not graded",
                "reason": event.detail.get("reason", ""),
            }


def _when(left: Withdrawal, study: Study) -> str:
    """Whether the results could be seen by then."""
    is_late = study.is_unblinded and left.at > study.unblinding.at
    return " after the results were opened" if is_late else ""
