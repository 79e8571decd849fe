"""What there is of a page already, in one query: for the most part there is nothing."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from readerstudy.grading.models import Draft, Grade, Reopening, Visit
from readerstudy.presentation.models import Slot
from readerstudy.statements import Statement
from readerstudy.studies.people.models import Withdrawal


def standing_of(slot: Slot) -> Any:
    """The slot's row by itself, with what there is of it as truth values.

    is_graded, was_visited, has_draft   of the slot itself
    awaits_again                        some slot of its reader was taken up again
    has_withdrawn                       its reader has left the study
    """
    return _standing.rows(slot=slot.pk)[0]


def not_submitted_again(reader: Any) -> "QuerySet[Reopening]":
    """What a reader has taken up again and not submitted since, oldest first."""
    submitted = Grade.objects.filter(slot=OuterRef("slot"), version=OuterRef("version"))
    taken_up = Reopening.objects.filter(~Exists(submitted), slot__reader=reader)
    return taken_up.order_by("at")


def _with_what_there_is(slot: int) -> "QuerySet[Slot]":
    mine = {"slot": OuterRef("pk")}
    return (
        Slot.objects.filter(pk=slot)
        .only("pk")
        .annotate(
            is_graded=Exists(Grade.objects.filter(**mine)),
            was_visited=Exists(Visit.objects.filter(**mine)),
            has_draft=Exists(Draft.objects.filter(**mine)),
            awaits_again=Exists(not_submitted_again(OuterRef("reader"))),
            has_withdrawn=Exists(Withdrawal.objects.filter(reader=OuterRef("reader"))),
        )
    )


_standing = Statement(_with_what_there_is, numbers=["slot"])
