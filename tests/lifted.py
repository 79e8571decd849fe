"""Doing to locked rows what only the owner of the database could, where a test needs a
world that the site itself would not make."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def lifted(*tables: str) -> Iterator[None]:
    """Take the triggers of tables away for a while."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            if connection.in_atomic_block:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            yield
            if connection.in_atomic_block:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        return
    kept = "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"
    with connection.cursor() as cursor:
        cursor.execute(kept)
        triggers = [row for row in cursor.fetchall() if row[1] in tables]
        for name, _, _ in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        yield
        for _, _, sql in triggers:
            cursor.execute(sql)
