"""Cora sees which reports are there, which the model still writes, and its licence."""

import pytest
from django.urls import reverse
from django.utils import timezone

from readerstudy.reports.models import Job, Report
from readerstudy.reports.services import precompute_for_study
from tests import worlds
from tests.lifted import lifted
from tests.people import cora

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def study():
    made = worlds.draft_study()
    with lifted("reports_report"):
        Report.objects.filter(source__name="cxr_llava").delete()
    return made


def shown(study, url="reports:of_study"):
    return cora().client.get(reverse(url, args=[study.code]))


def finish_jobs():
    now = timezone.now()
    for job in Job.objects.all():
        Job.objects.filter(pk=job.pk).update(
            status=Job.Status.DONE,
            report=Report.objects.filter(case=job.case).first(),
            started_at=now,
            finished_at=now,
        )


def test_a_study_without_cases_is_sent_to_draw_them(study):
    study.caseset.delete()
    assert b"Draw the cases" in shown(study).content


def test_the_demonstration_model_and_the_released_ones_licence_are_named(study):
    text = shown(study).content.decode()
    assert "demonstration model" in text
    assert "Not for clinical use" in text
    assert "CC BY-NC 4.0" in text


def test_the_licence_of_the_chosen_model_is_named(study, settings):
    settings.CXR_LLAVA_CHECKPOINT = "ECOFRI/CXR-LLaVA-v2"
    text = shown(study).content.decode()
    assert text.count("CC BY-NC 4.0") == 1
    assert "demonstration model" not in text


def test_the_page_follows_the_writing_and_loads_itself_anew_at_its_end(study):
    assert "hx-get" not in shown(study).content.decode()
    write = reverse("reports:write", args=[study.code])
    cora().client.post(write)
    text = shown(study).content.decode()
    assert "0 of 6" in text and "6 waiting" in text
    assert "Write the missing reports" not in text
    assert "HX-Refresh" not in shown(study, "reports:progress").headers
    finish_jobs()
    assert shown(study, "reports:progress")["HX-Refresh"] == "true"
    again = cora().client.post(write, follow=True)
    assert b"This model has written all of these reports" in again.content


def test_a_failed_report_is_named_with_its_reason_and_can_be_tried_again(study):
    precompute_for_study(study=study, actor=cora().user)
    finish_jobs()
    Job.objects.filter(pk=Job.objects.first().pk).update(
        status=Job.Status.FAILED, report=None, failure="The image cannot be read."
    )
    text = shown(study).content.decode()
    assert "1 could not be written" in text
    assert "1 &times; The image cannot be read." in text
    cora().client.post(reverse("reports:retry", args=[study.code]))
    assert Job.objects.filter(status=Job.Status.QUEUED).count() == 1
