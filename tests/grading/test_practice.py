"""Practice: before the first report, answered at once, and counted nowhere."""

import re

import pytest
from django.urls import reverse

from readerstudy.analysis.reads import read_rows
from readerstudy.export.columns import TABLES
from readerstudy.grading.models import Grade, PracticeReading
from readerstudy.grading.path import Missing, Stop, next_slot, next_step
from readerstudy.grading.progress import progress_of
from readerstudy.grading.services import Conflict
from tests import worlds
from tests.people import rosa

pytestmark = pytest.mark.django_db
PRACTICE = reverse("grading:practice", args=["acceptability"])
BEGIN = reverse("grading:begin", args=["acceptability"])


def case_url(number):
    return reverse("grading:practice_case", args=["acceptability", number])


@pytest.fixture
def reader(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study()
    worlds.practice_case(study, expected="C", explanation="The nodule is missing.")
    worlds.practice_case(study, source="cxr_llava", expected="A", explanation="Right.")
    return study.membership_set.readers().get()


def test_practice_comes_before_the_first_report(reader):
    assert rosa().client.get(BEGIN).url == PRACTICE
    assert next_step(reader).missing == Missing.PRACTICE
    with pytest.raises(Conflict, match="practice"):
        worlds.grade(next_slot(reader), "A")


def test_the_expected_grade_is_shown_after_the_reader_has_said_one(reader):
    before = rosa().client.get(case_url(1)).content.decode()
    assert "The heart is large." in before
    assert "The nodule is missing." not in before
    after = rosa().client.post(case_url(1), {"letter": "B"}, follow=True)
    text = after.content.decode()
    assert "The nodule is missing." in text
    assert "You said" in text and "Expected" in text


def test_cases_come_in_order_and_lead_to_the_reports(reader):
    assert rosa().client.get(case_url(2)).url == PRACTICE
    early = rosa().client.post(case_url(2), {"letter": "B"}, follow=True)
    assert "comes first" in early.content.decode()
    rosa().client.post(case_url(1), {"letter": "B"})
    assert next_step(reader).missing == Missing.PRACTICE
    rosa().client.post(case_url(2), {"letter": "A"})
    assert next_step(reader).stop == Stop.READ


def test_practice_may_be_repeated(reader):
    for letter in "BC":
        rosa().client.post(case_url(1), {"letter": letter})
    assert PracticeReading.objects.count() == 2
    again = rosa().client.get(case_url(1) + "?again").content.decode()
    assert "The nodule is missing." not in again
    assert "you said C, expected was C" in rosa().client.get(PRACTICE).content.decode()


def test_a_letter_that_is_none_is_refused(reader):
    page = rosa().client.post(case_url(1), {"letter": "E"}, follow=True)
    assert "Choose one of the grades" in page.content.decode()
    assert not PracticeReading.objects.exists()


def test_nothing_of_it_counts(reader):
    before = list(read_rows(reader.study))
    for number in (1, 2):
        rosa().client.post(case_url(number), {"letter": "B"})
    assert list(read_rows(reader.study)) == before
    assert progress_of(reader).graded == 0
    assert not Grade.objects.exists()
    assert not [name for name in TABLES if "practice" in name]


def test_the_page_and_its_radiograph_name_no_source(reader):
    rosa().client.post(case_url(1), {"letter": "B"})
    for number in (1, 2):
        page = rosa().client.get(case_url(number)).content.decode()
        # Tokens are drawn at random and may spell anything.
        page = re.sub(r"\b[A-Za-z0-9]{64}\b", "", page)
        for name in ("ground_truth", "llava", "to-practise-on", ".png", "P1"):
            assert name not in page
        for name in ("image", "preview", "frame"):
            url = reverse(f"api:practice_{name}", args=["acceptability", number])
            assert rosa().client.get(url).status_code == 200
