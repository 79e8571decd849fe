"""Which cases are fixed: what the readers of a frozen study see must not change."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from readerstudy.cases.models import Case, StudyCase
from readerstudy.studies.models import Study


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
