"""Reading is paused while Rosa reads: she is told, and nothing that she did is lost."""

import json

import pytest
from django.urls import reverse

from readerstudy.grading.models import Draft, Grade, Visit
from readerstudy.grading.path import next_slot
from readerstudy.studies.lifecycle import services as lifecycle
from tests import worlds
from tests.people import cora, rosa

pytestmark = pytest.mark.django_db
BODY = {"letter": "C", "comment": "A shadow.", "idempotency_key": "a-key-of-rosas"}


@pytest.fixture
def slot(settings, tmp_path):
    """The report before Rosa, opened before the pause."""
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study(cases=2, distance=1, amending="study")
    worlds.grade_next(study.membership_set.readers().get(), "A")
    rosa().client.get(reverse("grading:next", args=[study.code]), follow=True)
    pause(study)
    found = next_slot(study.membership_set.readers().get())
    assert found is not None
    return found


def pause(study):
    lifecycle.pause(
        study=study, actor=cora().user, reason="A server moves.", message="Until noon."
    )


def send(method, name, slot, body):
    ask = getattr(rosa().client, method)
    path = reverse(f"api:{name}", args=[slot.public_id])
    return ask(path, json.dumps(body), content_type="application/json")


def test_a_grade_is_refused_with_a_sentence_and_goes_through_unchanged_later(slot):
    refused = send("post", "grade", slot, BODY)
    assert refused.status_code == 409
    assert refused.json()["reason"] == "paused"
    assert "Nothing was stored" in refused.json()["detail"]
    assert Grade.objects.count() == 1
    lifecycle.resume(study=slot.reader.study, actor=cora().user)
    stored = send("post", "grade", slot, BODY)
    assert (stored.status_code, stored.json()["letter"]) == (201, "C")


def test_a_grade_that_was_stored_answers_the_same_during_the_pause(slot):
    lifecycle.resume(study=slot.reader.study, actor=cora().user)
    first = send("post", "grade", slot, BODY).json()
    pause(slot.reader.study)
    assert send("post", "grade", slot, BODY).json() == first


def test_a_draft_is_kept_and_so_is_the_time(slot):
    draft = {"letter": "B", "comment": "To be looked at"}
    assert send("put", "draft", slot, draft).status_code == 200
    assert Draft.objects.get(slot=slot).content["comment"] == "To be looked at"
    visit = {
        "key": "a-visit-of-rosas",
        "began_at": "2026-05-01T10:00:00Z",
        "events": [[0, "shown", ""]],
    }
    times = {"times_only": True, "visits": [visit]}
    assert send("put", "draft", slot, times).status_code == 200
    assert Visit.objects.filter(slot=slot).exists()


def test_without_a_script_the_grade_waits_as_a_draft(slot):
    form = {"letter": "D", "idempotency_key": "a-form-of-rosas"}
    path = reverse("grading:read", args=[slot.public_id])
    page = rosa().client.post(path, form, follow=True)
    assert b"Reading is paused" in page.content
    assert Draft.objects.get(slot=slot).content["letter"] == "D"
    assert Grade.objects.count() == 1


def test_every_way_leads_to_a_page_that_says_so_with_the_coordinators_words(slot):
    code = slot.reader.study.code
    for name, word in [
        ("start", code),
        ("next", code),
        ("begin", code),
        ("display", code),
        ("read", slot.public_id),
    ]:
        path = reverse(f"grading:{name}", args=[word])
        page = rosa().client.get(path, follow=True).content.decode()
        assert "Reading is paused" in page, name
        assert "Until noon." in page, name
    home = rosa().client.get("/").content.decode()
    assert "Reading is paused." in home
    assert "You have graded 1 of 4 reports." in home


def test_nothing_is_opened_taken_back_or_taken_up_again(slot):
    graded = Grade.objects.get().slot
    opened = send("post", "open", slot, {})
    undone = send("post", "undo", graded, {})
    assert [opened.status_code, undone.status_code] == [409, 409]
    amend = reverse("grading:amend", args=[graded.public_id])
    page = rosa().client.post(amend, {"reason": "A slip."}, follow=True)
    assert b"Reading is paused" in page.content
    following = reverse("grading:following", args=[slot.public_id])
    assert rosa().client.get(following).status_code == 204


def test_answers_to_the_sheet_of_guesses_stay_on_the_page(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study(cases=2, distance=1, guess_sample=2)
    reader = study.membership_set.readers().get()
    worlds.read_session(reader)
    sheet = reverse("grading:guess", args=[study.code, 1])
    rosa().client.post(reverse("grading:open_guess", args=[study.code, 1]))
    pause(study)
    answers = {
        f"{word}{number}": value
        for number in (1, 2)
        for word, value in (("author", "model"), ("confidence", "4"))
    }
    page = rosa().client.post(sheet, answers)
    assert b"Your answers stand below" in page.content
    assert page.content.count(b'value="model"') == 2
    assert page.content.count(b"checked") >= 2
    lifecycle.resume(study=study, actor=cora().user)
    done = rosa().client.post(sheet, answers, follow=True)
    assert b"Your answers are stored." in done.content
