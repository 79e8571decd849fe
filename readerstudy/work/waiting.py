"""Waiting for a worker before a terminal, but not for ever where there is none."""

import time

from django.core.management.base import CommandError

from readerstudy.work.models import WorkerPulse

# With no worker for this long, waiting makes no sense.
PATIENCE_SECONDS = 30
LOOK_SECONDS = 0.5


class Patience:
    """Ends when no worker has shown itself for a while."""

    def __init__(self) -> None:
        self._since = time.monotonic()

    def wait(self) -> None:
        """Wait a moment. Raises CommandError, saying what to do, where it is vain."""
        if WorkerPulse.objects.alive().exists():
            self._since = time.monotonic()
        elif time.monotonic() - self._since > PATIENCE_SECONDS:
            raise CommandError(
                f"No worker has shown itself for {PATIENCE_SECONDS} seconds. The work "
                "stays queued; start a worker with `celery -A readerstudy worker "
                "-P solo`."
            )
        time.sleep(LOOK_SECONDS)
