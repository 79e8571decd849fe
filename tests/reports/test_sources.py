"""Cora sees where reports come from, and sets two checkpoints against each other."""

import shutil

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.urls import reverse

from readerstudy.audit.models import Event
from readerstudy.cases.models import Case
from readerstudy.presentation.readiness import checklist
from readerstudy.reports import selftests, services, tasks
from readerstudy.reports.models import Job, Report, SelfTest, Source
from readerstudy.reports.proof import proofs_of
from readerstudy.reports.sources.services import add_model
from readerstudy.studies.services import add_arm
from tests import worlds
from tests.people import cora, join

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def checkpoint(settings, tmp_path):
    """Other weights, as far as anybody can tell: another folder, another hash."""
    folder = tmp_path / "other-weights"
    shutil.copytree(settings.CXR_LLAVA_CHECKPOINT, folder)
    (folder / "note.json").write_text('{"note": "trained longer"}')
    return folder


@pytest.fixture
def study():
    made = worlds.phantoms("phantoms", cases=4)
    worlds.add_reports(made, "ground_truth")
    return worlds.draft_study()


def text_of(url, *arguments, who=None):
    answer = (who or cora()).client.get(reverse(url, args=arguments))
    assert answer.status_code == 200
    return answer.content.decode()


def write_all():
    for job in Job.objects.all():
        tasks.write_reports(job.pk)


def test_two_checkpoints_are_two_arms_each_with_its_own_reports(study, checkpoint):
    add_model(name="longer", checkpoint=str(checkpoint), actor=cora().user)
    add_arm(study=study, actor=cora().user, label="Trained longer", source="longer")
    services.precompute_for_study(study=study, actor=cora().user)
    write_all()
    made = {
        name: Report.objects.filter(source__name=name).first().provenance
        for name in ("cxr_llava", "longer")
    }
    assert made["longer"]["checkpoint"] == str(checkpoint)
    assert made["longer"]["revision"] != made["cxr_llava"]["revision"]
    text = text_of("reports:sources:of_study", study.code)
    assert made["longer"]["revision"] in text
    assert made["cxr_llava"]["weights_sha256"] in text
    assert "Write a radiologic report" in text


def test_a_source_is_tested_with_its_own_checkpoint(study, checkpoint):
    source = add_model(name="longer", checkpoint=str(checkpoint), actor=cora().user)
    arm = add_arm(study=study, actor=cora().user, label="Longer", source="longer")
    (proof,) = [each for each in proofs_of(study) if each.arm == arm]
    assert [each.checkpoint for each in proof.makings] == [str(checkpoint)]
    test = selftests.ask(source=source, actor=None)
    assert SelfTest.objects.get(pk=test.pk).checkpoint == str(checkpoint)


def test_a_model_is_added_on_the_page_and_noted(checkpoint):
    url = reverse("reports:sources:sources")
    form = {"name": "longer", "checkpoint": str(checkpoint)}
    cora().client.post(url, form)
    source = Source.objects.get(name="longer")
    assert (source.kind, source.checkpoint) == ("cxr_llava", str(checkpoint))
    assert Event.objects.get(verb="reports.source_added").actor == cora().user
    assert "There is a source longer already" in (
        cora().client.post(url, form).content.decode()
    )


@pytest.mark.parametrize(
    ("name", "where", "sentence"),
    [
        ("cxr_llava", "a/b", "reserved name"),
        ("CXR-LLaVA", "a/b", "Write cxr_llava"),
        ("other", "/nowhere/at/all", "no checkpoint folder"),
        ("other", "/tmp", "holds no checkpoint"),
        ("other", " ", "Name a checkpoint"),
        ("two words", "a/b", "Enter a valid"),
    ],
)
def test_what_is_no_model_is_refused(name, where, sentence):
    with pytest.raises(ValidationError, match=sentence):
        add_model(name=name, checkpoint=where, actor=None)
    assert not Source.objects.exists()


def test_only_a_model_has_a_checkpoint():
    with pytest.raises(IntegrityError):
        Source.objects.create(name="x", kind="uploaded", checkpoint="a/b")


def test_the_command_makes_a_source_of_another_checkpoint(study, checkpoint, capsys):
    words = ["precompute", "--source", "longer", "--checkpoint"]
    call_command(*words, str(checkpoint))
    call_command(*words, str(checkpoint))
    assert Job.objects.filter(checkpoint=str(checkpoint)).count() == 4
    assert "4 reports queued" in capsys.readouterr().out
    with pytest.raises(CommandError, match="another checkpoint"):
        call_command(*words, "owner/name")


def test_a_slip_of_the_pen_makes_no_source(study):
    there = set(Source.objects.values_list("name", flat=True))
    with pytest.raises(CommandError) as refused:
        call_command("precompute", "--source", "e_goood", "--collection", "phantoms")
    assert str(refused.value) == (
        "There is no source e_goood. There are: cxr_llava, ground_truth."
    )
    assert set(Source.objects.values_list("name", flat=True)) == there
    assert not Job.objects.exists()


def test_the_models_own_source_is_made_on_first_use(study):
    Source.objects.filter(name="cxr_llava").delete()
    call_command("precompute", "--source", "cxr_llava", "--collection", "phantoms")
    assert Job.objects.filter(source__name="cxr_llava").count() == 4


def test_the_sites_page_counts_by_collection(study):
    text = text_of("reports:sources:sources")
    assert "phantoms: 4" in text
    assert "Imported on the server: 4 reports" in (
        text_of("reports:sources:source", "ground_truth")
    )


def test_a_report_is_shown_with_its_making(study):
    services.precompute_for_study(study=study, actor=cora().user)
    write_all()
    report = Report.objects.filter(source__name="cxr_llava").first()
    text = text_of("reports:sources:report", study.code, report.pk)
    assert report.text in text
    assert report.provenance["weights_sha256"] in text
    assert "do_sample False" in text


def test_whoever_still_reads_sees_no_text_of_a_source(study):
    report = Report.objects.first()
    elsewhere = worlds.studies.create(
        coordinator=worlds.anya().user, code="elsewhere", title="Elsewhere"
    )
    join(elsewhere, cora(), "reader", "R1")
    for url, rest in (("reports:outputs", []), ("reports:sources:report", [report.pk])):
        answer = cora().client.get(reverse(url, args=[study.code, *rest]))
        assert answer.status_code == 403
    # What counting tells is for every coordinator, and holds no text.
    assert report.text not in text_of("reports:of_study", study.code)


def test_a_report_of_another_study_is_not_there(study):
    stray = worlds.collection("stray", cases=1)
    report = Report.objects.filter(case__collection=stray).first()
    url = reverse("reports:sources:report", args=[study.code, report.pk])
    assert cora().client.get(url).status_code == 404


def test_one_text_for_all_cases_stands_in_the_checklist(study):
    cases = {case.code: case for case in Case.objects.of_study(study)}
    text = "The lungs are clear bilaterally."
    services.store_reports(
        source=services.source_named("collapsed"),
        cases=cases,
        uploads=[services.UploadedReport(code, text=text) for code in cases],
        actor=None,
        origin="collapsed.csv",
    )
    add_arm(study=study, actor=cora().user, label="Collapsed", source="collapsed")
    warned = [check.sentence for check in checklist(study) if check.warns]
    sentence = "Collapsed: One text stands under all 4 cases"
    assert any(each.startswith(sentence) for each in warned)
    outputs = text_of("reports:outputs", study.code)
    assert "The commonest text, under 4 cases" in outputs
