"""What a worker does for the analysis: result sets that take too long for a page."""

from functools import partial

from celery import shared_task

from readerstudy.analysis import services
from readerstudy.analysis.models import AnalysisJob
from readerstudy.work.worker import carry_out, patiently


@shared_task(name=AnalysisJob.bell)
def compute(job_id: int) -> None:
    """Compute the result set that a job asks for, if the job is free."""
    carry_out(AnalysisJob, job_id, lambda held: patiently(partial(services.do, held)))
