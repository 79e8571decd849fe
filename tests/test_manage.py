"""A command whose database is missing or not set up ends with one sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import free_port

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def nowhere() -> str:
    return f"postgres://somebody@127.0.0.1:{free_port()}/readerstudy"


def said(folder: Path, database: str, *words: str) -> str:
    """What a command says that fails on a site with this database."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    own = {"SECRET_KEY": "only-for-tests", "DATA_DIR": str(folder)}
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=kept | own | {"DATABASE_URL": database},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize("words", [["add_person", "cora"], ["backup", "FOLDER"]])
def test_a_database_that_is_not_set_up(words: list[str], tmp_path: Path) -> None:
    words = [str(tmp_path / "new") if word == "FOLDER" else word for word in words]
    database = f"sqlite:///{tmp_path}/empty.sqlite3"
    assert "not set up: run `manage.py migrate`" in said(tmp_path, database, *words)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("words", [["add_person", "cora"], ["backup", "FOLDER"]])
def test_a_database_that_does_not_answer(
    words: list[str], nowhere: str, tmp_path: Path
) -> None:
    words = [str(tmp_path / "new") if word == "FOLDER" else word for word in words]
    assert "The database does not answer" in said(tmp_path, nowhere, *words)
    assert not (tmp_path / "new").exists()
