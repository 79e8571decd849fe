"""Rosa reads: in her order, one at a time, taking up where she left."""

import pytest
from django.urls import reverse

from readerstudy.grading.path import next_slot
from readerstudy.presentation.models import Slot
from readerstudy.studies.lifecycle.services import close
from tests import worlds
from tests.lifted import lifted
from tests.people import cora, rosa

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def reader():
    return worlds.open_study().membership_set.readers().get()


def test_the_start_page_shows_the_scale_and_the_way_in(reader):
    page = rosa().client.get(reverse("grading:start", args=["acceptability"]))
    assert b"Acceptable with minor revision" in page.content
    assert b"/read/acceptability/begin/" in page.content


def test_the_home_page_says_how_far_she_is_and_asks_for_no_more(reader):
    def home():
        return " ".join(rosa().client.get(reverse("home")).content.decode().split())

    assert "graded 0 of 12 reports" in home() and ">Read<" in home()
    worlds.grade_next(reader, "A")
    assert "graded 1 of 12 reports" in home() and ">Go on reading<" in home()
    while worlds.grade_next(reader, "B"):
        pass
    assert "graded all 12 reports" in home()
    assert ">Read<" not in home() and ">Go on reading<" not in home()


def test_next_leads_to_the_first_report_without_a_grade(reader):
    worlds.grade_next(reader, "A")
    second = Slot.objects.of_reader(reader).get(position=2)
    answer = rosa().client.get(reverse("grading:next", args=["acceptability"]))
    assert answer.url == reverse("grading:read", args=[second.public_id])


def test_a_later_report_does_not_open_before_its_turn(reader):
    third = Slot.objects.of_reader(reader).get(position=3)
    answer = rosa().client.get(reverse("grading:read", args=[third.public_id]))
    assert answer.url == reverse("grading:next", args=["acceptability"])
    third.refresh_from_db()
    assert third.opened_at is None


def test_a_graded_report_leads_on(reader):
    first = next_slot(reader)
    worlds.grade_next(reader, "A")
    answer = rosa().client.get(reverse("grading:read", args=[first.public_id]))
    assert answer.url == reverse("grading:next", args=["acceptability"])


def test_the_page_shows_progress_and_preselects_nothing(reader):
    worlds.grade_next(reader, "A")
    page = rosa().client.get(
        reverse("grading:next", args=["acceptability"]), follow=True
    )
    text = page.content.decode()
    assert "2 of 12" in " ".join(text.split())
    assert "checked" not in text


def test_first_showing_is_noted_once(reader):
    slot = next_slot(reader)
    url = reverse("grading:read", args=[slot.public_id])
    rosa().client.get(url)
    slot.refresh_from_db()
    first = slot.opened_at
    rosa().client.get(url)
    slot.refresh_from_db()
    assert slot.opened_at == first


def test_report_text_is_escaped(reader):
    slot = next_slot(reader)
    presented = slot.presented
    presented.body["sections"][0]["sentences"] = ["<script>alert(1)</script> seen."]
    with lifted("presentation_presentedreport"):
        presented.save()
    page = rosa().client.get(reverse("grading:read", args=[slot.public_id]))
    assert b"<script>alert" not in page.content
    assert b"&lt;script&gt;alert(1)" in page.content


def test_after_the_last_report_there_is_a_friendly_end(reader):
    while worlds.grade_next(reader, "B"):
        pass
    page = rosa().client.get(reverse("grading:next", args=["acceptability"]))
    assert page.status_code == 200
    assert b"12" in page.content


def test_a_closed_study_opens_no_report(reader):
    close(study=reader.study, actor=cora().user)
    page = rosa().client.get(reverse("grading:next", args=["acceptability"]))
    assert page.status_code == 200
    slot = next_slot(reader)
    answer = rosa().client.get(reverse("grading:read", args=[slot.public_id]))
    assert answer.url == reverse("grading:next", args=["acceptability"])


def test_the_next_page_costs_a_bounded_number_of_queries(
    reader, django_assert_max_num_queries
):
    slot = next_slot(reader)
    client = rosa().client
    url = reverse("grading:read", args=[slot.public_id])
    client.get(url)
    with django_assert_max_num_queries(16):
        client.get(url)
