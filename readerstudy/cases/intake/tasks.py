"""What a worker does with a delivery: file by file, for a while, then others' turn."""

import logging
import time
from contextlib import suppress
from datetime import timedelta
from functools import partial

from celery import shared_task
from django.conf import settings
from django.db import (
    DatabaseError,
    InterfaceError,
    OperationalError,
    transaction,
)
from django.db.models.functions import Coalesce, Now

from readerstudy.cases.intake import sources, staging, sweeping
from readerstudy.cases.intake.fates import Fate, LostClaim, require_held, settle
from readerstudy.cases.intake.forgetting import forget_if_at_once
from readerstudy.cases.intake.layouts import layout_of, next_file
from readerstudy.cases.intake.members import unpack
from readerstudy.cases.intake.models import DeliveredFile, Delivery
from readerstudy.cases.intake.telling import tell_failure, tell_import
from readerstudy.cases.radiograph import NotNow, Refused
from readerstudy.media_store import StoreAway
from readerstudy.work import leases
from readerstudy.work.leases import Claim
from readerstudy.work.pulse import chore
from readerstudy.work.worker import Told, carry_out, patiently

logger = logging.getLogger(__name__)
# A PACS that is away comes back after a night's maintenance at the latest.
PATIENCE = timedelta(hours=12)
SWEEP_SECONDS = 3600.0
# The database, the disk, or somebody who cancels: no file is refused for these.
_NOT_ITS_FAULT = (NotNow, LostClaim, Told, OSError, OperationalError, InterfaceError)
State = DeliveredFile.State


@shared_task(name=Delivery.bell)
def take_in(delivery_id: int) -> None:
    """Take in what a delivery brought, if nobody else does."""
    carry_out(Delivery, delivery_id, _take_in)


def _take_in(claim: Claim) -> None:
    """Work for a slice of time; then hand the delivery back, so that others get on."""
    try:
        if _took_all(claim):
            patiently(partial(_finish, claim))
            staging.remove_all(claim.id)
    except NotNow as problem:
        patiently(partial(_wait, claim, problem.reason))
    except LostClaim:
        logger.info("delivery %s is no longer this worker's", claim.id)
    except Exception as problem:
        # What came in is told of; the failure itself reaches the row as any does.
        with suppress(DatabaseError, InterfaceError):
            _tell_of_failure(claim, problem)
        raise


def _took_all(claim: Claim) -> bool:
    """Take files in until none is left; False where others have their turn before."""
    until = time.monotonic() + settings.INTAKE_SLICE_SECONDS
    deliveries = Delivery.objects.select_related("collection")
    delivery = patiently(lambda: deliveries.get(pk=claim.id))
    while file := patiently(lambda: next_file(delivery)):
        try:
            _take(claim, delivery, file)
        except _NOT_ITS_FAULT:
            raise
        except Exception as problem:
            logger.warning("file %s broke the work", file.pk, exc_info=True)
            if not _charge(claim, file, problem):
                patiently(partial(_pause, claim))
                return False
        if delivery.waits_since:
            patiently(partial(_go_on, claim, delivery))
        if time.monotonic() > until:
            patiently(partial(_hand_back, claim))
            return False
    return True


def _charge(claim: Claim, file: DeliveredFile, problem: Exception) -> bool:
    """Count that a file broke the work; after some tries it alone is refused.

    Returns whether it is over. What the exception says is not shown: it may quote.
    """
    tries = patiently(partial(_count_try, claim, file))
    if tries < settings.JOB_MAXIMUM_ATTEMPTS:
        return False
    reason = (
        f"This program failed at it {tries} times ({type(problem).__name__}), which is "
        "a fault of the program. The other files went on. Tell the administrator, who "
        "finds the details in the worker's log."
    )
    settle(claim, [file], lambda: Fate(State.REFUSED, reason))
    return True


@transaction.atomic
def _count_try(claim: Claim, file: DeliveredFile) -> int:
    require_held(claim)
    row = DeliveredFile.objects.select_for_update(of=["self"]).get(pk=file.pk)
    row.tries += 1
    row.save(update_fields=["tries"])
    return row.tries


def _take(claim: Claim, delivery: Delivery, file: DeliveredFile) -> None:
    """One file: its refusal is its own, and the others go on.

    Raises Told where the disk is full, and NotNow where the bytes cannot be had at the
    moment: neither is the file's fault, and all wait.
    """
    file.delivery = delivery
    if file.archive is not None:
        file.archive.delivery = delivery
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
    except StoreAway:
        raise NotNow("The store of radiographs does not answer.") from None
    except OSError as problem:
        if problem.errno in staging.NO_ROOM:
            raise Told(staging.DiskFull().messages[0]) from None
        # Without the path, which can name somebody.
        what = problem.strerror or type(problem).__name__
        raise Told(f"The server's disk could not be read or written: {what}.") from (
            problem
        )


@transaction.atomic
def _hand_back(claim: Claim) -> None:
    """Queue the rest behind what others wait for; so many files in, it works well."""
    leases.held(claim).update(
        status=Delivery.Status.QUEUED, attempts=0, lease_token="", lease_until=None
    )
    leases.ring_on_commit(Delivery.objects.waiting().filter(pk=claim.id))


@transaction.atomic
def _pause(claim: Claim) -> None:
    """Queue the rest for a little later: no bell rings, so a sweep finds it."""
    leases.held(claim).update(
        status=Delivery.Status.QUEUED,
        attempts=0,
        lease_token="",
        lease_until=None,
        rung_at=Now(),
    )


@transaction.atomic
def _wait(claim: Claim, reason: str) -> None:
    """Queue the rest for later, or let it fail after it has waited for long.

    No bell rings, so a sweep finds it after a pause.
    """
    held = leases.held(claim)
    held.update(waits_since=Coalesce("waits_since", Now()))
    if held.filter(waits_since__lt=Now() - PATIENCE).exists():
        hours = PATIENCE // timedelta(hours=1)
        failure = f"{reason} It was tried again and again for {hours} hours."
        delivery: Delivery = held.select_related("collection").get()
        tell_failure(delivery, failure)
        leases.give_up(delivery, failure)
        delivery.touched_at, delivery.note = Now(), ""
        delivery.save()
        return
    held.update(note=f"{reason} It is tried again every few seconds.")
    _pause(claim)


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
    tell_import(row)
    forget_if_at_once(row.pk)


@transaction.atomic
def _tell_of_failure(claim: Claim, problem: Exception) -> None:
    """Tell what had come in by then, and whether this was the last attempt."""
    row = leases.held(claim).select_for_update(of=["self"]).first()
    if row is None:
        return
    if row.attempts >= settings.JOB_MAXIMUM_ATTEMPTS:
        known = isinstance(problem, Told)
        tell_failure(row, str(problem) if known else type(problem).__name__)
    else:
        tell_import(row)


@shared_task(name="cases.sweep_intake")
def sweep_intake() -> None:
    """End what is forsaken, forget names, and remove files that belong to nothing."""
    sweeping.sweep()


chore(sweep_intake, every=SWEEP_SECONDS)
