"""Whether the site is ready, and that to ask leaves nothing behind."""

from pathlib import Path

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_a_site_with_its_neighbours_is_ready(settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["checks"] == {
        "database": True,
        "broker": True,
        "storage": True,
    }
    assert list(tmp_path.rglob("*")) == [tmp_path / "media"]


def test_a_store_that_takes_nothing_is_told(settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    (tmp_path / "media").write_text("This is no folder.")
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["storage"] is False
