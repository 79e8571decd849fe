"""Which cases are fixed: what the readers of a frozen study see must not change.

A freeze holds the rows of its cases, and so does whoever changes one, who asks only
then whether it is fixed: neither slips in behind the other.
"""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet

from readerstudy.cases.models import Case, StudyCase
from readerstudy.studies.models import Study

# As many as one statement takes.
_AT_ONCE = 500


def fixed() -> Q:
    """Whether a frozen study uses a case, to read it or to practise on it."""
    return _used_by(Study.objects.exclude(state=Study.State.DRAFT))


def is_fixed(case_id: int) -> bool:
    """`fixed`, of one case."""
    return Case.objects.filter(fixed(), pk=case_id).exists()


def is_used(case_id: int) -> bool:
    """Whether any study uses a case, a draft too."""
    return Case.objects.filter(_used_by(Study.objects.all()), pk=case_id).exists()


def _used_by(studies: QuerySet[Study]) -> Q:
    read = StudyCase.objects.filter(case=OuterRef("pk"), case_set__study__in=studies)
    practised = studies.filter(practicecase__report__case=OuterRef("pk"))
    return Q(Exists(read)) | Q(Exists(practised))


def hold(ids: Sequence[int]) -> None:
    """Lock cases for a change, until the transaction is over; always in one order."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), _AT_ONCE):
        some = Case.objects.filter(pk__in=ordered[start : start + _AT_ONCE])
        list(some.select_for_update().order_by("pk").values_list("pk"))


def hold_for_freeze(study: Study) -> None:
    """Let nobody change the cases of a study before the transaction is over.

    What only refers to them, such as a report that comes in, need not wait.
    """
    used = Case.objects.filter(_used_by(Study.objects.filter(pk=study.pk)))
    list(used.select_for_update(no_key=True).order_by("pk").values_list("pk"))
