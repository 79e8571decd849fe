"""Rosa submits grades: never lost, never doubled, never after the close."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse

from readerstudy.grading import services
from readerstudy.grading.models import Draft, Grade
from readerstudy.grading.path import next_slot
from readerstudy.grading.progress import progress_of
from readerstudy.grading.reply import Reply
from readerstudy.presentation.models import page_for
from readerstudy.studies.lifecycle.services import close
from readerstudy.studies.people.models import Withdrawal
from readerstudy.studies.people.withdrawing import withdraw
from tests import worlds
from tests.people import cora, rosa

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def study():
    return worlds.open_study()


@pytest.fixture
def slot(study):
    return next_slot(study.membership_set.readers().get())


VISIT = {
    "key": "a-visit-of-hers",
    "began_at": "2026-03-02T09:00:00Z",
    "events": [[0, "shown"], [21_000, "blur"], [30_000, "submit"]],
}


def body(**changes):
    return {
        "idempotency_key": "key-of-the-first-try",
        "letter": "B",
        "comment": "Left effusion missing.",
        "visits": [VISIT],
    } | changes


def post(slot, content):
    return rosa().client.post(
        reverse("api:grade", args=[slot.public_id]),
        json.dumps(content),
        content_type="application/json",
    )


def test_a_grade_is_stored_with_its_comment_and_times(slot):
    answer = post(slot, body())
    assert answer.status_code == 201
    grade = Grade.objects.get()
    assert (grade.letter, grade.version) == ("B", 1)
    assert grade.comment == "Left effusion missing."
    assert (grade.active_ms, grade.wall_ms) == (21_000, 30_000)
    assert answer.json()["next_url"] == "/read/acceptability/next/"


def test_the_same_key_twice_stores_one_grade_and_answers_the_same(slot):
    first, second = post(slot, body()), post(slot, body())
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert Grade.objects.count() == 1


def test_the_same_key_with_another_body_is_refused_and_stores_nothing(slot):
    post(slot, body())
    answer = post(slot, body(letter="D"))
    assert answer.status_code == 409
    assert "stands" in answer.json()["detail"]
    assert Grade.objects.get().letter == "B"


def test_a_second_window_with_its_own_key_is_refused_and_told_the_grade(slot):
    post(slot, body())
    answer = post(slot, body(idempotency_key="key-of-a-second-window", letter="D"))
    assert answer.status_code == 409
    assert "graded B already" in answer.json()["detail"]
    assert Grade.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"letter": "E"},
        {"letter": ""},
        {"letter": None},
        {"idempotency_key": "short"},
        {"visits": [VISIT | {"events": [[-1, "shown"]]}]},
        {"visits": [VISIT | {"events": [[0, "dance"]]}]},
        {"visits": [VISIT | {"events": [[0, "tool", "zoom\0"]]}]},
        {"visits": [VISIT | {"events": [[0, "tool", "\ud800"]]}]},
        {"comment": "x" * 4001},
    ],
)
def test_a_bad_body_is_refused_and_stores_nothing(slot, wrong):
    assert post(slot, body(**wrong)).status_code == 400
    assert not Grade.objects.exists()


def test_after_the_close_nothing_is_stored_and_the_answer_says_so(study, slot):
    close(study=study, actor=cora().user)
    answer = post(slot, body())
    assert answer.status_code == 410
    assert "Nothing was stored" in answer.json()["detail"]
    assert not Grade.objects.exists()


def test_a_grade_that_waited_for_a_withdrawal_is_not_stored(study, slot):
    # As her request found the page, before the withdrawal was committed.
    found = page_for.rows(public_id=slot.public_id, user=rosa().user.pk)[0]
    assert not found.reader.has_withdrawn
    withdraw(
        study=study,
        actor=cora().user,
        reader=slot.reader,
        reason="Moved to another hospital.",
        rule=Withdrawal.Rule.KEPT,
    )
    with pytest.raises(services.StudyClosed, match="left this study"):
        services.submit(
            slot=found,
            actor=rosa().user,
            idempotency_key="key-of-the-first-try",
            replies=[Reply(letter="B")],
        )
    assert not Grade.objects.exists()


def test_a_retry_after_the_close_still_learns_that_the_grade_was_stored(study, slot):
    post(slot, body())
    close(study=study, actor=cora().user)
    assert post(slot, body()).status_code == 201


def test_a_grade_is_never_altered_in_the_database(slot):
    post(slot, body())
    with pytest.raises(DatabaseError, match="never altered"), transaction.atomic():
        Grade.objects.update(letter="A")
    assert Grade.objects.get().letter == "B"


def test_a_draft_is_kept_and_goes_with_the_grade(slot):
    url = reverse("api:draft", args=[slot.public_id])
    content = {"letter": "C", "comment": "Half a", "visits": [VISIT]}
    answer = rosa().client.put(url, json.dumps(content), "application/json")
    assert answer.status_code == 200
    assert Draft.objects.get().content["letter"] == "C"
    assert not Grade.objects.exists()
    page = rosa().client.get(reverse("grading:read", args=[slot.public_id]))
    assert b"Half a" in page.content
    post(slot, body())
    assert not Draft.objects.exists()


def test_a_draft_that_arrives_after_the_grade_changes_nothing(slot):
    post(slot, body())
    stored = services.save_draft(slot=slot, replies=[Reply("D")])
    assert stored is None
    assert not Draft.objects.exists()


def test_drafts_are_not_progress(slot):
    services.save_draft(slot=slot, replies=[Reply("D")])
    assert progress_of(slot.reader).graded == 0


def test_a_draft_may_lack_a_letter_but_not_have_a_wrong_one(slot):
    services.save_draft(slot=slot, replies=[Reply("")])
    with pytest.raises(ValidationError):
        services.save_draft(slot=slot, replies=[Reply("Z")])


def test_the_plain_form_grades_without_a_script(slot):
    answer = rosa().client.post(
        reverse("grading:read", args=[slot.public_id]),
        {"letter": "A", "comment": "", "idempotency_key": "key-in-the-form"},
    )
    assert answer.status_code == 302
    assert Grade.objects.get().letter == "A"


def submitted(slot, *replies, key="key-of-the-first-try"):
    return services.submit(
        slot=slot, actor=rosa().user, idempotency_key=key, replies=replies
    )


def test_the_service_stores_a_grade_once_by_its_key(slot):
    first, is_new = submitted(slot, Reply("B"))
    assert is_new
    assert submitted(slot, Reply("B")) == (first, False)
    assert Grade.objects.count() == 1


def test_a_key_that_is_too_short_stores_nothing(slot):
    with pytest.raises(ValidationError, match="8 to 64 characters"):
        submitted(slot, Reply("B"), key="short")
    assert not Grade.objects.exists()


def test_two_answers_for_one_report_are_refused(slot):
    sent = {"reports": [{"letter": "A"}, {"letter": "B"}]}
    answer = post(slot, {"idempotency_key": "key-of-the-first-try"} | sent)
    assert answer.status_code == 400
    assert "One report is read at a time in this study." in answer.content.decode()
    assert not Grade.objects.exists()
