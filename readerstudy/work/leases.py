"""The rules of all work: claim, heartbeat, fenced write, sweep, bell.

A Celery message only says "look at row n". Who may do the work is decided here, by rows
alone, so a message that is lost, late or doubled does no harm. All times are the
database's: workers on several machines need not agree on the time of day.
"""

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from celery import current_app
from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from inference.characters import whole_characters
from readerstudy import measures, tracing
from readerstudy.work.models import Work, WorkerPulse, WorkQuerySet

logger = logging.getLogger(__name__)

# Messages die with brokers and workers. Where a worker has had nothing to do for this
# long though work waits, it is rung for again. While all are busy they come to every
# message in time; to ring again then would only pile messages up.
SILENCE = timedelta(seconds=10)
RINGS_PER_SWEEP = 50
# A worker's death is rarely the fault of its work: machines restart. Work under which
# so many died is taken for their murderer, say for want of memory.
DEADLY_ATTEMPTS = 10


@cache
def kinds() -> tuple[type[Work], ...]:
    """Every kind of work of any stage, in the order of the stages."""
    return tuple(model for model in apps.get_models() if issubclass(model, Work))


@dataclass(frozen=True)
class Claim:
    """The right to do one piece of work, good while the lease token stands."""

    kind: type[Work]
    id: int
    token: str


def rows(kind: type[Work]) -> WorkQuerySet[Work]:
    """Every row of a kind of work."""
    manager: Any = kind._default_manager
    found: WorkQuerySet[Work] = manager.all()
    return found


def _lease() -> timedelta:
    return timedelta(seconds=settings.JOB_LEASE_SECONDS)


def claim(kind: type[Work], *, id: int, worker: str) -> Claim | None:
    """Take a piece of work if it is free; None if it is not."""
    claims = take(kind, ids=[id], worker=worker)
    return claims[0] if claims else None


@transaction.atomic
def take(kind: type[Work], *, ids: Sequence[int], worker: str) -> list[Claim]:
    """Take what is free of these rows, under one token."""
    token = secrets.token_hex(16)
    rows(kind).waiting().filter(pk__in=ids).update(
        status=Work.Status.RUNNING,
        attempts=F("attempts") + 1,
        lease_token=token,
        lease_until=Now() + _lease(),
        worker=worker,
        started_at=Now(),
    )
    taken = rows(kind).running().filter(pk__in=ids, lease_token=token)
    return [
        Claim(kind, row, token)
        for row in taken.order_by("pk").values_list("pk", flat=True)
    ]


def held(claimed: Claim) -> Any:
    """The row of a claim as a queryset; empty once the claim is lost."""
    return rows(claimed.kind).running().filter(pk=claimed.id, lease_token=claimed.token)


def extend(claims: Sequence[Claim]) -> int:
    """Renew the leases of what was taken together; returns how many still hold."""
    ids, together = [one.id for one in claims], claims[0]
    still_held = rows(together.kind).running().filter(pk__in=ids)
    still_held = still_held.filter(lease_token=together.token)
    return still_held.update(lease_until=Now() + _lease())


def finish(row: Work) -> None:
    """Mark the row of a claim, held and locked, as done; the caller saves it."""
    row.status = Work.Status.DONE
    row.finished_at = Now()
    row.failure = ""
    count_ended(row, "done")


@transaction.atomic
def fail(claimed: Claim, *, reason: str, for_good: bool = False) -> None:
    """Note why an attempt failed; the work waits for another, or failed for good.

    for_good  another attempt would bring the same
    """
    row = held(claimed).select_for_update().first()
    if row is None:
        return
    if for_good or row.attempts >= settings.JOB_MAXIMUM_ATTEMPTS:
        give_up(row, reason)
    else:
        row.failure = _kept(reason)
        _requeue(row)
        count_ended(row, "tried_again")
    row.save()


def give_up(row: Work, reason: str) -> None:
    """Mark the row of a claim, held and locked, as failed; the caller saves it."""
    row.status = Work.Status.FAILED
    row.finished_at = Now()
    row.failure = _kept(reason)
    count_ended(row, "failed")


