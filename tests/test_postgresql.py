"""A kept connection: the server is asked only where there is a reason, and a connection
that has gone is never used."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.db.backends.postgresql import base as django_backend
from django.db.utils import ProgrammingError

from readerstudy.audit.models import Stream
from readerstudy.postgresql import base
from readerstudy.postgresql.counting import count_again

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def questions(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What looks at the connection asked of the server; it was used a moment ago."""
    connection.ensure_connection()
    connection.is_usable()
    asked: list[str] = []
    ask = django_backend.DatabaseWrapper.is_usable

    def asks(self: Any) -> bool:
        asked.append("SELECT 1")
        return bool(ask(self))

    monkeypatch.setattr(django_backend.DatabaseWrapper, "is_usable", asks)
    yield asked
    connection.close()


def elsewhere(statement: str, *values: object) -> None:
    """Let somebody else do something on the same server."""
    told = {
        name: connection.settings_dict[key]
        for name, key in {"host": "HOST", "port": "PORT", "user": "USER"}.items()
    } | {"password": connection.settings_dict["PASSWORD"], "dbname": "postgres"}
    with psycopg.connect(**told, autocommit=True) as other:
        other.execute(statement, values)


def test_a_connection_that_was_used_a_moment_ago_takes_no_question(questions):
    assert connection.is_usable()
    assert questions == []


def test_a_connection_that_the_server_has_ended_is_not_used(questions):
    process = connection.connection.info.backend_pid
    elsewhere("SELECT pg_terminate_backend(%s, 5000)", process)
    assert not connection.is_usable()
    # As at the beginning of every request.
    connection.close_if_unusable_or_obsolete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert connection.connection.info.backend_pid != process


def test_after_a_long_rest_the_server_is_asked(questions, monkeypatch):
    monkeypatch.setattr(base, "LONGEST_REST_SECONDS", 0.0)
    assert connection.is_usable()
    assert questions == ["SELECT 1"]


def test_after_an_error_the_server_is_asked(questions):
    with pytest.raises(ProgrammingError), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM nowhere")
    assert connection.errors_occurred
    assert connection.is_usable()
    assert questions == ["SELECT 1"]


def test_a_connection_that_was_never_made_is_not_usable(questions):
    connection.close()
    assert not connection.is_usable()


def test_what_is_prepared_is_planned_once() -> None:
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("SHOW plan_cache_mode")
        assert cursor.fetchone() == ("force_generic_plan",)


def test_a_table_that_was_filled_at_once_is_counted() -> None:
    Stream.objects.bulk_create(Stream(name=f"stream {n}") for n in range(100))
    count_again(Stream)
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'audit_stream'")
        assert cursor.fetchone() == (100.0,)
