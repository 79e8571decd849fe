"""A worker writes many reports at once, and each stays a report of its own."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from inference.engine import ReportEngine
from readerstudy.cases.models import Case
from readerstudy.reports import engines, jobs, services, tasks, writers
from readerstudy.reports.models import Job, Report
from readerstudy.reports.progress import progress_of
from readerstudy.work import leases
from readerstudy.work.models import WorkerPulse
from tests import worlds
from tests.lifted import lifted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def queued():
    """Six jobs on drawn chests."""
    worlds.phantoms(cases=6)
    source = services.source_named("cxr_llava")
    services.precompute(source=source, cases=Case.objects.all(), actor=None)
    return list(Job.objects.order_by("id"))


def claim(job, most, worker="one"):
    return [each.id for each in jobs.claim(job_id=job.pk, worker=worker, most=most)]


def beat(*workers):
    for worker in workers:
        WorkerPulse.objects.create(worker=worker, seen_at=timezone.now())


def write(job):
    tasks.write_reports(job.pk)


def test_a_worker_takes_its_batch_and_no_more(queued):
    ids = [job.pk for job in queued]
    assert claim(queued[2], most=4) == sorted([ids[2], ids[0], ids[1], ids[3]])
    assert claim(queued[0], most=4, worker="two") == []
    assert claim(queued[5], most=4, worker="two") == ids[4:]


def test_workers_share_what_is_left(queued):
    beat("one", "two")
    assert len(claim(queued[0], most=8)) == 3
    assert len(claim(queued[5], most=8, worker="two")) == 2
    assert len(claim(queued[4], most=8)) == 1


def test_a_batch_is_the_work_of_one_model(queued):
    Job.objects.filter(pk=queued[1].pk).update(fingerprint="f" * 64)
    Job.objects.filter(pk=queued[2].pk).update(checkpoint="elsewhere")
    other = services.source_named("another")
    Job.objects.filter(pk=queued[3].pk).update(source=other)
    ids = [job.pk for job in queued]
    assert claim(queued[0], most=8) == [ids[0], ids[4], ids[5]]


def test_a_job_that_was_tried_before_goes_alone(queued):
    Job.objects.filter(pk=queued[1].pk).update(attempts=1)
    ids = [job.pk for job in queued]
    assert claim(queued[0], most=3) == [ids[0], ids[2], ids[3]]
    assert claim(queued[1], most=3) == [ids[1]]


def test_one_job_taken_away_leaves_the_others_of_its_batch(queued):
    claims = jobs.claim(job_id=queued[0].pk, worker="one", most=3)
    past = timezone.now() - timedelta(seconds=1)
    Job.objects.filter(pk=claims[0].id).update(lease_until=past)
    leases.unheard(Job)
    assert leases.extend(claims) == 2
    stored = [jobs.finish(each, text="Clear.", provenance={}) for each in claims]
    assert [report is not None for report in stored] == [False, True, True]


def test_two_busy_workers_are_two_however_many_reports_they_write(queued):
    beat("one", "two")
    assert len(claim(queued[0], most=2)) == 2
    long_ago = timezone.now() - timedelta(minutes=5)
    Job.objects.update(rung_at=long_ago, started_at=long_ago)
    assert leases.unheard(Job) == [job.pk for job in queued[2:]]


def reports_written(queued, batch, settings):
    """Texts and makings by case, without what a clock or the batch may change."""
    settings.CXR_LLAVA_BATCH = batch
    Job.objects.update(status=Job.Status.QUEUED, report=None, attempts=0)
    with lifted("reports_report"):
        Report.objects.all().delete()
    for job in queued:
        write(job)
    found = {}
    for report in Report.objects.select_related("case"):
        making = dict(report.provenance)
        assert making.pop("seconds") > 0
        assert making.pop("written_at")
        assert making.pop("batch") == min(batch, 6)
        found[report.case.code] = (report.text, report.fingerprint, making)
    return found


@pytest.mark.slow
def test_reports_and_their_making_do_not_depend_on_the_batch(queued, settings):
    alone = reports_written(queued, 1, settings)
    assert len(alone) == 6
    assert len({text for text, _, _ in alone.values()}) > 1
    assert reports_written(queued, 8, settings) == alone


def test_a_bad_radiograph_fails_alone_with_its_own_sentence(queued, settings):
    settings.JOB_MAXIMUM_ATTEMPTS = 1
    Path(queued[2].case.image.frame_file.path).unlink()
    write(queued[0])
    failed = Job.objects.get(status=Job.Status.FAILED)
    assert failed.pk == queued[2].pk
    assert "radiograph of case CXR3 can't be read: restore" in failed.failure
    assert Job.objects.filter(status=Job.Status.DONE).count() == 5


def test_where_a_batch_fails_as_a_whole_each_is_tried_alone(
    queued, settings, monkeypatch
):
    settings.JOB_MAXIMUM_ATTEMPTS = 1
    sizes = []

    class Choking(ReportEngine):
        """The same engine on a machine that cannot stand the second radiograph."""

        def answer(self, images, conversations, *, settings):
            sizes.append(len(images))
            if indigestible in [image.tobytes() for image in images]:
                raise RuntimeError("device-side assert")
            return super().answer(images, conversations, settings=settings)

    plain = engines.engine_for

    def choking(*words, **options):
        engine = plain(*words, **options)
        return Choking(engine.checkpoint, engine.folder, engine.model, engine.processor)

    image, _ = tasks.model_image(queued[1].case)
    indigestible = image.tobytes()
    monkeypatch.setattr(writers, "engine_for", choking)
    write(queued[0])
    assert sizes == [6, 1, 1, 1, 1, 1, 1]
    failed = Job.objects.get(status=Job.Status.FAILED)
    assert (failed.pk, failed.failure) == (
        queued[1].pk,
        "RuntimeError: device-side assert",
    )
    assert Job.objects.filter(status=Job.Status.DONE).count() == 5


def test_the_time_left_counts_batches_and_not_their_splinters(queued):
    now = timezone.now()
    claims = jobs.claim(job_id=queued[0].pk, worker="one", most=4)
    for each in claims:
        jobs.finish(each, text="Clear.", provenance={})
    Job.objects.filter(status=Job.Status.DONE).update(
        started_at=now - timedelta(seconds=8), finished_at=now
    )
    assert progress_of(Job.objects.order_by()).seconds_left == pytest.approx(4, abs=0.1)


def test_a_worker_without_its_gpu_says_so(queued, settings):
    settings.JOB_MAXIMUM_ATTEMPTS = 1
    settings.CXR_LLAVA_DEVICE = "cuda:99"
    write(queued[0])
    (failure,) = set(Job.objects.values_list("failure", flat=True))
    assert "so not cuda:99: give cpu" in failure


def test_a_batch_of_none_is_refused_at_the_start():
    refused = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "CXR_LLAVA_BATCH": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert "CXR_LLAVA_BATCH is 0: a worker takes at least one" in refused.stderr