def _kept(reason: str) -> str:
    return whole_characters(reason)[:500]


def count_ended(row: Work, outcome: str) -> None:
    """Count an attempt for the metrics: done, tried_again or failed."""
    measures.work_ended.labels(row._meta.label_lower, outcome).inc()


def _requeue(row: Work) -> None:
    row.status = Work.Status.QUEUED
    row.lease_token = ""
    row.lease_until = None
    row.rung_at = None


def start_anew(row: Work) -> None:
    """Let a locked row wait as if nobody had tried it; the caller saves it."""
    _requeue(row)
    row.attempts = 0
    row.failure = ""
    row.finished_at = None


def queue_anew(failed: Any) -> int:
    """Let the failed rows of a queryset wait as if nobody had tried them.

    The caller holds their locks, or names them by their status alone: what a worker has
    taken meanwhile stays its own. Returns how many there were.
    """
    count: int = failed.update(
        status=Work.Status.QUEUED,
        attempts=0,
        failure="",
        lease_token="",
        lease_until=None,
        finished_at=None,
        rung_at=None,
    )
    return count


def sweep() -> None:
    """Free the work of dead workers and ring the bells that must be rung."""
    for kind in kinds():
        ring(kind, unheard(kind))


def unheard(kind: type[Work]) -> list[int]:
    """Free what dead workers had; return the ids whose bell must be rung now."""
    with transaction.atomic():
        # Without effect on SQLite, where a transaction has the database to itself.
        unlocked = rows(kind).select_for_update(skip_locked=True)
        for row in unlocked.abandoned(_lease()):
            _take_away(row)
    rung = rows(kind).unheard(SILENCE)
    if not _a_worker_is_idle(kind.queue):
        rung = rung.filter(rung_at=None)
    ids = list(rung.order_by("pk").values_list("pk", flat=True)[:RINGS_PER_SWEEP])
    rows(kind).filter(pk__in=ids).update(rung_at=Now())
    return ids


def _take_away(row: Work) -> None:
    """Free a dead worker's work, or let it fail if too many died of it."""
    measures.lease_expiries.labels(row._meta.label_lower).inc()
    if row.attempts < DEADLY_ATTEMPTS:
        _requeue(row)
    else:
        give_up(
            row,
            f"The worker stopped without a word {row.attempts} times at this work; "
            "it may have run out of memory.",
        )
    row.save()


def _a_worker_is_idle(queue: str) -> bool:
    """Whether a worker of a queue has had nothing to do for a while."""
    busy: set[str] = set()
    for kind in kinds():
        busy.update(rows(kind).running().values_list("worker", flat=True).distinct())
    pulses = WorkerPulse.objects.alive().serving(queue)
    alive = {pulse.process for pulse in pulses}
    if busy and alive <= busy:
        return False
    just_now = {"started_at__gt": Now() - SILENCE, "started_at__lte": Now()}
    taken = [kind for kind in kinds() if kind.queue == queue]
    return not any(rows(kind).filter(**just_now).exists() for kind in taken)


def ring(kind: type[Work], ids: Sequence[int]) -> None:
    """Send one message per row. What can't be sent now is sent by a later sweep."""
    for sent, row in enumerate(ids):
        try:
            current_app.send_task(
                kind.bell, args=[row], queue=kind.queue, headers=tracing.headers()
            )
        # A line that breaks at the wrong moment makes a client raise what its authors
        # never thought of. The row is stored: whoever asked for it is told nothing.
        except Exception:
            logger.warning("the broker is away", exc_info=True)
            silent = rows(kind).waiting().filter(pk__in=ids[sent:])
            silent.update(rung_at=None)
            return


def ring_on_commit(silent: Any) -> None:
    """Ring for the rows of a queryset once the transaction that made them is over."""
    ids = list(silent.values_list("id", flat=True))
    silent.update(rung_at=Now())
    transaction.on_commit(lambda: ring(silent.model, ids))
