"""The jobs of reports: taken by the batch, each finished and failed by itself."""

import math
from typing import Any

from django.db import transaction

from readerstudy.audit.rows import as_stored
from readerstudy.audit.services import record
from readerstudy.cases.models import StudyCase
from readerstudy.reports.models import Job, Report
from readerstudy.studies.protocol import sha256_of
from readerstudy.work import leases
from readerstudy.work.leases import Claim
from readerstudy.work.models import WorkerPulse


@transaction.atomic
def claim(*, job_id: int, worker: str, most: int) -> list[Claim]:
    """Take a job if it is free, and with it others that the same model writes alike.

    At most `most`, and no more than this worker's share where fewer wait than all
    workers could take. A job that was tried before goes alone: should it be what ailed
    its batch, nobody else suffers twice.
    """
    first = Job.objects.waiting().select_for_update().filter(pk=job_id).first()
    if first is None:
        return []
    if first.attempts and _is_paused(first):
        # It was in hand when the others were held back, and came back since.
        Job.objects.filter(pk=job_id).update(status=Job.Status.HELD)
        return []
    ids = [job_id]
    if first.attempts == 0:
        # Whoever holds the lock of a row is about to take it.
        alike = Job.objects.waiting().select_for_update(skip_locked=True)
        alike = alike.filter(
            source=first.source_id,
            checkpoint=first.checkpoint,
            fingerprint=first.fingerprint,
            attempts=0,
        )
        more = _share(most) - 1
        ids += alike.exclude(pk=job_id).values_list("id", flat=True)[:more]
    return leases.take(Job, ids=ids, worker=worker)


def _is_paused(job: Job) -> bool:
    """Whether others of a job's study and making are held back."""
    together = StudyCase.objects.filter(case_set__studycase__case=job.case_id)
    held = Job.objects.held().filter(source=job.source_id, fingerprint=job.fingerprint)
    return held.filter(case__in=together.values("case")).exists()


def _share(most: int) -> int:
    """How many of the waiting jobs one of the living workers may take."""
    workers = max(1, WorkerPulse.objects.alive().serving(Job.queue).count())
    waiting = Job.objects.waiting()[: most * workers].count()
    return min(most, max(1, math.ceil(waiting / workers)))


@transaction.atomic
def finish(claimed: Claim, *, text: str, provenance: dict[str, Any]) -> Report | None:
    """Store the report and end the job, if the claim still holds; else store nothing.

    The fence and the unique constraint on reports together make the report present
    exactly once, whoever else wrote in the meantime.
    """
    job = leases.held(claimed).select_for_update().first()
    if job is None:
        return None
    report, is_new = Report.objects.get_or_create(
        case_id=job.case_id,
        source_id=job.source_id,
        fingerprint=job.fingerprint,
        defaults={
            "text": text,
            "sha256": sha256_of(text),
            "provenance": provenance,
        },
    )
    job.report = report
    leases.finish(job)
    job.save()
    if is_new:
        record(
            actor=None,
            verb="report.written",
            subject=f"{job.case.collection.name}/{job.case.code}",
            detail={"source": job.source.name, "fingerprint": job.fingerprint},
            rows=[as_stored(report)],
        )
    return report
