"""Cora makes a practice set of cases that the study does not draw."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from readerstudy.cases.models import Case, Collection
from readerstudy.presentation.models import PracticeCase
from readerstudy.presentation.readiness import checklist
from readerstudy.presentation.services import freeze
from tests import worlds
from tests.people import cora, rosa

pytestmark = pytest.mark.django_db
PAGE = reverse("presentation:practice", args=["acceptability"])


@pytest.fixture
def study(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.draft_study()
    worlds.collection("further", cases=3)
    return study


def add(**changes):
    form = {
        "collection": "further",
        "case": "CXR1",
        "source": "cxr_llava",
        "expected": "B",
        "explanation": "The heart is called normal; it is slightly large.",
    }
    return cora().client.post(PAGE, form | changes)


def test_a_case_is_added_and_stands_in_the_protocol(study):
    assert add().url == PAGE
    text = cora().client.get(PAGE).content.decode()
    assert "slightly large" in text
    freeze(study=study, actor=cora().user)
    study.refresh_from_db()
    (practice,) = study.locked_protocol["practice"]
    assert practice["case"] == "CXR1" and practice["expected"] == "B"
    assert len(practice["presented_sha256"]) == 64


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"case": "CXR99"}, "There is no case CXR99 in further."),
        ({"source": "nobody"}, "nobody has no report on CXR1."),
        ({"collection": "phantoms"}, "drawn for the study"),
        ({"expected": "E"}, "not one of the available choices"),
        ({"explanation": " "}, "This field is required."),
    ],
)
def test_a_refusal_stands_beside_its_field(study, changes, sentence):
    page = add(**changes)
    assert page.status_code == 200
    assert sentence in page.content.decode()
    assert not PracticeCase.objects.exists()


def test_the_same_report_is_not_practised_twice(study):
    add()
    assert "in the practice set already" in add().content.decode()
    assert add(source="ground_truth").status_code == 302


def test_a_case_without_a_chosen_image_is_refused(study):
    Case.objects.filter(collection__name="further").update(image=None)
    assert "has no image chosen" in add().content.decode()


def test_the_others_move_up_when_one_is_removed(study):
    for code in ("CXR1", "CXR2", "CXR3"):
        add(case=code)
    url = reverse("presentation:remove_practice", args=["acceptability", 1])
    cora().client.post(url)
    rows = PracticeCase.objects.values_list("number", "report__case__code")
    assert list(rows) == [(1, "CXR2"), (2, "CXR3")]
    gone = reverse("presentation:remove_practice", args=["acceptability", 9])
    page = cora().client.post(gone, follow=True)
    assert "removed already" in page.content.decode()


def test_a_practice_case_that_is_drawn_later_holds_the_freeze_back(study):
    add()
    done = [check for check in checklist(study) if "practice case" in check.sentence]
    assert done[0].done
    worlds.draw_cases(
        study=study,
        actor=cora().user,
        collection=Collection.objects.get(name="further"),
        sizes={"normal": None, "abnormal": None, "unknown": None},
        seed=1,
    )
    (check,) = [c for c in checklist(study) if "Practice case" in c.sentence]
    assert not check.done and "drawn for the study as well" in check.sentence
    page = cora().client.get(reverse("presentation:freeze", args=["acceptability"]))
    assert PAGE in page.content.decode()
    with pytest.raises(ValidationError, match="practise on another"):
        freeze(study=study, actor=cora().user)


def test_it_is_fixed_with_the_protocol(study):
    add()
    freeze(study=study, actor=cora().user)
    assert "fixed with the protocol" in add(case="CXR2").content.decode()
    url = reverse("presentation:remove_practice", args=["acceptability", 1])
    page = cora().client.post(url, follow=True)
    assert "fixed with the protocol" in page.content.decode()
    assert PracticeCase.objects.count() == 1


def test_a_practice_case_that_lost_its_radiograph_is_not_found(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study()
    practice = worlds.practice_case(study)
    url = reverse("api:practice_image", args=["acceptability", 1])
    assert rosa().client.get(url).status_code == 200
    Case.objects.filter(pk=practice.report.case_id).update(image=None)
    answer = rosa().client.get(url)
    assert answer.status_code == 404
    assert answer.json()["detail"] == "This practice case has no radiograph."
