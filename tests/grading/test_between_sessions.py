"""Between two sessions, at the end, and on the home page: what comes next."""

import datetime

import pytest
from django.urls import reverse

from readerstudy.grading.models import Grade
from readerstudy.grading.my_studies import my_studies
from readerstudy.grading.progress import progress_of
from readerstudy.grading.whereabouts import TimeLeft, time_left
from tests import worlds
from tests.people import rosa

pytestmark = pytest.mark.django_db
NEXT = reverse("grading:next", args=["acceptability"])
BEGIN = reverse("grading:begin", args=["acceptability"])


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def reader_of(**rules):
    study = worlds.open_study(**rules)
    return study.membership_set.readers().get()


def text_of(url):
    page = rosa().client.get(url, follow=True)
    return " ".join(page.content.decode().split())


def test_between_two_sessions_there_is_a_page_to_rest_at():
    reader = reader_of(session_reads=4)
    for _ in range(4):
        worlds.grade_next(reader, "A")
    page = rosa().client.get(NEXT)
    text = page.content.decode()
    assert page.status_code == 200
    assert "Session 1 of 3 is done" in text
    assert "Begin session 2" in text
    assert BEGIN in text
    assert rosa().client.get(BEGIN).status_code == 302
    worlds.grade_next(reader, "A")
    assert rosa().client.get(NEXT).status_code == 302, "within a session it goes on"


def test_the_wait_says_which_session_opens_when(monkeypatch):
    reader = reader_of(washout_days=14)
    worlds.read_session(reader)
    last = Grade.objects.order_by("submitted_at").last()
    opens_at = last.submitted_at + datetime.timedelta(days=14)
    text = text_of(NEXT)
    assert "Session 1 of 2 is done" in text
    assert "Session 2 opens on" in text
    assert f"{opens_at:%A} {opens_at.day} {opens_at:%B %Y, %H:%M} UTC" in text
    assert "The 14 days between" in text
    assert "Begin session" not in text
    home = text_of(reverse("home"))
    assert "Your next session opens on" in home
    assert "Go on reading" not in home


def test_the_end_says_what_happens_now():
    reader = reader_of()
    worlds.read_session(reader)
    assert "What happens now" in text_of(NEXT)
    assert "coordinator closes the study" in text_of(NEXT)
    worlds.close(reader.study)
    assert "The study is closed. You graded 12 of 12 reports." in text_of(NEXT)


@pytest.mark.parametrize(
    ("rules", "offered"), [({"undo_seconds": 30}, True), ({"undo_seconds": 0}, False)]
)
def test_the_end_offers_to_take_the_last_grade_back_where_the_protocol_does(
    rules, offered
):
    reader = reader_of(**rules)
    worlds.read_session(reader)
    assert ('id="take-back"' in text_of(NEXT)) is offered
    worlds.close(reader.study)
    assert 'id="take-back"' not in text_of(NEXT)


def test_the_time_left_comes_of_my_own_pace():
    reader = reader_of()
    for _ in range(4):
        worlds.grade_next(reader, "A")
    assert time_left(reader, progress_of(reader)) is None
    worlds.grade_next(reader, "A")
    # Twenty seconds a report, seven reports to go.
    assert time_left(reader, progress_of(reader)) == TimeLeft(2)
    assert "About 2 minutes left at your pace." in text_of(reverse("home"))
    worlds.read_session(reader)
    assert time_left(reader, progress_of(reader)) is None


def test_hours_are_said_as_hours():
    assert (TimeLeft(135).hours, TimeLeft(135).minutes_of_hour) == (2, 15)


def test_what_can_be_done_stands_first():
    worlds.open_study("first-one")
    study = worlds.open_study("done-one")
    worlds.read_session(study.membership_set.readers().get())
    worlds.draft_study("draft-one")
    mine = my_studies(rosa().user)
    assert mine[0].membership.study.code == "first-one"
    assert mine[0].words == "Read"
    assert [each.words for each in mine[1:]] == ["", ""]


def test_the_home_page_leads_to_the_last_page_of_a_session():
    reader = reader_of(guess_sample=2)
    worlds.read_session(reader)
    home = text_of(reverse("home"))
    assert "Finish the session" in home
    assert BEGIN in home


def test_a_small_screen_is_told_so_unless_the_protocol_allows_it():
    reader_of()
    start = text_of(reverse("grading:start", args=["acceptability"]))
    assert "This is not a reading display." in start
    worlds.open_study("on-telephones", allow_small_screens=True)
    start = text_of(reverse("grading:start", args=["on-telephones"]))
    assert "This is not a reading display." not in start


def test_the_start_page_tells_how_it_goes():
    reader_of(consent="I agree.", display_check=True, session_reads=4, guess_sample=1)
    start = text_of(reverse("grading:start", args=["acceptability"]))
    for words in (
        "your consent",
        "check of your display",
        "3 sessions",
        "a few reports",
    ):
        assert words in start
