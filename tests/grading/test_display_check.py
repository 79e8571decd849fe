"""The display check: told by looking, stored with the session, mended or recorded."""

import datetime
import json
import re

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from readerstudy.grading.before import display, forms
from readerstudy.grading.before.display import store_check
from readerstudy.grading.before.pattern import (
    CORNERS,
    NONE,
    Pattern,
    greys,
    known_device,
    new_pattern,
    not_met,
    screen_of,
)
from readerstudy.grading.models import DisplayCheck, Grade
from readerstudy.grading.path import Missing, Stop, next_slot, next_step
from readerstudy.grading.services import Conflict
from readerstudy.studies.lifecycle.services import pause
from tests import worlds
from tests.people import cora, person, rosa

DISPLAY = reverse("grading:display", args=["acceptability"])
BEGIN = reverse("grading:begin", args=["acceptability"])
GO_ON = reverse("grading:display_go_on", args=["acceptability"])
DEVICE = {
    "screen_width": 1920,
    "screen_height": 1080,
    "window_width": 1900,
    "window_height": 950,
    "colour_depth": 24,
    "pixel_ratio": 1,
    "zoom": 1,
}


@pytest.fixture
def reader(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study(display_check=True, session_reads=6)
    return study.membership_set.readers().get()


def told(reader, **wrong):
    """What Rosa's browser sends when she tells a pattern, but for what is wrong."""
    pattern = new_pattern()
    return {
        **pattern.as_json(),
        "room": "on",
        "pattern": forms.sealed(pattern, reader),
        "device": json.dumps(DEVICE),
        **wrong,
    }


def look(reader, **wrong):
    return rosa().client.post(DISPLAY, told(reader, **wrong))


def test_reading_leads_to_the_check_and_no_report_opens_before(reader):
    assert rosa().client.get(BEGIN).url == DISPLAY
    slot = next_slot(reader)
    opening = rosa().client.post(reverse("api:open", args=[slot.public_id]))
    assert opening.status_code == 409
    assert "Check your display" in opening.json()["detail"]
    with pytest.raises(Conflict, match="Check your display"):
        worlds.grade(slot, "A")
    assert not Grade.objects.exists()


def test_what_the_page_shows_is_another_pattern_each_time(reader):
    shown = set()
    for _ in range(12):
        page = rosa().client.get(DISPLAY).content.decode()
        corners = re.findall(r"patch-square patch-(\w+)", page)
        assert len(corners) == 2 and set(corners) <= set(CORNERS)
        shown.add((*corners, page.count("<rect")))
    assert len(shown) > 1


def test_who_tells_everything_right_reads_on(reader):
    assert look(reader).url == BEGIN
    check = DisplayCheck.objects.get()
    assert check.passed and not check.went_on
    assert check.session == 1
    assert check.screen == "1920x1080x24"
    assert check.device == DEVICE
    assert check.answers["room"] is True
    assert next_step(reader).stop == Stop.READ


@pytest.mark.parametrize(
    ("wrong", "remedy"),
    [
        ({"dark": NONE}, "raise its brightness"),
        ({"bright": NONE}, "Lower the contrast"),
        ({"steps": 3}, "counted right"),
        ({"lines": NONE}, "zoom to 100"),
        ({"room": ""}, "Dim the room"),
    ],
)
def test_what_was_not_seen_is_followed_by_how_to_mend_it(reader, wrong, remedy):
    page = look(reader, **wrong)
    assert page.status_code == 200
    assert remedy in page.content.decode()
    assert not DisplayCheck.objects.get().passed
    assert next_step(reader).missing == Missing.DISPLAY
    look(reader)
    assert next_step(reader).stop == Stop.READ
    assert DisplayCheck.objects.count() == 2


def test_a_reader_may_go_on_knowingly_and_that_is_recorded(reader):
    refused = rosa().client.post(GO_ON, follow=True)
    assert "Look at the pattern first." in refused.content.decode()
    look(reader, dark=NONE)
    assert rosa().client.post(GO_ON).url == BEGIN
    last = DisplayCheck.objects.last()
    assert (last.passed, last.went_on, last.answers["dark"]) == (False, True, NONE)
    assert next_step(reader).stop == Stop.READ


def test_an_unfinished_form_stores_nothing(reader):
    sent = told(reader)
    del sent["lines"]
    page = rosa().client.post(DISPLAY, sent)
    assert page.status_code == 200
    assert "This field is required." in page.content.decode()
    assert not DisplayCheck.objects.exists()


def test_a_pattern_of_another_or_a_changed_one_is_no_pattern(reader):
    page = rosa().client.post(DISPLAY, told(reader, pattern="tampered"))
    assert "open for too long" in page.content.decode()
    other = worlds.open_study("other", readers=[person("Ravi")])
    his = forms.sealed(new_pattern(), other.membership_set.readers().get())
    rosa().client.post(DISPLAY, told(reader, pattern=his))
    assert not DisplayCheck.objects.exists()


def test_each_session_begins_with_a_check(reader):
    look(reader)
    worlds.read_session(reader)
    assert Grade.objects.count() == 6
    assert next_step(reader).missing == Missing.DISPLAY
    look(reader)
    assert DisplayCheck.objects.last().session == 2
    assert next_step(reader).stop == Stop.READ


def test_an_old_check_is_done_again_but_a_grade_on_its_way_is_stored(
    reader, monkeypatch
):
    look(reader)
    slot = next_slot(reader)
    rosa().client.get(reverse("grading:read", args=[slot.public_id]))
    later = timezone.now() + datetime.timedelta(hours=13)
    monkeypatch.setattr(
        "readerstudy.grading.before.display.timezone.now", lambda: later
    )
    assert next_step(reader).missing == Missing.DISPLAY
    worlds.grade(next_slot(reader), "A")
    following = reverse("grading:following", args=[slot.public_id])
    assert rosa().client.get(following).status_code == 204
    with pytest.raises(Conflict):
        worlds.grade(next_slot(reader), "A")


def test_the_start_page_and_the_check_name_the_screen(reader):
    look(reader)
    page = rosa().client.get(DISPLAY + "?screen").content.decode()
    assert "another screen" in page


def test_the_levels_of_the_row_go_from_black_to_white():
    assert greys(3) == ["#000000", "#808080", "#ffffff"]
    assert len(set(greys(14))) == 14


def test_only_what_is_believable_of_a_screen_is_kept():
    assert known_device(DEVICE) == DEVICE
    odd = {"screen_width": "wide", "screen_height": -4, "zoom": 1e9, "name": "Rosa's"}
    assert known_device(odd) == {}
    assert known_device([1]) == {}
    assert screen_of({}) == ""


def test_every_answer_is_needed_to_pass():
    pattern = Pattern("top_left", "top_right", 12, "level")
    right = pattern.as_json() | {"room": True}
    assert not_met(pattern, right) == []
    for name in right:
        assert not_met(pattern, right | {name: None}) == [name]


def test_what_is_no_json_tells_nothing_of_the_screen(reader):
    assert look(reader, device="{a broken script").url == BEGIN
    check = DisplayCheck.objects.get()
    assert (check.passed, check.screen, check.device) == (True, "", {})


def test_no_check_is_stored_while_reading_is_paused(reader):
    words = {"reason": "A server moves.", "message": "Soon."}
    pause(study=reader.study, actor=cora().user, **words)
    next_page = reverse("grading:next", args=["acceptability"])
    assert look(reader).url == next_page
    reader = type(reader).objects.get(pk=reader.pk)
    pattern = new_pattern()
    with pytest.raises(ValidationError, match="paused"):
        store_check(
            reader=reader,
            session=1,
            pattern=pattern,
            answers=pattern.as_json(),
            device=DEVICE,
        )
    assert not DisplayCheck.objects.exists()


def test_a_check_that_comes_as_reading_is_paused_is_told_why(reader, monkeypatch):
    """The page had found the study open; the pause comes before the check is stored."""

    def after_the_pause(**check):
        words = {"reason": "A server moves.", "message": "Soon."}
        pause(study=reader.study, actor=cora().user, **words)
        store_check(**{**check, "reader": type(reader).objects.get(pk=reader.pk)})

    monkeypatch.setattr(display, "store_check", after_the_pause)
    answer = look(reader)
    assert answer.url == reverse("grading:next", args=["acceptability"])
    assert not DisplayCheck.objects.exists()
