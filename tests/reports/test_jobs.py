"""The job table: one winner, fenced writes, and nothing lost when workers die."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from readerstudy.audit.models import Event
from readerstudy.cases.models import Case
from readerstudy.reports import jobs, services, tasks
from readerstudy.reports.models import Job, Report
from readerstudy.reports.progress import progress_of
from readerstudy.work import leases
from readerstudy.work.models import WorkerPulse
from tests import worlds
from tests.waiting import somebody_quicker

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


def claim(job, worker="one"):
    """The claim of one job alone, or None."""
    claims = jobs.claim(job_id=job.pk, worker=worker, most=1)
    return claims[0] if claims else None


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
    first = claim(queued[0], "one")
    second = claim(queued[0], "two")
    assert first is not None
    assert second is None


def test_a_finished_job_has_its_report_once(queued):
    claimed = claim(queued[0], "one")
    before = Report.objects.count()
    assert jobs.finish(claimed, text="Clear lungs.", provenance={"seconds": 1})
    assert jobs.finish(claimed, text="Clear lungs.", provenance={}) is None
    assert Report.objects.count() == before + 1
    queued[0].refresh_from_db()
    assert queued[0].status == Job.Status.DONE
    assert claim(queued[0], "two") is None


def test_a_worker_that_lost_its_lease_writes_nothing(queued):
    slow = claim(queued[0], "slow")
    expire(queued[0])
    leases.unheard(Job)
    quick = claim(queued[0], "quick")
    assert not leases.extend([slow])
    assert jobs.finish(slow, text="From the slow one.", provenance={}) is None
    assert jobs.finish(quick, text="From the quick one.", provenance={})
    texts = Report.objects.filter(job__isnull=False).values_list("text", flat=True)
    assert list(texts) == ["From the quick one."]


def test_a_heartbeat_keeps_others_away(queued):
    claimed = claim(queued[0], "one")
    expire(queued[0])
    assert leases.extend([claimed])
    assert claim(queued[0], "two") is None


def test_the_sweep_frees_the_jobs_of_a_dead_worker_and_rings_them(queued):
    claim(queued[0], "dead")
    expire(queued[0])
    assert queued[0].pk in leases.unheard(Job)
    queued[0].refresh_from_db()
    assert queued[0].status == Job.Status.QUEUED


def rung(minutes_ago):
    Job.objects.update(rung_at=timezone.now() - timedelta(minutes=minutes_ago))


def beat(worker):
    WorkerPulse.objects.create(worker=worker, seen_at=timezone.now())


def test_the_sweep_rings_a_bell_nobody_heard_but_not_every_second(queued):
    rung(minutes_ago=5)
    assert sorted(leases.unheard(Job)) == [job.pk for job in queued]
    assert leases.unheard(Job) == []


def test_bells_are_not_rung_again_while_every_worker_is_busy(queued):
    beat("one")
    assert claim(queued[0], "one")
    rung(minutes_ago=5)
    Job.objects.update(started_at=timezone.now() - timedelta(minutes=5))
    assert leases.unheard(Job) == []
    beat("two, which waits in vain")
    assert leases.unheard(Job) == [job.pk for job in queued[1:]]


def test_bells_are_not_rung_again_between_two_jobs(queued):
    beat("one")
    jobs.finish(claim(queued[0], "one"), text="Clear.", provenance={})
    rung(minutes_ago=5)
    assert leases.unheard(Job) == []


def test_a_clock_that_went_back_keeps_no_job(queued):
    assert claim(queued[0], "dead")
    tomorrow = timezone.now() + timedelta(days=1)
    Job.objects.filter(status="running").update(lease_until=tomorrow)
    Job.objects.update(rung_at=tomorrow, started_at=tomorrow)
    assert leases.unheard(Job) == [job.pk for job in queued]
    assert claim(queued[0], "alive")


def test_a_broker_that_is_away_is_asked_again(queued, settings):
    folder = settings.DATA_DIR / "broker"
    folder.rename(settings.DATA_DIR / "away")
    ids = [job.pk for job in queued]
    try:
        leases.ring(Job, ids)
    finally:
        (settings.DATA_DIR / "away").rename(folder)
    assert leases.unheard(Job) == ids


def test_a_line_to_the_broker_that_breaks_meanwhile_loses_nothing(queued, monkeypatch):
    """Redis' client stumbles over a line that was closed under it: seen in drills."""

    def breaks(*_: object, **__: object) -> None:
        raise AttributeError("'NoneType' object has no attribute 'client'")

    ids = [job.pk for job in queued]
    with monkeypatch.context() as patch:
        patch.setattr(leases.current_app, "send_task", breaks)
        leases.ring(Job, ids)
    assert leases.unheard(Job) == ids


