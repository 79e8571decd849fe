"""Two queues: each kind of work goes to its own, and is rung for where it is missed."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from readerstudy.cases.deidentification.models import TextScan
from readerstudy.cases.models import Image
from readerstudy.reports.models import CXR_LLAVA, Job, SelfTest
from readerstudy.reports.services import precompute, source_named
from readerstudy.work import leases
from readerstudy.work.models import CPU, GPU, WorkerPulse
from tests import worlds
from tests.people import cora

pytestmark = pytest.mark.django_db


def sent() -> set[tuple[str, str]]:
    """Task and queue of every message that waits; they are taken away."""
    found = set()
    for path in Path(settings.CELERY_BROKER_TRANSPORT_OPTIONS["folder"]).iterdir():
        headers = json.loads(path.read_text())["headers"]
        found.add((headers["task"], path.suffix.removeprefix(".")))
        path.unlink()
    return found


def alive(*workers: str) -> None:
    for worker in workers:
        WorkerPulse.objects.create(worker=worker, seen_at=timezone.now())


def job_and_scan() -> tuple[Job, TextScan]:
    """A report and a search that wait, and were rung for long ago."""
    made = worlds.collection(cases=1)
    cases = made.case_set.all()
    precompute(source=source_named(CXR_LLAVA), cases=cases, actor=cora().user)
    image = Image.objects.get()
    scan, _ = TextScan.objects.get_or_create(
        image=image, frame_sha256=image.frame_sha256
    )
    long_ago = timezone.now() - timedelta(hours=1)
    for kind in (Job, TextScan):
        kind.objects.update(rung_at=long_ago, status="queued")
    return Job.objects.get(), scan


def test_what_models_write_has_a_queue_of_its_own() -> None:
    by_queue = {kind.__name__: kind.queue for kind in leases.kinds()}
    written = {name for name, queue in by_queue.items() if queue == GPU}
    assert written == {Job.__name__, SelfTest.__name__, "Turn"}
    assert set(by_queue.values()) == {CPU, GPU}


def test_a_worker_serves_the_queues_that_its_pulse_names() -> None:
    alive("a:1/cpu", "a:2/gpu", "b:1/cpu/gpu", "old:1")
    pulses = WorkerPulse.objects.alive()
    assert set(pulses.serving(CPU).values_list("worker", flat=True)) == {
        "a:1/cpu",
        "b:1/cpu/gpu",
        "old:1",
    }
    assert pulses.serving(GPU).count() == 3


def test_a_lost_message_is_sent_again_where_a_worker_of_its_queue_is_idle() -> None:
    job, scan = job_and_scan()
    sent()
    # The one that takes reports is busy, with another one; the other has nothing to do.
    alive("a:1/cpu", "a:2/gpu")
    Job.objects.filter(pk=job.pk).update(worker="a:2")
    busy = Job.objects.get()
    busy.pk, busy.status, busy.fingerprint = None, "running", "f" * 64
    busy.started_at = timezone.now() - timedelta(hours=1)
    busy.lease_until = timezone.now() + timedelta(seconds=20)
    busy.save()
    leases.sweep()
    assert sent() == {(TextScan.bell, CPU)}
    busy.delete()
    leases.sweep()
    assert (Job.bell, GPU) in sent()
    scan.refresh_from_db()
    assert scan.status == TextScan.Status.QUEUED
