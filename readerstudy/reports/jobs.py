"""The job table: claim, heartbeat, fenced finish, reaper.

A Celery message only says "look at job n". Who may write its report is decided here,
by rows alone, so a message that is lost, late or doubled does no harm. All times are
the database's: workers on several machines need not agree on the time of day.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from readerstudy.reports.models import Job, Report, WorkerPulse
from readerstudy.studies.protocol import sha256_of

# Messages die with brokers and workers. Where a worker has had nothing to do for this
# long though jobs wait, they are rung again. While all are busy they come to every
# message in time; to ring again then would only pile messages up.
SILENCE = timedelta(seconds=10)
RINGS_PER_SWEEP = 50
# A worker's death is rarely the fault of its job: machines restart. A job under which
# so many died is taken for their murderer, say for want of memory.
DEADLY_ATTEMPTS = 10


@dataclass(frozen=True)
class Claim:
    """The right to write one job's report, good while the lease token stands."""

    job_id: int
    token: str


def _lease() -> timedelta:
    return timedelta(seconds=settings.JOB_LEASE_SECONDS)


def claim(*, job_id: int, worker: str) -> Claim | None:
    """Take a job if it is free, in one atomic update; None if it is not."""
    token = secrets.token_hex(16)
    taken = Job.objects.filter(pk=job_id, status=Job.Status.QUEUED).update(
        status=Job.Status.RUNNING,
        attempts=F("attempts") + 1,
        lease_token=token,
        lease_until=Now() + _lease(),
        worker=worker,
        started_at=Now(),
    )
    return Claim(job_id, token) if taken else None


def _held(claimed: Claim) -> Any:
    return Job.objects.filter(
        pk=claimed.job_id, lease_token=claimed.token, status=Job.Status.RUNNING
    )


def extend(claimed: Claim) -> bool:
    """Renew the lease; False means that the job was taken away."""
    held: int = _held(claimed).update(lease_until=Now() + _lease())
    return held == 1


@transaction.atomic
def finish(claimed: Claim, *, text: str, provenance: dict[str, Any]) -> Report | None:
    """Store the report and end the job, if the claim still holds; else store nothing.

    The fence and the unique constraint on reports together make the report present
    exactly once, whoever else wrote in the meantime.
    """
    job = _held(claimed).select_for_update().first()
    if job is None:
        return None
    report, _ = Report.objects.get_or_create(
        case_id=job.case_id,
        source_id=job.source_id,
        fingerprint=job.fingerprint,
        defaults={
            "text": text,
            "sha256": sha256_of(text),
            "provenance": provenance,
        },
    )
    job.status = Job.Status.DONE
    job.report = report
    job.finished_at = Now()
    job.failure = ""
    job.save()
    return report


@transaction.atomic
def fail(claimed: Claim, *, reason: str) -> None:
    """Note why an attempt failed; the job waits for another, or has failed for good."""
    job = _held(claimed).select_for_update().first()
    if job is None:
        return
    job.failure = reason[:500]
    if job.attempts >= settings.JOB_MAXIMUM_ATTEMPTS:
        job.status = Job.Status.FAILED
        job.finished_at = Now()
    else:
        _requeue(job)
    job.save()


def _requeue(job: Job) -> None:
    job.status = Job.Status.QUEUED
    job.lease_token = ""
    job.lease_until = None
    job.rung_at = None


def sweep() -> list[int]:
    """Free the jobs of dead workers and return the ids whose bell must be rung."""
    with transaction.atomic():
        # Without effect on SQLite, where a transaction has the database to itself.
        unlocked = Job.objects.select_for_update(skip_locked=True)
        for job in unlocked.abandoned(_lease()):
            _take_away(job)
    rung = Job.objects.unheard(SILENCE)
    if not _a_worker_is_idle():
        rung = rung.filter(rung_at=None)
    ids = list(rung.order_by("id").values_list("id", flat=True)[:RINGS_PER_SWEEP])
    Job.objects.filter(pk__in=ids).update(rung_at=Now())
    return ids


def _take_away(job: Job) -> None:
    """Free a dead worker's job, or let it fail if too many died of it."""
    if job.attempts < DEADLY_ATTEMPTS:
        _requeue(job)
    else:
        job.status = Job.Status.FAILED
        job.finished_at = Now()
        job.failure = (
            f"The worker stopped without a word {job.attempts} times while writing "
            "this report; it may have run out of memory."
        )
    job.save()


def _a_worker_is_idle() -> bool:
    """Whether some worker has had nothing to do for a while; three small queries."""
    running = Job.objects.filter(status=Job.Status.RUNNING).count()
    if running and running >= WorkerPulse.objects.alive().count():
        return False
    just_now = Job.objects.filter(started_at__gt=Now() - SILENCE, started_at__lte=Now())
    return not just_now.exists()


def unring(job_ids: list[int]) -> None:
    """Note that these bells could not be rung, so that the next sweep tries again."""
    Job.objects.filter(pk__in=job_ids, status=Job.Status.QUEUED).update(rung_at=None)