def test_deaths_of_workers_are_not_held_against_a_job_at_first(queued):
    for _ in range(leases.DEADLY_ATTEMPTS):
        queued[0].refresh_from_db()
        assert queued[0].status == Job.Status.QUEUED
        assert claim(queued[0], "doomed")
        expire(queued[0])
        leases.unheard(Job)
    queued[0].refresh_from_db()
    assert queued[0].status == Job.Status.FAILED
    assert "10 times" in queued[0].failure
    assert claim(queued[0], "the next") is None


def failure_of(job, settings):
    """What a coordinator reads after the worker has tried everything."""
    for _ in range(settings.JOB_MAXIMUM_ATTEMPTS):
        tasks.write_reports(job.pk)
    job.refresh_from_db()
    assert job.status == Job.Status.FAILED
    return job.failure


def test_a_radiograph_that_is_gone_or_damaged_fails_in_a_sentence(queued, settings):
    gone, damaged, exchanged = (job.case.image.frame_file for job in queued)
    Path(damaged.path).write_bytes(Path(damaged.path).read_bytes()[:100])
    Path(exchanged.path).write_bytes(Path(gone.path).read_bytes())
    Path(gone.path).unlink()
    assert failure_of(queued[0], settings) == (
        f"The stored radiograph of case CXR1 can't be read: restore {gone.name} in "
        "MEDIA_ROOT from a backup."
    )
    for job in queued[1:]:
        assert "is damaged: restore" in failure_of(job, settings)


def test_a_checkpoint_that_is_gone_or_changed_fails_in_a_sentence(
    queued, settings, tmp_path
):
    copy = tmp_path / "model"
    shutil.copytree(settings.CXR_LLAVA_CHECKPOINT, copy)
    Job.objects.update(checkpoint=copy)
    (copy / "tokenizer_config.json").write_text("{}")
    assert "no longer holds the model" in failure_of(queued[0], settings)
    shutil.rmtree(copy)
    assert failure_of(queued[1], settings) == f"There is no checkpoint folder {copy}."


def test_a_failure_is_tried_again_and_then_listed_by_reason(queued, settings):
    settings.JOB_MAXIMUM_ATTEMPTS = 2
    for job in queued[:2]:
        for _ in range(2):
            leases.fail(claim(job, "w"), reason="No memory left")
    progress = progress_of(Job.objects.order_by())
    assert (progress.failed, progress.queued) == (2, 1)
    assert [(each.reason, each.count) for each in progress.failures] == [
        ("No memory left", 2)
    ]


def test_a_reason_that_no_database_keeps_is_kept_all_the_same(queued):
    leases.fail(claim(queued[0], "w"), reason="Killed \0 at \ud800.")
    queued[0].refresh_from_db()
    assert queued[0].failure == "Killed \ufffd at ?."


def test_failed_jobs_can_be_tried_again(queued, settings):
    settings.JOB_MAXIMUM_ATTEMPTS = 1
    leases.fail(claim(queued[0], "w"), reason="No memory left")
    assert services.retry_failed(failed=Job.objects.all(), actor=None) == 1
    queued[0].refresh_from_db()
    assert (queued[0].status, queued[0].attempts) == (Job.Status.QUEUED, 0)
    assert claim(queued[0], "w")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_try_failed_jobs_again_at_the_same_moment_one_does(queued, settings):
    """Else the slower one would take a job from the worker that has it by then."""
    settings.JOB_MAXIMUM_ATTEMPTS = 1
    leases.fail(claim(queued[0], "w"), reason="No memory left")

    def tried_again():
        return services.retry_failed(failed=Job.objects.all(), actor=None)

    with somebody_quicker(tried_again):
        again = tried_again()
    assert again == 0
    assert Event.objects.filter(verb="reports.retried").count() == 1
