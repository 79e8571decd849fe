"""Going through the practice cases: each grade is answered with the expected one."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from readerstudy.audit.services import record
from readerstudy.grading.before.models import PracticeReading
from readerstudy.presentation.models import PracticeCase
from readerstudy.statements import Statement
from readerstudy.studies.lifecycle.words import why_no_reading
from readerstudy.studies.models import GRADES, Membership


def next_practice(reader: Membership) -> PracticeCase | None:
    """The first practice case that a reader has not graded yet; one query."""
    return _next.first(study=reader.study_id, reader=reader.pk)


def _ungraded(study: int, reader: int) -> "QuerySet[PracticeCase]":
    graded = PracticeReading.objects.filter(reader=reader).values("practice_case")
    cases = PracticeCase.objects.filter(study=study).exclude(pk__in=graded)
    return cases.order_by("number")[:1]


_next = Statement(_ungraded, numbers=["study", "reader"])


def last_reading(reader: Membership, practice: PracticeCase) -> PracticeReading | None:
    """How a reader graded a practice case last."""
    readings = PracticeReading.objects.filter(reader=reader, practice_case=practice)
    return readings.order_by("id").last()


@transaction.atomic
def practise(
    *, reader: Membership, practice: PracticeCase, letter: str
) -> PracticeReading:
    """Store a practice grade. The cases come in order; any may be repeated."""
    if not reader.may_read:
        raise ValidationError(why_no_reading(reader))
    if letter not in GRADES:
        raise ValidationError(_("Choose one of the grades A, B, C and D."))
    upcoming = next_practice(reader)
    if upcoming is not None and practice.number > upcoming.number:
        raise ValidationError(_("Another practice case comes first."))
    reading = PracticeReading.objects.create(
        reader=reader, practice_case=practice, letter=letter
    )
    record(
        actor=reader.user,
        verb="practice.graded",
        stream=reader.study.code,
        subject=reader.reader_code,
        detail={"number": practice.number},
        rows=[reading],
    )
    return reading
