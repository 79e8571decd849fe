"""What a worker does for the analysis: result sets that take too long for a page."""

from celery import shared_task
from celery.utils.log import get_task_logger

from readerstudy.analysis import services
from readerstudy.analysis.models import AnalysisJob
from readerstudy.reports import leases
from readerstudy.reports.worker import kept_alive, patiently, reason_of, worker_name

logger = get_task_logger(__name__)


@shared_task(name=AnalysisJob.bell)
def compute(job_id: int) -> None:
    """Compute the result set that a job asks for, if the job is free."""
    claimed = patiently(
        lambda: leases.claim(AnalysisJob, id=job_id, worker=worker_name())
    )
    if claimed is None:
        return
    with kept_alive([claimed]):
        try:
            patiently(lambda: services.do(claimed))
        except Exception as problem:  # every failure must reach its row
            logger.warning("analysis job %s failed", job_id, exc_info=True)
            reason = reason_of(problem)
            patiently(lambda: leases.fail(claimed, reason=reason))
            leases.sweep()
