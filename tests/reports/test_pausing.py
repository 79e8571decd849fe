"""Cora holds the model's work back, lets it go on, and takes back what is not begun."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from readerstudy.audit.models import Event
from readerstudy.cases.models import Case
from readerstudy.reports import jobs, services, tasks
from readerstudy.reports.models import Job, Report
from readerstudy.reports.progress import progress_of
from readerstudy.work import leases
from tests import worlds
from tests.people import cora

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def study():
    """A draft on drawn chests with six reports that wait for a worker."""
    made = worlds.phantoms("phantoms", cases=6)
    worlds.add_reports(made, "ground_truth")
    study = worlds.draft_study()
    services.precompute_for_study(study=study, actor=cora().user)
    return study


def states():
    return [job.status for job in Job.objects.order_by("pk")]


def press(study, button, **form):
    url = reverse(f"reports:{button}", args=[study.code])
    return cora().client.post(url, form, follow=True).content.decode()


def claim(job, most=1):
    return jobs.claim(job_id=job.pk, worker="one", most=most)


def test_a_pause_holds_back_what_waits_and_lets_a_batch_end(study, settings):
    first, *others = Job.objects.order_by("pk")
    (held,) = claim(first)
    assert "5 reports are held back" in press(study, "pause")
    assert states() == ["running", *["held"] * 5]
    assert [claim(job) for job in others] == [[]] * 5
    assert jobs.finish(held, text="Clear lungs.", provenance={})
    progress = progress_of(Job.objects.order_by())
    assert (progress.done, progress.held, progress.is_paused) == (1, 5, True)
    assert Event.objects.get(verb="reports.paused").detail == {"jobs": 5}


def test_work_goes_on_where_it_was_held(study, settings):
    settings.CXR_LLAVA_BATCH = 2
    tasks.write_reports(Job.objects.first().pk)
    press(study, "pause")
    for job in Job.objects.all():
        tasks.write_reports(job.pk)
    assert states() == ["done"] * 2 + ["held"] * 4
    assert "4 reports are waiting for a worker again" in press(study, "resume")
    for job in Job.objects.all():
        tasks.write_reports(job.pk)
    assert states() == ["done"] * 6
    written = Report.objects.filter(source__name="cxr_llava")
    assert written.count() == 6
    assert "written_at" in written[0].provenance


def test_what_fails_or_is_left_behind_in_a_pause_is_held_back_too(study):
    first, second, *_ = Job.objects.order_by("pk")
    (failing,), (dying,) = claim(first), claim(second)
    press(study, "pause")
    leases.fail(failing, reason="No memory left")
    past = timezone.now() - timedelta(seconds=1)
    Job.objects.filter(pk=dying.id).update(lease_until=past)
    for row in leases.unheard(Job):
        assert claim(Job.objects.get(pk=row)) == []
    assert states() == ["held"] * 6


def test_a_pause_holds_back_no_other_study(study):
    other = worlds.phantoms("others", cases=2)
    source = services.source_named("cxr_llava")
    cases = Case.objects.filter(collection=other)
    services.precompute(source=source, cases=cases, actor=None)
    press(study, "pause")
    theirs = Job.objects.filter(case__collection=other).first()
    (failing,) = claim(theirs)
    leases.fail(failing, reason="No memory left")
    assert claim(theirs)


def test_what_is_not_begun_can_be_taken_back_and_asked_for_again(study):
    first = Job.objects.order_by("pk").first()
    claim(first)
    press(study, "pause")
    assert "5 reports are taken back" in press(study, "cancel")
    assert states() == ["running"]
    assert Event.objects.get(verb="reports.cancelled").stream.name == study.code
    tasks.write_reports(first.pk + 1)
    Job.objects.all().delete()
    press(study, "write")
    assert states() == ["queued"] * 6


def test_where_nothing_waits_nothing_is_noted(study):
    press(study, "cancel")
    assert "No reports are held back" in press(study, "pause")
    assert not Event.objects.filter(verb="reports.paused").exists()


def test_failures_are_listed_with_their_cases_and_tried_again_by_reason(study):
    reasons = ["No memory left", "No memory left", "The image cannot be read."]
    for job, reason in zip(Job.objects.order_by("pk"), reasons, strict=False):
        Job.objects.filter(pk=job.pk).update(status="failed", failure=reason)
    page = cora().client.get(reverse("reports:of_study", args=[study.code]))
    text = page.content.decode()
    assert "2 &times; No memory left" in text
    assert "Cases: CXR1, CXR2." in text
    press(study, "retry", reason="No memory left")
    assert states() == ["queued"] * 2 + ["failed"] + ["queued"] * 3
    press(study, "retry")
    assert states() == ["queued"] * 6


def test_a_pause_is_no_part_of_the_pace(study):
    now = timezone.now()
    for minutes, job in zip((60, 59, 1, 0), Job.objects.order_by("pk"), strict=False):
        ended = now - timedelta(minutes=minutes)
        Job.objects.filter(pk=job.pk).update(
            status="done",
            report=Report.objects.filter(case=job.case).first(),
            started_at=ended - timedelta(seconds=30),
            finished_at=ended,
        )
    progress = progress_of(Job.objects.order_by())
    assert progress.seconds_each == pytest.approx(30)
    assert progress.seconds_left == pytest.approx(60)
    assert progress.per_minute == pytest.approx(2)
