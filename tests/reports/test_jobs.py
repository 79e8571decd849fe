"""The job table: one winner, fenced writes, and nothing lost when workers die."""

from datetime import timedelta

import pytest
from django.utils import timezone

from readerstudy.cases.models import Case
from readerstudy.reports import jobs, services
from readerstudy.reports.models import Job, Report
from readerstudy.reports.progress import progress_of
from tests import worlds

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def queued():
    worlds.collection(cases=3)
    source = services.source_named("cxr_llava")
    services.precompute(source=source, cases=Case.objects.all(), actor=None)
    return list(Job.objects.order_by("id"))


def expire(job):
    past = timezone.now() - timedelta(seconds=1)
    Job.objects.filter(pk=job.pk).update(lease_until=past)


def test_asking_twice_queues_nothing_twice(queued):
    source = queued[0].source
    again = services.precompute(source=source, cases=Case.objects.all(), actor=None)
    assert (again, Job.objects.count()) == (0, 3)


def test_a_case_without_an_image_is_left_out(queued):
    Case.objects.create(collection=queued[0].case.collection, code="bare")
    assert (
        services.precompute(
            source=queued[0].source, cases=Case.objects.all(), actor=None
        )
        == 0
    )


def test_only_one_worker_wins_a_job(queued):
    first = jobs.claim(job_id=queued[0].pk, worker="one")
    second = jobs.claim(job_id=queued[0].pk, worker="two")
    assert first is not None
    assert second is None


def test_a_finished_job_has_its_report_once(queued):
    claimed = jobs.claim(job_id=queued[0].pk, worker="one")
    before = Report.objects.count()
    assert jobs.finish(claimed, text="Clear lungs.", provenance={"seconds": 1})
    assert jobs.finish(claimed, text="Clear lungs.", provenance={}) is None
    assert Report.objects.count() == before + 1
    queued[0].refresh_from_db()
    assert queued[0].status == Job.Status.DONE
    assert jobs.claim(job_id=queued[0].pk, worker="two") is None


def test_a_worker_that_lost_its_lease_writes_nothing(queued):
    slow = jobs.claim(job_id=queued[0].pk, worker="slow")
    expire(queued[0])
    quick = jobs.claim(job_id=queued[0].pk, worker="quick")
    assert not jobs.extend(slow)
    assert jobs.finish(slow, text="From the slow one.", provenance={}) is None
    assert jobs.finish(quick, text="From the quick one.", provenance={})
    texts = Report.objects.filter(job__isnull=False).values_list("text", flat=True)
    assert list(texts) == ["From the quick one."]


def test_a_heartbeat_keeps_others_away(queued):
    claimed = jobs.claim(job_id=queued[0].pk, worker="one")
    expire(queued[0])
    assert jobs.extend(claimed)
    assert jobs.claim(job_id=queued[0].pk, worker="two") is None


def test_the_sweep_frees_the_jobs_of_a_dead_worker_and_rings_them(queued):
    jobs.claim(job_id=queued[0].pk, worker="dead")
    expire(queued[0])
    assert queued[0].pk in jobs.sweep()
    queued[0].refresh_from_db()
    assert queued[0].status == Job.Status.QUEUED


def test_the_sweep_rings_a_bell_nobody_heard_but_not_every_second(queued):
    silent = timezone.now() - timedelta(minutes=5)
    Job.objects.update(rung_at=silent)
    assert sorted(jobs.sweep()) == [job.pk for job in queued]
    assert jobs.sweep() == []


def test_a_job_that_kills_every_worker_fails_with_that_reason(queued, settings):
    settings.JOB_MAXIMUM_ATTEMPTS = 2
    for _ in range(2):
        assert jobs.claim(job_id=queued[0].pk, worker="doomed")
        expire(queued[0])
        jobs.sweep()
    queued[0].refresh_from_db()
    assert queued[0].status == Job.Status.FAILED
    assert "2 times" in queued[0].failure
    assert jobs.claim(job_id=queued[0].pk, worker="three") is None


def test_a_failure_is_tried_again_and_then_listed_by_reason(queued, settings):
    settings.JOB_MAXIMUM_ATTEMPTS = 2
    for job in queued[:2]:
        for _ in range(2):
            jobs.fail(jobs.claim(job_id=job.pk, worker="w"), reason="No memory left")
    progress = progress_of(Job.objects.order_by())
    assert (progress.failed, progress.queued) == (2, 1)
    assert [(each.reason, each.count) for each in progress.failures] == [
        ("No memory left", 2)
    ]


def test_failed_jobs_can_be_tried_again(queued, settings):
    settings.JOB_MAXIMUM_ATTEMPTS = 1
    jobs.fail(jobs.claim(job_id=queued[0].pk, worker="w"), reason="No memory left")
    assert services.retry_failed(failed=Job.objects.all(), actor=None) == 1
    queued[0].refresh_from_db()
    assert (queued[0].status, queued[0].attempts) == (Job.Status.QUEUED, 0)
    assert jobs.claim(job_id=queued[0].pk, worker="w")
