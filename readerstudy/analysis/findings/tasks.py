"""What a worker does for findings: scores of labels, and metrics beside grades."""

from functools import partial

from celery import shared_task

from readerstudy.analysis.findings import agreement, comparing
from readerstudy.analysis.findings.models import FindingsJob, MetricAgreement
from readerstudy.work.worker import carry_out, patiently


@shared_task(name=FindingsJob.bell)
def compare(job_id: int) -> None:
    """Compute the comparison that a job asks for, if the job is free."""
    carry_out(FindingsJob, job_id, lambda held: patiently(partial(comparing.do, held)))


@shared_task(name=MetricAgreement.bell)
def compare_with_grades(job_id: int) -> None:
    """Compare metrics with grades, if nobody else has the job."""
    carry_out(
        MetricAgreement, job_id, lambda held: patiently(partial(agreement.do, held))
    )
