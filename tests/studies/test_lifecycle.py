"""Cora leads a study through its life; what is too early or too late is refused with a
sentence, and the database refuses it as well."""

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse

from readerstudy.audit.models import Event
from readerstudy.audit.verifying import first_break
from readerstudy.cases.case_sets.drawing import draw_cases
from readerstudy.cases.models import CaseSet
from readerstudy.grading.closing import close
from readerstudy.presentation.models import PresentedReport, Slot
from readerstudy.presentation.services import freeze
from readerstudy.presentation.thawing import thaw
from readerstudy.studies.lifecycle import services as lifecycle
from readerstudy.studies.lifecycle.transitions import STATES, STEPS
from readerstudy.studies.models import Membership, Study
from tests import worlds
from tests.people import cora, join, person, rosa

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def verbs(study):
    events = Event.objects.of_stream(study.code).filter(verb__startswith="study.")
    return list(events.values_list("verb", flat=True))


def page_of(someone, name, study, **kwargs):
    return someone.client.get(reverse(name, args=[study.code]), **kwargs)


def send(name, study, **form):
    return cora().client.post(reverse(name, args=[study.code]), form, follow=True)


def test_a_study_goes_from_the_draft_to_the_archive_and_every_step_is_told():
    study = worlds.frozen_study()
    assert study.is_frozen
    assert study.opened_at is None
    send("lifecycle:open", study)
    send("lifecycle:pause", study, reason="A server moves.", message="Until noon.")
    study.refresh_from_db()
    assert (study.state, study.pause_message) == ("paused", "Until noon.")
    send("lifecycle:resume", study)
    study.refresh_from_db()
    assert (study.state, study.pause_message) == ("open", "")
    sure = {"is_sure": "on", "accepted_missing": "12", "reason": "Nobody has time."}
    send("grading:close", study, **sure)
    send("lifecycle:archive", study, is_sure="on")
    study.refresh_from_db()
    assert study.is_archived
    assert study.is_closed
    assert verbs(study)[-6:] == [
        "study.frozen",
        "study.opened",
        "study.paused",
        "study.resumed",
        "study.closed",
        "study.archived",
    ]
    assert first_break(study.code) is None
    told = Event.objects.of_stream(study.code).get(verb="study.closed").detail
    assert told == {"missing": 12, "reason": "Nobody has time."}


@pytest.mark.parametrize("state", ["draft", "frozen", "closed", "archived"])
def test_what_comes_too_early_or_too_late_is_refused_with_a_sentence(state):
    makers = {"closed": worlds.study_without_grades}
    study = makers.get(state) or getattr(worlds, f"{state}_study")
    study = study()
    answer = send("lifecycle:pause", study, reason="Lunch.")
    expected = "Reading has ended" if study.is_closed else "not open for reading yet"
    assert expected in answer.content.decode()
    study.refresh_from_db()
    assert study.state == state


def test_no_pause_and_no_way_back_without_a_reason():
    study = worlds.open_study()
    assert "Reason: This field is required" in (
        send("lifecycle:pause", study, reason=" ").content.decode()
    )
    with pytest.raises(ValidationError, match="Say why"):
        lifecycle.pause(study=study, actor=cora().user, reason=" ")
    study.refresh_from_db()
    assert study.is_open


def test_a_close_with_reads_missing_names_their_number_and_asks_for_a_reason():
    study = worlds.open_study()
    worlds.grade_next(study.membership_set.readers().get(), "B")
    page = page_of(cora(), "grading:progress", study)
    assert b"Close although 11 of 12 reports are not graded" in page.content
    for form in (
        {"is_sure": "on", "reason": "In a hurry."},
        {"is_sure": "on", "accepted_missing": "10", "reason": "In a hurry."},
        {"is_sure": "on", "accepted_missing": "11"},
        {"accepted_missing": "11", "reason": "In a hurry."},
        {"is_sure": "on", "accepted_missing": "many", "reason": "In a hurry."},
    ):
        refused = send("grading:close", study, **form)
        assert b'role="alert"' in refused.content, form
        study.refresh_from_db()
        assert study.is_open
    done = {"is_sure": "on", "accepted_missing": "11", "reason": "Funds are spent."}
    send("grading:close", study, **done)
    study.refresh_from_db()
    assert study.is_closed


def test_a_close_with_nothing_missing_asks_for_a_tick_only():
    study = worlds.open_study()
    reader = study.membership_set.readers().get()
    while worlds.grade_next(reader, "B"):
        pass
    page = page_of(cora(), "grading:progress", study)
    assert b"not graded" not in page.content
    send("grading:close", study, is_sure="on")
    study.refresh_from_db()
    assert study.is_closed
    closed = Event.objects.of_stream(study.code).get(verb="study.closed")
    assert closed.detail == {}


def test_a_frozen_study_that_nobody_has_read_becomes_a_draft_again():
    study = worlds.frozen_study()
    sha256 = study.protocol_sha256
    refused = send("presentation:thaw", study, is_sure="on")
    assert b'role="alert"' in refused.content
    send("presentation:thaw", study, is_sure="on", reason="A case is missing.")
    study.refresh_from_db()
    assert study.is_draft
    assert (study.protocol, study.protocol_sha256, study.frozen_at) == (None, "", None)
    assert not Slot.objects.exists()
    assert not PresentedReport.objects.exists()
    told = Event.objects.of_stream(study.code).last()
    assert told.verb == "study.thawed"
    assert told.detail == {"reason": "A case is missing.", "protocol_sha256": sha256}
    again = freeze(study=study, actor=cora().user)
    assert again.protocol_sha256 == sha256
    assert Slot.objects.of_study(study).count() == 12


