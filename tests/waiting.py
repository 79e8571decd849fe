"""Two connections at the same moment: one is held up by a lock that the other holds."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def somebody_quicker(act: Callable[[], object]) -> Iterator[None]:
    """Let another connection act first, and commit once this one waits for it."""
    has_acted = threading.Event()

    def quicker() -> None:
        try:
            with transaction.atomic():
                act()
                has_acted.set()
                somebody_waits()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(quicker)
        assert has_acted.wait(60)
        try:
            yield
        finally:
            first.result(60)


def somebody_waits() -> None:
    """Wait until another connection is held up by a row that is not committed.

    On SQLite it can't even begin before this one has ended.
    """
    for _ in range(200 if connection.vendor == "postgresql" else 0):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
