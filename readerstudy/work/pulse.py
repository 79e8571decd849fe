"""The worker's own timer: a sign of life, and the sweep for jobs left behind."""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from celery import bootsteps, current_app
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models.functions import Now

from readerstudy.work import leases
from readerstudy.work.models import WorkerPulse
from readerstudy.work.worker import taken_from, worker_name

logger = logging.getLogger(__name__)

PULSE_SECONDS = 3.0


@dataclass
class _Chore:
    """Something that is done every so often, by one worker or another."""

    do: Callable[[], object]
    every: float
    due: float = 0.0


_CHORES: list[_Chore] = []


def chore(do: Callable[..., object], *, every: float) -> None:
    """Have something done every so many seconds; for the tasks modules of the stages.

    A Celery task is asked for by a message: of the scheduler where there is one, else
    of every worker. A plain function every worker does itself, beside its pulse; it
    must be quick. What must not happen twice is kept from it by the database.
    """
    if not hasattr(do, "delay"):
        _CHORES.append(_Chore(do, every))
    elif settings.SCHEDULER:
        name: str = do.name  # type: ignore[attr-defined]
        current_app.conf.beat_schedule[name] = {"task": name, "schedule": every}
    else:
        _CHORES.append(_Chore(do.delay, every))


def _do_chores() -> None:
    for each in _CHORES:
        if time.monotonic() < each.due:
            continue
        each.due = time.monotonic() + each.every
        try:
            each.do()
        except Exception:  # the heart beats on
            logger.warning("a chore failed", exc_info=True)
            connection.close()


class Pulse(bootsteps.StartStopStep):
    """A thread beside the worker: a solo pool blocks Celery's own timer."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, parent: Any, **options: Any) -> None:
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        super().__init__(parent, **options)

    def start(self, parent: Any) -> None:
        taken_from[:] = sorted(parent.app.amqp.queues.consume_from)
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)
        self._thread.start()

    def stop(self, parent: Any) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(PULSE_SECONDS)

    def _run(self) -> None:
        pause = min(PULSE_SECONDS, settings.JOB_LEASE_SECONDS / 3)
        try:
            while True:
                try:
                    _beat()
                    _do_chores()
                except Exception:  # whatever ails the neighbours, a heart beats on
                    logger.warning("no pulse: is the database away?", exc_info=True)
                    connection.close()
                if self._stop.wait(pause):
                    break
            with suppress(DatabaseError):
                WorkerPulse.objects.filter(worker=_pulse_name()).delete()
        finally:
            connection.close()


def _pulse_name() -> str:
    return "/".join([worker_name(), *taken_from])


def _beat() -> None:
    WorkerPulse.objects.update_or_create(
        worker=_pulse_name(), defaults={"seen_at": Now()}
    )
    long_gone = Now() - timedelta(hours=1)
    WorkerPulse.objects.filter(seen_at__lt=long_gone).delete()
    leases.sweep()
