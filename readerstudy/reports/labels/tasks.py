"""What a worker does for labels: read the reports of a source by the rules."""

from functools import partial

from celery import shared_task

from readerstudy.reports.labels import computing
from readerstudy.reports.labels.models import Labelling
from readerstudy.work import leases
from readerstudy.work.worker import carry_out, patiently


@shared_task(name=Labelling.bell)
def label(job_id: int) -> None:
    """Label the reports that a job asks for, if the job is free."""
    carry_out(Labelling, job_id, _label)


def _label(claimed: leases.Claim) -> None:
    jobs = Labelling.objects.select_related("collection", "source", "asked_by")
    job = patiently(lambda: jobs.get(pk=claimed.id))

    def progress(labelled: int) -> None:
        patiently(lambda: leases.held(claimed).update(labelled=labelled))

    found = patiently(lambda: computing.labelled_reports(job, progress))
    patiently(partial(computing.finish, claimed, found))
