"""What a frozen study is made of, and what was recorded of it, the database keeps."""

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from readerstudy.grading.models import ErrorMark, Grade
from readerstudy.presentation.models import PracticeCase, PresentedReport, Slot
from readerstudy.studies.models import Amendment, Arm
from readerstudy.studies.services import amend
from tests import worlds
from tests.people import cora

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.draft_study(cases=2, distance=1)
    worlds.practice_case(study)
    study = worlds.opened(study)
    worlds.grade_next(study.membership_set.readers().get(), "B")
    ErrorMark.objects.create(
        grade=Grade.objects.get(), number=1, category="omission", significant=True
    )
    Slot.objects.filter(position=2).update(opened_at=timezone.now())
    amend(
        study=study, actor=cora().user, field="title", value="Other", reason="Spelling."
    )
    return study


@pytest.mark.parametrize(
    "change",
    [
        lambda: Slot.objects.update(repeat=1),
        lambda: Slot.objects.filter(position=4).update(position=9),
        lambda: Slot.objects.filter(grade=None).update(session=2),
        lambda: Slot.objects.exclude(opened_at=None)._raw_delete("default"),
        lambda: PresentedReport.objects.update(sha256="0" * 64),
        lambda: PracticeCase.objects.update(expected="A"),
        lambda: PracticeCase.objects.all().delete(),
        lambda: Arm.objects.update(label="Another"),
        lambda: Arm.objects.filter(position=1)._raw_delete("default"),
        lambda: Arm.objects.create(
            study=Arm.objects.first().study, position=3, name="a", label="a", source="a"
        ),
        lambda: Amendment.objects.all().delete(),
        lambda: ErrorMark.objects.all().delete(),
        lambda: Grade.objects.all()._raw_delete("default"),
    ],
    ids=[
        "a slot's repeat",
        "a slot's place",
        "a slot's session",
        "an opened slot less",
        "a text",
        "a practice case",
        "a practice case less",
        "an arm's name",
        "an arm less",
        "an arm more",
        "an amendment less",
        "a mark less",
        "a grade less",
    ],
)
def test_the_database_keeps_what_is_locked_and_what_was_recorded(study, change):
    refused = pytest.raises(DatabaseError, match=r"never (altered|deleted)")
    with refused, transaction.atomic():
        change()


def test_a_draft_still_changes_its_arms_and_practice_cases(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.draft_study(cases=2, distance=1)
    worlds.practice_case(study)
    study.arm_set.update(label="Another")
    study.practicecase_set.update(expected="A")
    study.practicecase_set.all().delete()
    assert not study.practicecase_set.exists()
