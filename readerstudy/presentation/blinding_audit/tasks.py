"""What a worker does for the blinding audit: it reads the texts of all arms."""

from functools import partial

from celery import shared_task

from readerstudy.presentation.blinding_audit import services
from readerstudy.presentation.blinding_audit.models import BlindingAudit
from readerstudy.work.worker import carry_out, patiently


@shared_task(name=BlindingAudit.bell)
def audit_blinding(audit_id: int) -> None:
    """Make the audit that a row asks for, if the row is free."""
    carry_out(
        BlindingAudit, audit_id, lambda held: patiently(partial(services.do, held))
    )
