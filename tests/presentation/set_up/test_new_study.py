"""Cora creates a study in one go: as in the paper, with the cases that are there."""

import pytest
from django.urls import reverse

from readerstudy.audit.models import Event
from readerstudy.cases.models import Case, Collection
from readerstudy.studies.models import Study
from tests import worlds
from tests.people import cora

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def create(**changes):
    sent = {"title": "Ward 7", "code": "ward-7", "start": "paper"} | changes
    return cora().client.post(reverse("set_up:new"), sent, follow=True)


def test_the_paper_s_study_is_drawn_at_once():
    worlds.collection(cases=60)
    answer = create(collection="phantoms")
    study = Study.objects.get()
    assert (study.allocation, study.arm_order) == ("crossed", "mixed")
    assert (study.presentation, study.instruments) == ("single", ["comment"])
    assert study.caseset.studycase_set.count() == 50
    assert "25 normal and 25 abnormal cases are drawn" in answer.content.decode()
    assert "as in the paper" in answer.content.decode()
    verbs = list(Event.objects.of_stream("ward-7").values_list("verb", flat=True))
    assert verbs == ["study.created", "study.cases_drawn"]


def test_what_is_there_is_drawn_and_said_and_the_distance_fits():
    worlds.collection(cases=6)
    answer = create(collection="phantoms")
    study = Study.objects.get()
    assert "3 normal and 3 abnormal cases are drawn" in answer.content.decode()
    assert study.minimum_pair_distance == 3
    assert study.caseset.studycase_set.count() == 6


def test_cases_of_no_stratum_are_drawn_as_such():
    worlds.collection(cases=6)
    Case.objects.update(stratum="unknown")
    answer = create(collection="phantoms")
    assert "6 cases are drawn" in answer.content.decode()


def test_a_collection_without_radiographs_is_refused_and_nothing_is_created():
    Collection.objects.create(name="empty")
    answer = create(collection="empty")
    assert answer.context["form"].errors["collection"]
    assert answer.context["form"]["title"].value() == "Ward 7"
    assert not Study.objects.exists()
    assert not Event.objects.of_stream("ward-7").exists()


def test_a_blank_study_has_no_arms_and_the_guide_asks_for_them():
    answer = create(start="blank")
    assert not Study.objects.get().arm_set.exists()
    assert "A study compares two arms at least" in answer.content.decode()
