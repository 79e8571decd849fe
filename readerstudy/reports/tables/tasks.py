"""What a worker does for tables of reports: store one that was confirmed."""

from celery import shared_task
from django.core.exceptions import ValidationError
from django.db import transaction

from readerstudy.cases.radiograph import Refused
from readerstudy.reports.tables import services, staging
from readerstudy.reports.tables.models import TableImport
from readerstudy.work import leases
from readerstudy.work.pulse import chore
from readerstudy.work.worker import Told, carry_out, patiently

DROP_EVERY_SECONDS = 3600.0


@shared_task(name=TableImport.bell)
def store_table(table_id: int) -> None:
    """Store a confirmed table, if nobody else has it."""
    carry_out(TableImport, table_id, _store)


def _store(claimed: leases.Claim) -> None:
    table = patiently(lambda: leases.held(claimed).first())
    if table is None:
        return
    try:
        checked = services.ready(table)
    except Refused as refusal:
        raise Told(refusal.reason) from None
    token = patiently(lambda: _stored(claimed, checked))
    if token:
        staging.drop(token)


@transaction.atomic
def _stored(claimed: leases.Claim, checked: services.Ready) -> str:
    """All of it, or nothing where the claim is lost or something has changed."""
    table = leases.held(claimed).select_for_update().first()
    if table is None:
        return ""
    try:
        services.store(table, actor=table.uploaded_by, ready=checked)
    except ValidationError as refusal:
        raise Told(" ".join(refusal.messages)) from None
    return str(table.token)


@shared_task(name="reports.drop_expired_tables")
def drop_expired() -> None:
    """Remove uploads that nobody came back to."""
    services.drop_expired()


chore(drop_expired, every=DROP_EVERY_SECONDS)
