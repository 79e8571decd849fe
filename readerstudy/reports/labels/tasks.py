"""What a worker does for labels: read reports by the rules, store long files."""

from functools import partial

from celery import shared_task
from django.core.exceptions import ValidationError
from django.db import transaction

from readerstudy.reports.labels import computing, importing
from readerstudy.reports.labels.checking import Checked
from readerstudy.reports.labels.models import Labelling, LabelStoring
from readerstudy.work import leases
from readerstudy.work.worker import Told, carry_out, patiently

_GONE = "The uploaded file is gone. Upload it again."


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


@shared_task(name=LabelStoring.bell)
def store_labels(job_id: int) -> None:
    """Store a confirmed file of labels, answers or metrics, if nobody else has it."""
    carry_out(LabelStoring, job_id, _store)


def _store(claimed: leases.Claim) -> None:
    jobs = LabelStoring.objects.select_related("upload__collection")
    job = patiently(lambda: jobs.get(pk=claimed.id))
    try:
        if job.upload is None:
            raise ValidationError(_GONE)
        upload, leaves_out = job.upload, job.leave_out
        # Before the transaction: a long check must not keep others from writing.
        checked = patiently(lambda: importing.ready(upload, leave_out=leaves_out))
        patiently(partial(_stored, claimed, checked))
    except ValidationError as refusal:
        raise Told(" ".join(refusal.messages)) from None


@transaction.atomic
def _stored(claimed: leases.Claim, checked: Checked) -> None:
    """All of it with the end of the work, or nothing where the claim is lost."""
    held: LabelStoring | None = leases.held(claimed).select_for_update().first()
    if held is None:
        return
    if held.upload is None:
        raise ValidationError(_GONE)
    importing.store(held.upload, checked, held.asked_by)
    held.upload = None
    leases.finish(held)
    held.save()
