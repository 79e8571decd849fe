"""Rosa takes a grade up again: at once, later, or not, as the protocol says."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from readerstudy.analysis.reads import read_rows
from readerstudy.audit.models import Event
from readerstudy.grading import amending
from readerstudy.grading.models import Grade, Reopening
from readerstudy.grading.path import next_slot
from readerstudy.grading.reply import Mark, Reply
from readerstudy.grading.services import Conflict, StudyClosed, submit
from readerstudy.grading.visits import VisitLog
from readerstudy.presentation.models import Slot
from readerstudy.studies.lifecycle.services import close
from tests import worlds
from tests.people import cora, rosa

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def reader_of(**rules):
    study = worlds.open_study(**rules)
    return study.membership_set.readers().get()


def graded(reader, letter="B"):
    """The slot that was next, graded."""
    slot = next_slot(reader)
    worlds.grade(slot, letter)
    return slot


def ask_undo(slot):
    return rosa().client.post(reverse("api:undo", args=[slot.public_id]))


def an_hour_ago(monkeypatch):
    """Let what is stored from now on have been stored an hour ago."""
    moment = timezone.now() - datetime.timedelta(hours=1)
    monkeypatch.setattr("readerstudy.grading.services.timezone.now", lambda: moment)


def test_a_slip_is_taken_back_and_the_new_grade_is_a_new_version():
    reader = reader_of()
    slot = graded(reader, "D")
    answer = ask_undo(slot)
    assert answer.status_code == 201
    page = rosa().client.get(answer.json()["url"])
    assert page.status_code == 200
    assert b'value="D"' in page.content and b"checked" in page.content
    assert Grade.objects.get().letter == "D", "it counts until a new one comes"
    worlds.grade(slot, "A", key="the-second-version")
    versions = list(Grade.objects.order_by("version").values_list("version", "letter"))
    assert versions == [(1, "D"), (2, "A")]
    assert "Taken back" in Grade.objects.get(version=2).reason
    row = next(row for row in read_rows(reader.study) if row["grade"])
    assert (row["grade"], row["version"]) == ("A", 2)


def test_after_a_while_it_cannot_be_taken_back(monkeypatch):
    reader = reader_of(amending="never")
    with monkeypatch.context() as past:
        an_hour_ago(past)
        slot = graded(reader)
    answer = ask_undo(slot)
    assert answer.status_code == 400
    assert "too late" in answer.json()["detail"]
    assert not Reopening.objects.exists()


def test_only_the_last_grade_is_taken_back():
    reader = reader_of()
    first = graded(reader)
    graded(reader)
    assert ask_undo(first).status_code == 400


def test_a_protocol_without_undo_takes_nothing_back():
    slot = graded(reader_of(undo_seconds=0))
    assert ask_undo(slot).status_code == 400


def test_nothing_ungraded_is_taken_back():
    reader = reader_of()
    assert ask_undo(next_slot(reader)).status_code == 400


def test_undoing_twice_opens_one_version():
    slot = graded(reader_of())
    assert ask_undo(slot).json() == ask_undo(slot).json()
    assert Reopening.objects.count() == 1


def test_a_later_change_needs_a_reason_and_keeps_what_was_there():
    reader = reader_of(amending="study")
    first = graded(reader, "C")
    graded(reader)
    url = reverse("grading:amend", args=[first.public_id])
    refused = rosa().client.post(url, {"reason": "  "}, follow=True)
    assert "required" in refused.content.decode()
    assert not Reopening.objects.exists()
    page = rosa().client.post(url, {"reason": "Saw the effusion."}, follow=True)
    assert page.resolver_match.view_name == "grading:read"
    worlds.grade(first, "B", key="after-second-thoughts")
    grade = Grade.objects.get(slot=first, version=2)
    assert (grade.letter, grade.reason) == ("B", "Saw the effusion.")
    assert next_slot(reader).position == 3
    verbs = list(Event.objects.values_list("verb", flat=True))
    assert verbs.count("grade.reopened") == 1


def test_without_a_reopening_there_is_no_second_version():
    slot = graded(reader_of())
    with pytest.raises(Conflict, match="graded B already"):
        worlds.grade(slot, "A", key="another-key-of-hers")
    assert Grade.objects.count() == 1


def test_a_protocol_that_allows_no_change_says_so():
    slot = graded(reader_of(amending="never"))
    with pytest.raises(ValidationError, match="lets this grade stand"):
        amending.amend(slot=slot, actor=rosa().user, reason="A slip.")
    page = rosa().client.get(reverse("grading:graded", args=["acceptability"]))
    assert b"Change this grade" not in page.content


def test_within_a_session_changes_end_with_the_session():
    reader = reader_of(session_reads=3, amending="session")
    first = graded(reader)
    graded(reader)
    assert amending.may_amend(first)
    graded(reader)
    assert amending.may_amend(first), "the session ends when the next one begins"
    fourth = graded(reader)
    assert fourth.session == 2
    assert not amending.may_amend(first)
    page = rosa().client.get(reverse("grading:graded", args=["acceptability"]))
    assert page.content.count(b"Change this grade") == 1


def test_after_the_close_nothing_is_taken_up_again():
    slot = graded(reader_of(amending="study"))
    # As her request found the page, before the close was committed.
    found = Slot.objects.select_related("reader__study").get(pk=slot.pk)
    close(study=slot.reader.study, actor=cora().user)
    assert ask_undo(slot).status_code == 410
    with pytest.raises(StudyClosed):
        amending.amend(slot=found, actor=rosa().user, reason="Too late.")


def test_a_reopening_is_never_altered():
    slot = graded(reader_of())
    ask_undo(slot)
    with pytest.raises(DatabaseError, match="never altered"), transaction.atomic():
        Reopening.objects.update(reason="Another.")


def test_the_database_wants_a_reason_for_a_second_version():
    slot = graded(reader_of())
    first = Grade.objects.get()
    with pytest.raises(DatabaseError, match="reason"), transaction.atomic():
        Grade.objects.create(
            slot=slot,
            version=2,
            letter="A",
            idempotency_key="by-the-back-door",
            body_sha256=first.body_sha256,
            submitted_at=first.submitted_at,
        )


def test_what_was_taken_up_again_comes_before_anything_else():
    """No permission is kept for later, and none bars the way."""
    reader = reader_of(amending="never", guess_sample=2, session_reads=3)
    graded(reader)
    last = graded(reader, "D")
    ask_undo(last)
    page = rosa().client.get(
        reverse("grading:next", args=["acceptability"]), follow=True
    )
    assert page.request["PATH_INFO"] == reverse("grading:read", args=[last.public_id])
    with pytest.raises(Conflict, match="comes first"):
        worlds.grade(next_slot(reader), "A")
    worlds.grade(last, "B", key="the-second-version")
    graded(reader)
    answer = rosa().client.get(
        reverse("grading:next", args=["acceptability"]), follow=True
    )
    assert "guess" in answer.request["PATH_INFO"]


def test_one_grade_is_taken_up_at_a_time():
    reader = reader_of(amending="study")
    first = graded(reader)
    second = graded(reader)
    amending.amend(slot=second, actor=rosa().user, reason="A slip.")
    with pytest.raises(ValidationError, match="Submit it first"):
        amending.amend(slot=first, actor=rosa().user, reason="Another slip.")


def test_with_a_wash_out_of_days_changes_end_with_the_session():
    reader = reader_of(amending="study", washout_days=7, session_reads=2)
    first = graded(reader)
    graded(reader)
    assert amending.may_amend(first)
    graded(reader)
    assert not amending.may_amend(first)


def test_the_time_of_a_changed_grade_is_that_of_all_its_versions():
    reader = reader_of()
    slot = graded(reader)
    ask_undo(slot)
    submit(
        slot=slot,
        actor=reader.user,
        idempotency_key="the-second-version",
        replies=[Reply("A")],
        visits=[
            VisitLog(
                "another-visit",
                timezone.now(),
                ((0, "shown", ""), (4000, "submit", "")),
            )
        ],
    )
    row = next(row for row in read_rows(reader.study) if row["grade"])
    assert (row["seconds"], row["wall_seconds"]) == ("24.000", "29.000")


def test_without_a_script_a_second_version_can_be_sent_and_keeps_its_marks():
    reader = reader_of(instruments=["errors", "comment"], amending="study")
    slot = next_slot(reader)
    mark = Mark("severity", significant=True, sentence=0, start=0, end=3)
    worlds.grade(slot, "C", marks=[mark])
    amending.amend(slot=slot, actor=rosa().user, reason="A slip.")
    page = rosa().client.get(reverse("grading:read", args=[slot.public_id]))
    key = f"form-{slot.public_id}-2"
    assert key in page.content.decode()
    form = {"letter": "B", "comment": "", "idempotency_key": key}
    rosa().client.post(reverse("grading:read", args=[slot.public_id]), form)
    grade = Grade.objects.get(version=2)
    assert (grade.letter, grade.marks.get().quote) == ("B", "The")


def test_a_change_for_no_reason_is_refused():
    slot = graded(reader_of(amending="study"))
    with pytest.raises(ValidationError, match="Say why the grade is to be changed"):
        amending.amend(slot=slot, actor=rosa().user, reason="  ")
    assert not Reopening.objects.exists()
