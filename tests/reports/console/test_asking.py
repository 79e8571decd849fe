"""Cora asks, turn by turn: what the model gets to read, what is refused, what stays."""

import shutil

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction

from inference.identity import DecodingSettings, checkpoint_revision, fingerprint
from inference.prompts import (
    DIFFERENTIAL_QUESTION,
    LABEL_QUESTION,
    REPORT_QUESTION,
    ask_conversation,
    follow_up,
    report_conversation,
)
from readerstudy.audit.models import Event
from readerstudy.audit.verifying import first_break
from readerstudy.cases.models import Case
from readerstudy.reports.console import services
from readerstudy.reports.console.models import LONGEST_QUESTION, Conversation, Turn
from readerstudy.reports.models import Job, Report, Source
from readerstudy.work import leases
from tests import worlds
from tests.people import cora

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def study():
    return worlds.open_study()


def begin(study, kind="report", question=""):
    case = Case.objects.of_study(study).first()
    return services.begin(
        study=study, case=case, actor=cora().user, kind=kind, question=question
    )


def ask(talk, kind="free", question="Is it new?"):
    return services.ask(
        conversation=talk, actor=cora().user, kind=kind, question=question
    )


def failed(turn, settings, reason="No memory left"):
    for _ in range(settings.JOB_MAXIMUM_ATTEMPTS):
        claimed = leases.claim(Turn, id=turn.pk, worker="a worker")
        leases.fail(claimed, reason=reason)
    turn.refresh_from_db()
    return turn


def refusal(verb, **arguments):
    with pytest.raises(ValidationError) as refused:
        verb(**arguments)
    return " ".join(refused.value.messages)


def test_the_first_question_is_the_reports_own_and_makes_the_same_report(study):
    turn = begin(study)
    assert turn.prompt == report_conversation()
    assert turn.decoding == DecodingSettings().canonical()
    talk = turn.conversation
    assert talk.revision == checkpoint_revision(talk.checkpoint)
    assert turn.fingerprint == fingerprint(
        talk.revision, report_conversation(), DecodingSettings()
    )
    assert (talk.started_by, turn.asked_by) == (cora().user, cora().user)
    assert talk.image == talk.case.image


def test_a_further_question_carries_the_history_and_no_second_radiograph(study):
    first = worlds.answered(begin(study), "Two nodules.")
    second = ask(first.conversation, "differential")
    expected = follow_up(report_conversation(), "Two nodules.", DIFFERENTIAL_QUESTION)
    assert second.prompt == expected
    worlds.answered(second, "Metastases.")
    third = ask(first.conversation, question="  Which one is larger?\n")
    assert third.prompt == follow_up(expected, "Metastases.", "Which one is larger?")
    assert str(third.prompt).count("<image>") == 1
    assert [turn.number for turn in first.conversation.turns.all()] == [1, 2, 3]


def test_labels_are_asked_for_by_themselves_and_leave_the_history_alone(study):
    first = worlds.answered(begin(study), "Two nodules.")
    labels = ask(first.conversation, "labels")
    assert labels.prompt == ask_conversation(LABEL_QUESTION)
    worlds.answered(labels, '{"No Finding": 0}')
    third = ask(first.conversation, question="Which one is larger?")
    assert third.prompt == follow_up(
        report_conversation(), "Two nodules.", "Which one is larger?"
    )


def test_a_question_of_ones_own_may_come_first(study):
    turn = begin(study, "free", "Is there a tube?")
    assert turn.prompt == ask_conversation("Is there a tube?")
    assert begin(study, "labels").question == LABEL_QUESTION


