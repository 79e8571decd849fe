"""The worker answers with the real model; questions come before further reports.

That a worker of its own answers, and another one goes on once it was killed, is tried
together with the reports: tests/reports/test_crash.py.
"""

from pathlib import Path

import pytest

from inference.engine import load_engine
from inference.identity import DecodingSettings
from inference.prompts import DIFFERENTIAL_QUESTION, follow_up, report_conversation
from readerstudy.cases.models import Case
from readerstudy.cases.services import model_image
from readerstudy.reports import services as reports
from readerstudy.reports import tasks as report_tasks
from readerstudy.reports.console import services, tasks
from readerstudy.reports.models import Job, Report
from tests import worlds
from tests.people import cora


@pytest.fixture
def study(settings, tmp_path):
    """A draft on six drawn chests."""
    settings.MEDIA_ROOT = tmp_path
    worlds.phantoms("phantoms", cases=6)
    return worlds.draft_study()


def begin(study, kind="report", question=""):
    case = Case.objects.of_study(study).select_related("image__case").first()
    return services.begin(
        study=study, case=case, actor=cora().user, kind=kind, question=question
    )


def answered(turn):
    tasks.answer(turn.pk)
    turn.refresh_from_db()
    return turn


@pytest.mark.django_db
def test_the_answers_are_those_of_the_model_asked_directly(study, settings):
    first = answered(begin(study))
    second = answered(
        services.ask(
            conversation=first.conversation, actor=cora().user, kind="differential"
        )
    )
    engine = load_engine(settings.CXR_LLAVA_CHECKPOINT, device="cpu")
    image, rendering = model_image(first.conversation.case)
    talk, decoding = report_conversation(), DecodingSettings()
    said = engine.answer([image], [talk], settings=decoding)[0].text.strip()
    assert (first.status, first.answer) == ("done", said)
    talk = follow_up(talk, said, DIFFERENTIAL_QUESTION)
    assert second.answer == (
        engine.answer([image], [talk], settings=decoding)[0].text.strip()
    )
    made = second.provenance
    assert made["rendering"] == rendering and "prompt" not in made
    assert made["revision"] == first.conversation.revision
    assert made["decoding"] == {"do_sample": False, "max_new_tokens": 512}


@pytest.mark.django_db
def test_the_console_says_what_the_models_report_of_a_study_says(study):
    first = answered(begin(study))
    cases = Case.objects.filter(pk=first.conversation.case_id)
    source = reports.source_named("cxr_llava")
    reports.precompute(source=source, cases=cases, actor=None)
    report_tasks.write_reports(Job.objects.get().pk)
    assert Report.objects.get(source=source).text == first.answer
    assert Job.objects.get().fingerprint == first.fingerprint


@pytest.mark.django_db
def test_a_conversation_that_is_too_long_ends_in_the_models_own_sentence(
    study, settings
):
    question = "Is it new? " * 90
    turn = answered(begin(study, "free", question))
    talk = {"conversation": turn.conversation, "actor": cora().user, "kind": "free"}
    while turn.status == "done":
        assert turn.number < 9
        turn = answered(services.ask(**talk, question=question))
    while turn.status == "queued":
        assert turn.attempts < settings.JOB_MAXIMUM_ATTEMPTS
        answered(turn)
    assert turn.status == "failed"
    assert turn.failure.startswith("The conversation is too long")
    assert answered(begin(study)).status == "done"


@pytest.mark.django_db
def test_a_radiograph_that_is_gone_fails_in_a_sentence(study, settings):
    turn = begin(study)
    Path(turn.conversation.image.frame_file.path).unlink()
    for _ in range(settings.JOB_MAXIMUM_ATTEMPTS):
        answered(turn)
    assert turn.failure.startswith("The stored radiograph of case")


@pytest.mark.django_db
def test_a_question_does_not_wait_for_the_end_of_a_long_queue(study, settings):
    settings.CXR_LLAVA_BATCH = 1
    source = reports.source_named("cxr_llava")
    reports.precompute(source=source, cases=Case.objects.all(), actor=None)
    turn = begin(study)
    report_tasks.write_reports(Job.objects.first().pk)
    turn.refresh_from_db()
    assert turn.status == "done"
    assert Job.objects.waiting().count() == 5
