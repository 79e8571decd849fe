"""Rosa reads two reports of a radiograph side by side and grades both as one."""

import json

import pytest
from django.urls import reverse

from readerstudy.analysis.reads import read_rows
from readerstudy.grading.models import Grade, Preference
from readerstudy.grading.path import next_slot
from readerstudy.presentation.models import Slot
from tests import worlds
from tests.people import rosa

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def reader():
    study = worlds.open_study(presentation="pair")
    return study.membership_set.readers().get()


def send(slot, name="grade", **changes):
    body = {
        "idempotency_key": f"key-{slot.public_id}",
        "reports": [{"letter": "B"}, {"letter": "D", "comment": "A miss."}],
        "preference": "1",
    } | changes
    ask = rosa().client.put if name == "draft" else rosa().client.post
    url = reverse(f"api:{name}", args=[slot.public_id])
    return ask(url, json.dumps(body), content_type="application/json")


def test_a_page_shows_both_reports_of_one_radiograph(reader):
    page = rosa().client.get(
        reverse("grading:next", args=["acceptability"]), follow=True
    )
    text = " ".join(page.content.decode().split())
    assert "Report 1" in text and "Report 2" in text
    assert "1 of 6" in text
    assert text.count("Text ground_truth on") == 1
    assert text.count("Text cxr_llava on") == 1


def test_both_grades_and_the_preference_are_stored_as_one(reader):
    slot = next_slot(reader)
    assert send(slot).status_code == 201
    letters = list(Grade.objects.order_by("slot__position").values_list("letter"))
    assert letters == [("B",), ("D",)]
    assert Preference.objects.get().choice == "1"
    assert next_slot(reader).position == 3
    assert send(slot).status_code == 201, "the same again is the same"
    assert Grade.objects.count() == 2
    assert send(slot, preference="2").status_code == 409


def test_the_preferred_arm_stands_in_both_rows(reader):
    slot = next_slot(reader)
    send(slot, preference="2")
    rows = [row for row in read_rows(reader.study) if row["grade"]]
    second = Slot.objects.get(reader=reader, position=2)
    assert [row["side"] for row in rows] == [1, 2]
    assert {row["preference"] for row in rows} == {second.presented.arm.name}


@pytest.mark.parametrize(
    "wrong",
    [
        {"preference": ""},
        {"preference": "3"},
        {"reports": [{"letter": "B"}]},
        {"reports": [{"letter": "B"}, {"letter": ""}]},
        {"reports": None, "letter": "B"},
    ],
)
def test_half_an_answer_stores_nothing(reader, wrong):
    assert send(next_slot(reader), **wrong).status_code == 400
    assert not Grade.objects.exists()


def test_a_draft_of_half_a_pair_is_kept(reader):
    slot = next_slot(reader)
    halves = [{"letter": "C"}, {"letter": None, "comment": "Hm"}]
    assert send(slot, "draft", reports=halves, preference="").status_code == 200
    page = rosa().client.get(reverse("grading:read", args=[slot.public_id]))
    text = page.content.decode()
    assert "Hm" in text and text.count("checked") == 1


def test_the_second_report_has_no_address_of_its_own(reader):
    second = Slot.objects.get(reader=reader, position=2)
    for name in ("api:grade", "api:draft", "grading:read", "grading:following"):
        path = reverse(name, args=[second.public_id])
        assert rosa().client.get(path).status_code in {404, 405}
    assert send(second).status_code == 404
