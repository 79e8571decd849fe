"""The way through a list: in order, in sessions, never before the wash-out is over."""

import datetime
import json

import pytest
from django.urls import reverse
from django.utils import timezone

from readerstudy.grading.models import Draft, Grade, Visit
from readerstudy.grading.path import Stop, next_slot, next_step, slot_after
from readerstudy.presentation.models import Slot
from tests import worlds
from tests.lifted import lifted
from tests.people import rosa

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def reader_of(**rules):
    study = worlds.open_study(**rules)
    return study.membership_set.readers().get()


def post_grade(slot, key="a-key-of-hers"):
    return rosa().client.post(
        reverse("api:grade", args=[slot.public_id]),
        json.dumps({"idempotency_key": key, "letter": "A"}),
        content_type="application/json",
    )


def test_a_grade_out_of_turn_is_refused_by_the_api_as_well():
    reader = reader_of()
    third = Slot.objects.of_reader(reader).get(position=3)
    answer = post_grade(third)
    assert answer.status_code == 409
    assert "comes first" in answer.json()["detail"]
    assert not Grade.objects.exists()
    third.refresh_from_db()
    assert third.opened_at is None


def test_sessions_are_as_equal_as_can_be():
    reader = reader_of(session_reads=5)
    sessions = list(Slot.objects.of_reader(reader).values_list("session", flat=True))
    assert sessions == [1] * 4 + [2] * 4 + [3] * 4


def test_with_a_wash_out_of_days_no_session_holds_two_rounds():
    reader = reader_of(washout_days=14)
    slots = Slot.objects.of_reader(reader).values_list("session", "presented__case")
    rounds = {1: set(), 2: set()}
    for session, case in slots:
        assert case not in rounds[session]
        rounds[session].add(case)


def test_the_next_page_is_fetched_ahead_within_a_session_only():
    reader = reader_of(session_reads=6)
    for _ in range(5):
        worlds.grade_next(reader, "A")
    slot = next_slot(reader)
    assert slot_after(slot) is None
    url = reverse("grading:following", args=[slot.public_id])
    assert rosa().client.get(url).status_code == 204


def test_what_is_fetched_ahead_is_not_opened():
    reader = reader_of()
    first = next_slot(reader)
    rosa().client.get(reverse("grading:read", args=[first.public_id]))
    ahead = rosa().client.get(reverse("grading:following", args=[first.public_id]))
    second = Slot.objects.of_reader(reader).get(position=2)
    assert second.public_id in ahead.content.decode()
    assert second.opened_at is None
    opening = reverse("api:open", args=[second.public_id])
    assert rosa().client.post(opening).status_code == 409
    worlds.grade_next(reader, "A")
    assert rosa().client.post(opening).status_code == 200
    second.refresh_from_db()
    assert second.opened_at is not None


def days_pass(monkeypatch, days):
    later = timezone.now() + datetime.timedelta(days=days)
    monkeypatch.setattr("readerstudy.grading.path.timezone.now", lambda: later)


def test_the_second_session_waits_until_the_wash_out_is_over(monkeypatch):
    reader = reader_of(washout_days=14)
    while next_step(reader).stop == Stop.READ:
        worlds.grade_next(reader, "B")
    step = next_step(reader)
    last = Grade.objects.order_by("submitted_at").last()
    assert step.stop == Stop.WAIT
    assert step.opens_at == last.submitted_at + datetime.timedelta(days=14)
    assert Grade.objects.count() == 6
    page = rosa().client.get(reverse("grading:next", args=["acceptability"]))
    assert f"{step.opens_at:%Y-%m-%d}" in page.content.decode()
    assert post_grade(step.slot).status_code == 409
    read = reverse("grading:read", args=[step.slot.public_id])
    assert rosa().client.get(read).status_code == 302
    days_pass(monkeypatch, 13)
    assert next_step(reader).stop == Stop.WAIT
    days_pass(monkeypatch, 15)
    assert next_step(reader).stop == Stop.READ
    assert post_grade(step.slot).status_code == 201


def test_nobody_looks_further_ahead_than_the_page_behind_the_next():
    """Fetching page after page ahead would be reading without opening anything."""
    reader = reader_of()
    slots = list(Slot.objects.of_reader(reader))
    rosa().client.get(reverse("grading:read", args=[slots[0].public_id]))
    statuses = [
        rosa()
        .client.get(reverse("grading:following", args=[slot.public_id]))
        .status_code
        for slot in slots[:4]
    ]
    assert statuses == [200, 200, 204, 204]


def test_a_refusal_says_whether_what_was_sent_may_be_of_use_later():
    reader = reader_of()
    first, second = Slot.objects.of_reader(reader)[:2]
    assert post_grade(second).json()["reason"] == "not_now"
    post_grade(first)
    assert post_grade(first, "another-key-of-hers").json()["reason"] == "graded"
    changed = rosa().client.post(
        reverse("api:grade", args=[first.public_id]),
        json.dumps({"idempotency_key": "a-key-of-hers", "letter": "D"}),
        content_type="application/json",
    )
    assert changed.json()["reason"] == "changed"


def test_a_window_in_which_nothing_was_entered_leaves_the_draft_alone():
    slot = next_slot(reader_of())
    url = reverse("api:draft", args=[slot.public_id])
    visit = {
        "key": "a-visit-of-hers",
        "began_at": "2026-03-02T09:00:00Z",
        "events": [[0, "shown"], [9000, "leave"]],
    }
    for body in ({"letter": "C"}, {"times_only": True, "visits": [visit]}):
        answer = rosa().client.put(url, json.dumps(body), "application/json")
        assert answer.status_code == 200
    assert Draft.objects.get().content["letter"] == "C"
    assert Visit.objects.get().events[1] == [9000, "leave", ""]


def test_where_no_page_says_that_it_was_opened_the_whole_list_is_looked_at():
    reader = reader_of()
    for _ in range(4):
        worlds.grade_next(reader, "B")
    with lifted("presentation_slot"):
        Slot.objects.of_reader(reader).update(opened_at=None)
    assert next_slot(reader).position == 5


def test_after_the_close_no_times_are_kept():
    reader = reader_of()
    slot = next_slot(reader)
    worlds.close(reader.study)
    visit = {
        "key": "a-visit-of-hers",
        "began_at": "2026-03-02T09:00:00Z",
        "events": [[0, "shown"], [9000, "leave"]],
    }
    answer = rosa().client.put(
        reverse("api:draft", args=[slot.public_id]),
        json.dumps({"times_only": True, "visits": [visit]}),
        "application/json",
    )
    assert (answer.status_code, answer.json()) == (200, {"saved_at": None})
    assert not Visit.objects.exists()
