"""Two queues: each kind of work goes to its own, and is rung for where it is missed."""

import json
import os
import subprocess
import sys
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

ROOT = Path(__file__).resolve().parents[2]
# Whom each chore is left to: the scheduler, or every worker.
CHORES = """
import json
from readerstudy.celery import app
app.loader.import_default_modules()
from readerstudy.work.pulse import _CHORES
print(json.dumps([sorted(app.conf.beat_schedule), len(_CHORES)]))
"""


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


@pytest.mark.django_db
def test_a_worker_serves_the_queues_that_its_pulse_names() -> None:
    alive("a:1/cpu", "a:2/gpu", "b:1/cpu/gpu", "old:1")
    pulses = WorkerPulse.objects.alive()
    assert set(pulses.serving(CPU).values_list("worker", flat=True)) == {
        "a:1/cpu",
        "b:1/cpu/gpu",
        "old:1",
    }
    assert pulses.serving(GPU).count() == 3


@pytest.mark.django_db
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


def test_regular_chores_are_the_schedulers_or_every_workers(tmp_path: Path) -> None:
    def left_to(scheduler: str) -> list[object]:
        environment = {"SCHEDULER": scheduler, "DATA_DIR": str(tmp_path)}
        done = subprocess.run(
            [sys.executable, "-c", CHORES],
            cwd=ROOT,
            env=os.environ | environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return list(json.loads(done.stdout))

    # Telling webhooks, counting for the metrics and proving the store is every
    # worker's own.
    scheduled, own = left_to("true")
    assert own == 5
    assert {
        "cases.sweep_intake",
        "export.sweep_bundles",
        "grading.remind_the_idle",
        "reports.drop_expired_tables",
        "studies.clear_sessions",
    } <= set(scheduled)
    assert left_to("false") == [[], len(scheduled) + own]
