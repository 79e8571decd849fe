"""The job table: claim, heartbeat, fenced finish, reaper.

A Celery message only says "look at job n". Who may write its report is decided here,
by rows alone, so a message that is lost, late or doubled does no harm.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from readerstudy.reports.models import Job, Report
from readerstudy.studies.protocol import sha256_of

# A queued job whose bell was rung this long ago is rung again: the message may have
# died with a worker. A needless bell costs one update that changes no row.
RING_AGAIN_SECONDS = 60
RINGS_PER_SWEEP = 50


@dataclass(frozen=True)
class Claim:
    """The right to write one job's report, good while the lease token stands."""

    job_id: int
    token: str


def _lease(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.JOB_LEASE_SECONDS)


def claim(*, job_id: int, worker: str) -> Claim | None:
    """Take a job if it is free, in one atomic update; None if it is not."""
    now = timezone.now()
    token = secrets.token_hex(16)
    taken = (
        Job.objects.claimable(now, settings.JOB_MAXIMUM_ATTEMPTS)
        .filter(pk=job_id)
        .update(
            status=Job.Status.RUNNING,
            attempts=F("attempts") + 1,
            lease_token=token,
            lease_until=_lease(now),
            worker=worker,
            started_at=now,
        )
    )
    return Claim(job_id, token) if taken else None


def _held(claimed: Claim) -> Any:
    return Job.objects.filter(
        pk=claimed.job_id, lease_token=claimed.token, status=Job.Status.RUNNING
    )


def extend(claimed: Claim) -> bool:
    """Renew the lease; False means that the job was taken away."""
    held: int = _held(claimed).update(lease_until=_lease(timezone.now()))
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
    job.finished_at = timezone.now()
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
        job.finished_at = timezone.now()
    else:
        _requeue(job)
    job.save()


def _requeue(job: Job) -> None:
    job.status = Job.Status.QUEUED
    job.lease_token = ""
    job.lease_until = None
    job.rung_at = None


def sweep() -> list[int]:
    """Free the jobs of dead workers and return the ids whose bell must be rung.

    A job whose workers died at every attempt fails with that as its reason.
    """
    now = timezone.now()
    with transaction.atomic():
        expired = (
            Job.objects.select_for_update(skip_locked=True)
            if _skips_locked()
            else Job.objects.select_for_update()
        ).filter(status=Job.Status.RUNNING, lease_until__lt=now)
        for job in expired:
            if job.attempts >= settings.JOB_MAXIMUM_ATTEMPTS:
                job.status = Job.Status.FAILED
                job.finished_at = now
                job.failure = (
                    f"The worker stopped without a word {job.attempts} times while "
                    "writing this report; it may have run out of memory."
                )
            else:
                _requeue(job)
            job.save()
    silent = now - timedelta(seconds=RING_AGAIN_SECONDS)
    waiting = Job.objects.filter(status=Job.Status.QUEUED)
    unheard = waiting.filter(rung_at=None) | waiting.filter(rung_at__lt=silent)
    ids = list(unheard.order_by("id").values_list("id", flat=True)[:RINGS_PER_SWEEP])
    Job.objects.filter(pk__in=ids).update(rung_at=now)
    return ids


def _skips_locked() -> bool:
    features = transaction.get_connection().features
    return bool(features.has_select_for_update_skip_locked)
