"""Whether the site is ready, what is wrong if not, and that to ask leaves nothing."""

import socket
from datetime import timedelta
from pathlib import Path

import pytest
from celery import current_app
from django.db import connection
from django.test import Client
from django.utils import timezone

from readerstudy.operations import checks
from readerstudy.work.models import WorkerPulse

pytestmark = pytest.mark.django_db


def asked(path: str = "/readyz") -> tuple[int, dict]:
    answer = Client().get(path)
    return answer.status_code, answer.json()


@pytest.fixture(autouse=True)
def _media(settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.INTAKE_KEPT_FREE_BYTES = 0


def shown_itself() -> None:
    WorkerPulse.objects.create(worker="here:1", seen_at=timezone.now())


def test_a_site_with_its_neighbours_is_ready(tmp_path: Path) -> None:
    shown_itself()
    names = ("database", "migrations", "broker", "worker", "storage", "disk")
    well = {"status": "ok", "checks": dict.fromkeys(names, True), "wrong": []}
    assert asked("/readyz?all") == (200, well)
    assert list(tmp_path.rglob("*")) == [tmp_path / "media"]


def test_without_a_worker_readers_are_served_and_the_operator_is_told() -> None:
    status, told = asked()
    assert (status, told["status"]) == (200, "degraded")
    assert told["wrong"] == ["No worker has shown itself."]
    assert asked("/readyz?all")[0] == 503
    an_hour_ago = timezone.now() - timedelta(minutes=50)
    WorkerPulse.objects.create(worker="here:1", seen_at=an_hour_ago)
    assert "is 50 minutes old" in asked()[1]["wrong"][0]


def test_a_store_that_takes_nothing_is_told(tmp_path: Path) -> None:
    shown_itself()
    (tmp_path / "media").write_text("This is no folder.")
    status, told = asked()
    assert (status, told["status"]) == (503, "unavailable")
    assert told["wrong"] == ["Nothing can be stored."]


def test_a_full_disk_is_told_while_readers_go_on(settings) -> None:
    shown_itself()
    settings.INTAKE_KEPT_FREE_BYTES = 2**60
    status, told = asked()
    assert (status, told["checks"]["disk"]) == (200, False)


def test_a_database_of_another_version_is_told() -> None:
    shown_itself()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'work'")
    status, told = asked()
    assert (status, told["checks"]["migrations"]) == (503, False)
    assert told["wrong"] == [
        "The database is not migrated to this version of the site."
    ]


def test_a_broker_that_takes_a_line_and_says_nothing_holds_nobody(monkeypatch) -> None:
    shown_itself()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        for name, value in (
            ("broker_url", address),
            ("broker_write_url", address),
            ("broker_transport", "redis"),
            ("broker_transport_options", {}),
        ):
            monkeypatch.setitem(current_app.conf, name, value)
        monkeypatch.setattr(checks, "BROKER_SECONDS", 0.5)
        status, told = asked()
    assert (status, told["status"]) == (200, "degraded")
    assert told["wrong"] == ["The broker does not answer."]


def test_whoever_asks_while_another_looks_is_told_what_was_found_last(
    monkeypatch,
) -> None:
    shown_itself()
    assert asked()[0] == 200
    told: list[tuple[int, dict]] = []

    def slow() -> list[checks.Finding]:
        told.append(asked())
        return []

    monkeypatch.setattr(checks, "neighbours", slow)
    asked()
    assert [(status, each["status"]) for status, each in told] == [(200, "ok")]
