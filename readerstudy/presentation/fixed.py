"""What a freeze makes or fixes besides the study and its arms."""

from typing import Any

from django.db.models import QuerySet

from readerstudy.cases.models import CaseExclusion, CaseSet, StudyCase
from readerstudy.presentation.models import PracticeCase, PresentedReport, Slot
from readerstudy.studies.models import Study


def fixed_by_freeze(study: Study) -> "list[QuerySet[Any]]":
    """Cases and exclusions, practice set, texts as they are shown, and dealt lists."""
    return [
        CaseSet.objects.filter(study=study),
        StudyCase.objects.filter(case_set__study=study),
        CaseExclusion.objects.filter(study=study),
        PracticeCase.objects.filter(study=study),
        PresentedReport.objects.filter(study=study),
        Slot.objects.of_study(study),
    ]
