"""Cora reminds readers who are behind: a letter each, at most one a day, by a worker
and through a real mail server."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from readerstudy import measures
from readerstudy.accounts.models import User
from readerstudy.audit.models import Event
from readerstudy.grading.models import Reminder
from readerstudy.grading.reminding.services import (
    do,
    remind,
    remind_the_idle,
    usual_text,
)
from readerstudy.grading.tasks import remind as carry_out_reminder
from readerstudy.studies.lifecycle.services import pause
from readerstudy.studies.models import Study
from readerstudy.studies.people.withdrawing import withdraw
from readerstudy.studies.services import amend
from readerstudy.work import leases
from tests import worlds
from tests.mail_server import kept_letters
from tests.people import cora, person, rosa
from tests.servers import free_port
from tests.waiting import somebody_quicker

pytestmark = pytest.mark.django_db


@pytest.fixture
def letters(settings):
    with kept_letters(settings) as got:
        yield got


@pytest.fixture
def study(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study(readers=[rosa(), person("Ravi")], cases=2, distance=1)
    User.objects.filter(username="rosa").update(email="rosa@example.org")
    worlds.grade_next(reader(study), "A")
    return study


def reader(study, code="R1"):
    return study.membership_set.select_related("user").get(reader_code=code)


def send(study, *codes, text="Dear {name}, {graded} of {total} of {study}."):
    readers = [reader(study, code) for code in codes]
    return remind(study=study, actor=cora().user, readers=readers, text=text)


def test_a_letter_reaches_the_reader_with_what_is_filled_in(study, letters):
    (reminder,) = send(study, "R1")
    carry_out_reminder(reminder.pk)
    (letter,) = letters
    assert letter["To"] == "rosa@example.org"
    text = letter.get_payload(decode=True).decode().strip()
    assert text == "Dear Rosa, 1 of 4 of A study."
    reminder.refresh_from_db()
    assert reminder.status == "done"
    carry_out_reminder(reminder.pk)
    assert len(letters) == 1
    told = Event.objects.of_stream(study.code).last()
    assert (told.verb, told.subject) == ("reader.reminded", "R1")


def test_a_mail_server_that_is_away_reaches_the_row(study, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    settings.JOB_MAXIMUM_ATTEMPTS = 1
    (reminder,) = send(study, "R1")
    carry_out_reminder(reminder.pk)
    reminder.refresh_from_db()
    assert reminder.status == "failed"
    page = cora().client.get(reverse("grading:progress", args=[study.code]))
    assert b"failed:" in page.content


def left(study):
    withdraw(
        study=study,
        actor=cora().user,
        reader=reader(study),
        reason="Moved.",
        rule="kept",
    )


@pytest.mark.parametrize(
    ("happens", "told"),
    [(left, "R1 cannot read now"), (worlds.close, "R1 cannot read now")],
)
def test_who_has_left_since_or_whose_study_was_closed_gets_no_letter(
    study, letters, happens, told
):
    (reminder,) = send(study, "R1")
    happens(study)
    carry_out_reminder(reminder.pk)
    reminder.refresh_from_db()
    assert letters == []
    assert (reminder.status, reminder.failure) == ("failed", f"Not sent: {told}.")
    labels = {"kind": "grading.reminder", "outcome": "failed"}
    assert measures.WORKER.get_sample_value("readerstudy_work_ended_total", labels)


def test_who_has_read_everything_since_gets_no_letter(study, letters):
    (reminder,) = send(study, "R1")
    while worlds.grade_next(reader(study), "B"):
        pass
    carry_out_reminder(reminder.pk)
    reminder.refresh_from_db()
    assert letters == []
    assert reminder.failure == "Not sent: R1 is done."


def test_a_worker_that_dies_behind_the_mail_server_sends_no_second_letter(
    study, letters
):
    (reminder,) = send(study, "R1")
    carry_out_reminder(reminder.pk)
    assert len(letters) == 1
    # As the sweep finds the row of a worker that died before it could write "done".
    Reminder.objects.update(status="queued", lease_token="", lease_until=None)
    carry_out_reminder(reminder.pk)
    reminder.refresh_from_db()
    assert len(letters) == 1
    assert reminder.status == "failed"
    assert "not sent again" in reminder.failure


def test_nobody_is_reminded_twice_a_day_and_the_database_sees_to_it(study):
    send(study, "R1")
    with pytest.raises(ValidationError, match="R1 was reminded today"):
        send(study, "R1")
    same = {"reader": reader(study), "on": timezone.now().date(), "text": "Again."}
    with pytest.raises(IntegrityError), transaction.atomic():
        Reminder.objects.create(**same)


def test_who_is_done_or_has_no_address_is_named_and_nothing_is_sent(study):
    with pytest.raises(ValidationError, match="R2 has no e-mail address"):
        send(study, "R1", "R2")
    assert not Reminder.objects.exists()
    while worlds.grade_next(reader(study), "B"):
        pass
    with pytest.raises(ValidationError, match="R1 is done"):
        send(study, "R1")
    with pytest.raises(ValidationError, match="Choose at least one"):
        send(study)


def test_the_page_previews_the_text_and_sends_it(study):
    path = reverse("grading:progress", args=[study.code])
    shown = cora().client.get(path).content.decode()
    assert "Dear {name}," in shown
    assert "R2 has no e-mail address." in shown
    form = {"readers": [reader(study).pk], "text": usual_text(study)}
    sent = cora().client.post(reverse("grading:remind", args=[study.code]), form)
    assert sent.status_code == 302
    assert "you have graded 1 of 4 reports" in Reminder.objects.get().text


def test_the_study_reminds_by_itself_after_days_of_silence(study):
    assert remind_the_idle() == 0
    amend(
        study=study,
        actor=cora().user,
        field="reminder_days",
        value="3",
        reason="Readers asked for it.",
    )
    assert remind_the_idle() == 0
    User.objects.filter(username="ravi").update(email="ravi@example.org")
    long_ago = timezone.now() - datetime.timedelta(days=4)
    Study.objects.filter(pk=study.pk).update(opened_at=long_ago)
    assert remind_the_idle() == 1
    reminder = Reminder.objects.get()
    assert (reminder.reader.reader_code, reminder.asked_by) == ("R2", None)
    assert remind_the_idle() == 0


def test_nobody_is_reminded_while_reading_is_paused(study):
    words = {"reason": "A server moves.", "message": "Until noon."}
    paused = pause(study=study, actor=cora().user, **words)
    with pytest.raises(ValidationError, match="while a study is open for reading"):
        send(paused, "R1")
    assert not Reminder.objects.exists()


def test_an_empty_letter_is_not_sent(study):
    with pytest.raises(ValidationError, match="Write something"):
        send(study, "R1", text=" ")
    assert not Reminder.objects.exists()


def test_who_waits_for_the_next_session_is_not_called_late():
    study = worlds.open_study("waiting", cases=2, distance=1, washout_days=14)
    User.objects.filter(username="rosa").update(email="rosa@example.org")
    worlds.read_session(reader(study))
    with pytest.raises(ValidationError, match="R1 waits for the next session"):
        send(study, "R1")
    assert not Reminder.objects.exists()


def test_a_worker_that_lost_its_letter_to_another_says_nothing_of_it(study, letters):
    (reminder,) = send(study, "R1")
    claimed = leases.claim(Reminder, id=reminder.pk, worker="one")
    left(study)
    # As the sweep frees the row of a silent worker, and another takes it.
    Reminder.objects.update(lease_token="of another", worker="another")
    do(claimed)
    reminder.refresh_from_db()
    assert (reminder.status, reminder.failure) == ("running", "")
    assert letters == []


def send_anew(study):
    with pytest.raises(ValidationError, match="R1 was reminded today"):
        send(study, "R1")


def remind_after_silence(study):
    assert remind_the_idle() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("at_once", [send_anew, remind_after_silence])
def test_of_two_letters_at_the_same_moment_one_is_sent(study, at_once):
    past = {"opened_at": timezone.now() - datetime.timedelta(days=9)}
    other = worlds.open_study("other", cases=2, distance=1, reminder_days=3)
    Study.objects.filter(pk=other.pk).update(**past)
    with somebody_quicker(lambda: send(other, "R1")):
        at_once(other)
    assert Reminder.objects.count() == 1


def test_an_amendment_of_a_date_or_a_number_is_parsed_and_recorded(study):
    for field, value in (("ends_on", "2026-12-31"), ("reminder_days", "7")):
        amend(study=study, actor=cora().user, field=field, value=value, reason="Late.")
    rows = [(each.before, each.after) for each in study.amendment_set.all()]
    assert rows == [("", "2026-12-31"), ("", "7")]
    for field, value in (("ends_on", "soon"), ("reminder_days", "0")):
        with pytest.raises(ValidationError):
            amend(
                study=study, actor=cora().user, field=field, value=value, reason="Late."
            )
    study.refresh_from_db()
    assert study.ends_on == datetime.date(2026, 12, 31)
    assert "2026-12-31" in usual_text(study).replace(
        "{end}", f"{study.ends_on:%Y-%m-%d}"
    )
