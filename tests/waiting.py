"""Whether another connection is held up by a lock that this one holds."""

import time

from django.db import connection


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
