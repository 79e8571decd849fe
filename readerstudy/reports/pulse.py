"""The worker's own timer: a sign of life, and the sweep for jobs left behind."""

import logging
import threading
from datetime import timedelta
from typing import Any

from celery import bootsteps
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from readerstudy.reports import jobs
from readerstudy.reports.models import WorkerPulse

logger = logging.getLogger(__name__)

PULSE_SECONDS = 3.0
# After this long without a pulse a worker counts as gone.
GONE_SECONDS = 15


def workers_alive() -> int:
    """Count workers whose pulse is fresh."""
    fresh = timezone.now() - timedelta(seconds=GONE_SECONDS)
    return WorkerPulse.objects.filter(seen_at__gte=fresh).count()


class Pulse(bootsteps.StartStopStep):
    """A thread beside the worker: a solo pool blocks Celery's own timer."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, parent: Any, **options: Any) -> None:
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        super().__init__(parent, **options)

    def start(self, parent: Any) -> None:
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)
        self._thread.start()

    def stop(self, parent: Any) -> None:
        self._stop.set()

    def _run(self) -> None:
        from readerstudy.reports.tasks import ring, worker_name

        try:
            while True:
                try:
                    WorkerPulse.objects.update_or_create(
                        worker=worker_name(), defaults={"seen_at": timezone.now()}
                    )
                    _forget_the_gone()
                    ring(jobs.sweep())
                except (DatabaseError, OSError):
                    logger.warning("no pulse: the database is away", exc_info=True)
                    connection.close()
                if self._stop.wait(min(PULSE_SECONDS, settings.JOB_LEASE_SECONDS / 3)):
                    break
            WorkerPulse.objects.filter(worker=worker_name()).delete()
        finally:
            connection.close()


def _forget_the_gone() -> None:
    long_gone = timezone.now() - timedelta(hours=1)
    WorkerPulse.objects.filter(seen_at__lt=long_gone).delete()