def test_the_cases_of_a_thawed_study_are_drawn_again_and_locked_again():
    study = worlds.frozen_study(distance=1)
    case_set = CaseSet.objects.filter(study=study)
    assert case_set.get().is_locked
    thaw(study=study, actor=cora().user, reason="Six cases are too many.")
    draw_cases(
        study=study,
        actor=cora().user,
        collection=case_set.get().collection,
        sizes={"normal": 2, "abnormal": 2, "unknown": None},
        seed=4,
    )
    worlds.accept_blinding(study)
    freeze(study=study, actor=cora().user, accepts_warnings=True)
    assert Slot.objects.of_study(study).count() == 8
    assert case_set.get().is_locked
    for change in ({"seed": 5}, {"seed": 5, "is_locked": False}):
        with pytest.raises(DatabaseError, match="never alter"), transaction.atomic():
            case_set.update(**change)


def test_an_opened_study_never_goes_back_to_the_draft():
    study = worlds.open_study()
    with pytest.raises(ValidationError, match="what is locked stays locked"):
        thaw(study=study, actor=cora().user, reason="Second thoughts.")
    assert Slot.objects.of_study(study).count() == 12


def sets_time(state):
    """What else a row of that state needs, so that only the step itself is tried."""
    ended = state in Study.ENDED
    return {
        "closed_at": "2026-01-02T00:00Z" if ended else None,
        "opened_at": None if state in {"draft", "frozen"} else "2026-01-01T00:00Z",
        "pause_message": "",
    }


@pytest.mark.parametrize("before", STATES[1:])
def test_the_database_lets_a_state_change_along_permitted_steps_only(before):
    makers = {"closed": worlds.study_without_grades}
    study = (makers.get(before) or getattr(worlds, f"{before}_study"))()
    rows = Study.objects.filter(pk=study.pk)
    for after in STATES[1:]:
        if after == before:
            continue
        with transaction.atomic():
            if (before, after) in STEPS:
                rows.update(state=after, **sets_time(after))
            else:
                refused = pytest.raises(DatabaseError, match="no such step")
                with refused, transaction.atomic():
                    rows.update(state=after, **sets_time(after))
            transaction.set_rollback(True)


def test_the_database_gives_a_locked_protocol_up_only_for_the_draft():
    study = worlds.frozen_study()
    rows = Study.objects.filter(pk=study.pk)
    for change in ({"protocol_sha256": "f" * 64}, {"state": "open", "seed": 9}):
        refused = pytest.raises(DatabaseError, match="never altered")
        with refused, transaction.atomic():
            rows.update(**change)


def test_whoever_reads_in_a_paused_or_frozen_study_is_still_a_reader():
    """Which arm wrote which report is kept from them, until that study has ended."""
    study = worlds.study_without_grades("first")
    other = worlds.frozen_study("second", readers=[person("Ravi")])
    join(study, person("Ravi"), "analyst")
    bundle = reverse("export:bundle", args=[study.code])
    assert person("Ravi").client.post(bundle).status_code == 403
    lifecycle.open_for_reading(study=other, actor=cora().user)
    lifecycle.pause(study=other, actor=cora().user, reason="Lunch.")
    assert person("Ravi").client.post(bundle).status_code == 403
    worlds.close(other)
    assert Membership.objects.readers().of_studies_not_ended().count() == 0
    lifecycle.archive(study=other, actor=cora().user)
    answer = person("Ravi").client.post(bundle)
    assert b"".join(answer).startswith(b"PK")


def test_nothing_is_left_out_of_an_archived_study():
    study = worlds.archived_study()
    with pytest.raises(ValidationError, match="archived"):
        worlds.exclusion(study)


def test_the_freeze_page_offers_the_next_step_and_can_take_both_at_once():
    study = worlds.draft_study()
    page = send("presentation:freeze", study, is_sure="on").content.decode()
    assert "Open for reading</button>" in page
    other = worlds.draft_study("other")
    page = send("presentation:freeze", other, is_sure="on", opens_at_once="on")
    other.refresh_from_db()
    assert other.is_open
    assert b"The study is open for reading." in page.content


def test_a_reader_of_a_frozen_study_is_told_to_come_back():
    study = worlds.frozen_study()
    for name in ("start", "next", "begin"):
        page = page_of(rosa(), f"grading:{name}", study)
        assert b"not open yet" in page.content
    assert b"can read once it is open" in rosa().client.get("/").content


def test_the_status_card_says_what_may_follow_and_why_not():
    study = worlds.paused_study()
    page = page_of(cora(), "grading:progress", study).content.decode()
    assert "Let reading go on</button>" in page
    assert "Readers are told: Until noon." in page
    assert "Close the study first." in page
    analyst = page_of(worlds.anya(), "grading:progress", study).content.decode()
    assert "State of the study" not in analyst


def test_a_close_from_the_pause_ends_reading_too():
    study = close(
        study=worlds.paused_study(),
        actor=cora().user,
        accepted_missing=12,
        reason="Funds are spent.",
    )
    assert study.is_closed
    assert study.pause_message == ""