def test_every_suggested_question_fits_into_its_column(study):
    assert all(len(text) <= LONGEST_QUESTION for text in services.QUESTIONS.values())


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("", "Write a question first."),
        (" \n\t", "Write a question first."),
        ("x" * (LONGEST_QUESTION + 1), f"has {LONGEST_QUESTION + 1} characters"),
        ("What is in <image>?", "sees the radiograph already"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused_and_begins_nothing(
    study, question, sentence
):
    case = Case.objects.of_study(study).first()
    told = refusal(
        services.begin,
        study=study,
        case=case,
        actor=cora().user,
        kind="free",
        question=question,
    )
    assert sentence in told
    assert not Conversation.objects.exists()


def test_the_longest_question_is_asked(study):
    assert len(begin(study, "free", "x" * LONGEST_QUESTION).question) == 1000


def test_nobody_asks_while_the_model_is_at_a_question(study):
    turn = begin(study)
    told = refusal(
        services.ask, conversation=turn.conversation, actor=cora().user, kind="labels"
    )
    assert "still at the question before" in told
    # The database does not rely on the service.
    with pytest.raises(IntegrityError), transaction.atomic():
        Turn.objects.create(
            conversation=turn.conversation,
            number=2,
            kind="free",
            question="Well?",
            prompt=[],
            decoding={},
            fingerprint="",
            asked_by=cora().user,
        )


def test_a_failed_question_can_be_tried_again_or_left_behind(study, settings):
    first = worlds.answered(begin(study), "Two nodules.")
    second = failed(ask(first.conversation), settings)
    assert (second.status, second.failure) == ("failed", "No memory left")
    services.retry(turn=second, actor=cora().user)
    second.refresh_from_db()
    assert (second.status, second.attempts, second.failure) == ("queued", 0, "")
    failed(second, settings)
    third = ask(first.conversation, question="Something else?")
    # What got no answer is no part of the history.
    assert third.prompt == follow_up(
        report_conversation(), "Two nodules.", "Something else?"
    )
    told = refusal(services.retry, turn=second, actor=cora().user)
    assert "went on without it" in told
    worlds.answered(third, "No.")
    assert "has not failed" in refusal(services.retry, turn=third, actor=cora().user)


def test_an_answer_is_stored_once_and_by_nobody_who_lost_the_question(study):
    turn = begin(study)
    slow = leases.claim(Turn, id=turn.pk, worker="slow")
    assert leases.claim(Turn, id=turn.pk, worker="quick") is None
    Turn.objects.filter(pk=turn.pk).update(lease_until="2020-01-01T00:00Z")
    leases.sweep()
    quick = leases.claim(Turn, id=turn.pk, worker="quick")
    assert services.store_answer(slow, answer="Slow.", provenance={}) is None
    assert services.store_answer(quick, answer="Quick.", provenance={})
    assert services.store_answer(quick, answer="Twice.", provenance={}) is None
    turn.refresh_from_db()
    assert (turn.answer, turn.status) == ("Quick.", "done")


@pytest.mark.parametrize(
    "change",
    [
        {"answer": "Something else."},
        {"question": "Another one."},
        {"prompt": []},
        {"provenance": {}},
        {"status": "queued", "answer": None},
    ],
)
def test_what_is_answered_is_never_altered(study, change):
    turn = worlds.answered(begin(study), "Two nodules.")
    with pytest.raises(DatabaseError, match="never altered"), transaction.atomic():
        Turn.objects.filter(pk=turn.pk).update(**change)
    with pytest.raises(DatabaseError, match="never altered"), transaction.atomic():
        Conversation.objects.update(checkpoint="another")


def test_the_record_tells_who_asked_and_not_what_was_said(study):
    first = worlds.answered(begin(study), "Two nodules.")
    ask(first.conversation, question="Of what kind?")
    events = Event.objects.filter(stream=study.code, verb__startswith="console.")
    assert [(event.verb, event.actor) for event in events] == [
        ("console.asked", cora().user),
        ("console.answered", None),
        ("console.asked", cora().user),
    ]
    told = str([(event.subject, event.detail) for event in events])
    assert "nodules" not in told and "kind?" not in told
    assert first_break(study.code) is None


def test_a_conversation_becomes_no_report_of_any_study(study):
    """Neither its source, nor a report, nor the work of writing one is touched."""
    before = [list(table.objects.order_by("id").values()) for table in (Report, Source)]
    worlds.answered(begin(study), "Two nodules.")
    after = [list(table.objects.order_by("id").values()) for table in (Report, Source)]
    assert before == after
    assert not Job.objects.exists()


def test_one_conversation_is_with_one_model(study, settings, tmp_path):
    talk = worlds.answered(begin(study), "Two nodules.").conversation
    copy = tmp_path / "model"
    shutil.copytree(settings.CXR_LLAVA_CHECKPOINT, copy)
    settings.CXR_LLAVA_CHECKPOINT = str(copy)
    arguments = {"conversation": talk, "actor": cora().user, "kind": "labels"}
    assert "Begin a new conversation" in refusal(services.ask, **arguments)
    other = worlds.answered(begin(study), "One nodule.").conversation
    (copy / "tokenizer_config.json").write_text("{}")
    again = arguments | {"conversation": other}
    assert "Begin a new conversation" in refusal(services.ask, **again)


def test_a_checkpoint_that_is_not_there_is_said_when_it_is_asked(study, settings):
    settings.CXR_LLAVA_CHECKPOINT = "/no/such/folder"
    case = Case.objects.of_study(study).first()
    told = refusal(
        services.begin, study=study, case=case, actor=cora().user, kind="report"
    )
    assert (
        told == "CXR_LLAVA_CHECKPOINT: There is no checkpoint folder /no/such/folder."
    )


def test_the_radiograph_of_a_conversation_stays_when_another_is_chosen():
    study = worlds.draft_study()
    talk = worlds.answered(begin(study), "Two nodules.").conversation
    Case.objects.filter(pk=talk.case_id).update(image=None)
    assert ask(talk).conversation.image == talk.image
    told = refusal(
        services.begin,
        study=study,
        case=Case.objects.get(pk=talk.case_id),
        actor=cora().user,
        kind="report",
    )
    assert "has no image chosen" in told


def test_the_longest_name_of_a_checkpoint_fits(study, settings):
    settings.CXR_LLAVA_CHECKPOINT = f"owner/name@{'f' * 40}"
    assert begin(study).conversation.revision == f"owner/name@{'f' * 40}"
    assert REPORT_QUESTION in str(Turn.objects.get().prompt[1]["content"])
