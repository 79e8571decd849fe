"""The worker answers with the real model; questions come before further reports."""

import os
from pathlib import Path

import pytest

from inference.engine import load_engine
from inference.identity import DecodingSettings
from inference.phantom.dicom import write_dicom
from inference.phantom.phantom import draw
from inference.prompts import DIFFERENTIAL_QUESTION, follow_up, report_conversation
from readerstudy.cases.models import Case
from readerstudy.cases.services import model_image
from readerstudy.reports import services as reports
from readerstudy.reports import tasks as report_tasks
from readerstudy.reports.console import services, tasks
from readerstudy.reports.models import Job, Report
from tests import worlds
from tests.installation import KINDS, installation, wait_until
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


SET_UP = """
from django.core.management import call_command
from readerstudy.accounts.models import User
from readerstudy.cases.models import Case, Collection
from readerstudy.cases.services import draw_cases
from readerstudy.reports.console.services import begin
from readerstudy.studies.services import create
call_command("import_dicom", {folder!r}, "--collection", "films")
cora = User.objects.create(username="cora", may_create_studies=True)
study = create(coordinator=cora, code="s", title="A study")
films = Collection.objects.get()
draw_cases(study=study, actor=cora, collection=films, sizes={{}}, seed=1)
print(begin(study=study, case=Case.objects.get(), actor=cora, kind="report").pk)
"""
GO_ON = """
from readerstudy.accounts.models import User
from readerstudy.reports.console.models import Conversation
from readerstudy.reports.console.services import ask
talk = Conversation.objects.get()
print(ask(conversation=talk, actor=User.objects.get(), kind="further_study").pk)
"""


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", KINDS)
def test_a_worker_of_its_own_answers_and_goes_on_after_it_was_killed(
    kind: str, tmp_path: Path
) -> None:
    films = tmp_path / "films"
    films.mkdir()
    with (films / "1.dcm").open("wb") as file:
        write_dicom(draw(1, size=256), file)

    def states() -> list[str]:
        rows = site.rows("SELECT status FROM reports_turn ORDER BY number")
        return [state for (state,) in rows]

    with installation(kind, tmp_path) as site:
        # Asked while no worker runs: the question waits.
        site.shell(SET_UP.format(folder=str(films)))
        assert states() == ["queued"]
        with site.worker():
            wait_until(lambda: states() == ["done"], "a first answer")
            # The worker is killed at the end of this block.
        site.shell(GO_ON)
        assert states() == ["done", "queued"]
        with site.worker() as worker:
            wait_until(lambda: states() == ["done", "done"], "a second answer")
            worker.terminate()
            assert worker.wait(60) == os.EX_OK
        answers = site.rows("SELECT answer FROM reports_turn")
        assert len(answers) == 2 and all(answer for (answer,) in answers)
