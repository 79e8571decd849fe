"""What a worker does with a delivery: file by file, for a while, then others' turn."""

import errno
import logging
import time
from datetime import timedelta
from functools import partial

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Coalesce, Now

from readerstudy.cases import imports
from readerstudy.cases.intake import sources, staging
from readerstudy.cases.intake.fates import STATES, Fate, LostClaim, settle
from readerstudy.cases.intake.layouts import layout_of
from readerstudy.cases.intake.members import unpack
from readerstudy.cases.intake.models import DeliveredFile, Delivery
from readerstudy.cases.radiograph import NotNow, Refused
from readerstudy.work import leases
from readerstudy.work.leases import Claim
from readerstudy.work.worker import Told, carry_out, patiently

logger = logging.getLogger(__name__)
# A PACS that is away comes back after a night's maintenance at the latest.
PATIENCE = timedelta(hours=12)
State = DeliveredFile.State


@shared_task(name=Delivery.bell)
def take_in(delivery_id: int) -> None:
    """Take in what a delivery brought, if nobody else does."""
    carry_out(Delivery, delivery_id, _take_in)


def _take_in(claim: Claim) -> None:
    """Work for a slice of time; then hand the delivery back, so that others get on."""
    until = time.monotonic() + settings.INTAKE_SLICE_SECONDS
    deliveries = Delivery.objects.select_related("collection")
    delivery = patiently(lambda: deliveries.get(pk=claim.id))
    layout = layout_of(delivery)
    try:
        while file := patiently(lambda: layout.next(delivery)):
            _take(claim, delivery, file)
            if delivery.waits_since:
                patiently(partial(_go_on, claim, delivery))
            if time.monotonic() > until:
                patiently(partial(_hand_back, claim))
                return
    except NotNow as problem:
        patiently(partial(_wait, claim, problem.reason))
        return
    except LostClaim:
        logger.info("delivery %s is no longer this worker's", claim.id)
        return
    patiently(partial(_finish, claim))
    staging.remove_all(claim.id)


def _take(claim: Claim, delivery: Delivery, file: DeliveredFile) -> None:
    """One file: its refusal is its own, and the others go on.

    Raises Told where the disk is full, and NotNow where the bytes cannot be had at the
    moment: neither is the file's fault, and all wait.
    """
    file.delivery = delivery
    try:
        staging.refuse_full()
        if kind := sources.archive_kind(file):
            unpack(claim, delivery, file, kind)
        else:
            layout_of(delivery).take(claim, delivery, file)
    except Refused as refusal:
        reason = refusal.reason
        settle(claim, [file], lambda: Fate(State.REFUSED, reason))
    except staging.DiskFull as full:
        raise Told(full.messages[0]) from None
    except OSError as problem:
        if problem.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise Told(staging.DiskFull().messages[0]) from None


@transaction.atomic
def _hand_back(claim: Claim) -> None:
    """Queue the rest behind what others wait for; so many files in, it works well."""
    leases.held(claim).update(
        status=Delivery.Status.QUEUED, attempts=0, lease_token="", lease_until=None
    )
    leases.ring_on_commit(Delivery.objects.waiting().filter(pk=claim.id))


@transaction.atomic
def _wait(claim: Claim, reason: str) -> None:
    """Queue the rest for later, or let it fail after it has waited for long.

    No bell rings, so a sweep finds it after a pause.
    """
    held = leases.held(claim)
    held.update(waits_since=Coalesce("waits_since", Now()))
    if held.filter(waits_since__lt=Now() - PATIENCE).exists():
        hours = PATIENCE // timedelta(hours=1)
        held.update(
            status=Delivery.Status.FAILED,
            finished_at=Now(),
            failure=f"{reason} It was tried again and again for {hours} hours.",
            note="",
        )
        return
    held.update(
        status=Delivery.Status.QUEUED,
        attempts=0,
        lease_token="",
        lease_until=None,
        rung_at=Now(),
        note=f"{reason} It is tried again every few seconds.",
    )


def _go_on(claim: Claim, delivery: Delivery) -> None:
    """Say that the bytes can be had again."""
    leases.held(claim).update(waits_since=None, note="")
    delivery.waits_since = None


@transaction.atomic
def _finish(claim: Claim) -> None:
    row = leases.held(claim).select_for_update().first()
    if row is None:
        return
    leases.finish(row)
    row.save()
    counts = row.files.all().counts()
    imports.record_import(
        row.collection.name,
        {outcome.value: counts[state] for outcome, state in STATES.items()}
        | {"refused": counts[State.REFUSED], "delivery": row.pk},
    )
