"""A whole installation under test: real processes, database and broker."""

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests import migrated
from tests.servers import PostgreSQL, Redis

ROOT = Path(__file__).resolve().parents[1]
KINDS = ("embedded", "postgresql and redis")


class Site:
    """One installation under test: its environment and its commands."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = os.environ | environment

    # More than any command of a test takes.
    patience_seconds = 240.0

    def run(self, *command: str) -> str:
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=self.patience_seconds,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def shell(self, code: str) -> Any:
        """Run Python inside the site; its last line is JSON and is returned."""
        said = self.run("manage.py", "shell", "--no-imports", "-c", code)
        return json.loads(said.splitlines()[-1])

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the site's database directly, without the start of a process."""
        url = self.environment["DATABASE_URL"]
        if url.startswith("sqlite:///"):
            path = url.removeprefix("sqlite:///")
            opened = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)
            with contextlib.closing(opened) as connection:
                return connection.execute(query).fetchall()
        with psycopg.connect(url) as connection:
            return connection.execute(query).fetchall()

    def is_being_written(self) -> bool:
        """Whether some process holds a lock for which others wait."""
        url = self.environment["DATABASE_URL"]
        if not url.startswith("sqlite:///"):
            open_ = "SELECT 1 FROM pg_stat_activity WHERE state = 'idle in transaction'"
            return bool(self.rows(open_))
        path = url.removeprefix("sqlite:///")
        with contextlib.closing(sqlite3.connect(path, timeout=0)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
        return False

    @contextlib.contextmanager
    def started(self, *command: str) -> Iterator["subprocess.Popen[bytes]"]:
        """A process in a group of its own, which never outlives the test."""
        log = Path(self.environment["DATA_DIR"]) / f"{command[0]}.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            kill(process)

    def worker(self) -> contextlib.AbstractContextManager["subprocess.Popen[bytes]"]:
        words = "-A readerstudy worker --pool solo --loglevel WARNING"
        return self.started("celery", *words.split())

    def web(
        self, port: int
    ) -> contextlib.AbstractContextManager["subprocess.Popen[bytes]"]:
        bind = f"127.0.0.1:{port}"
        words = "readerstudy.wsgi --threads 4 --log-level warning --bind"
        return self.started("gunicorn", *words.split(), bind)


def wait_until(holds: Callable[[], Any], what: str, seconds: float = 200) -> None:
    """Look again and again; fail with what was awaited if it does not come."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            pytest.fail(f"within {seconds:g} seconds there was not: {what}")
        time.sleep(0.05)


def kill(process: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextlib.contextmanager
def installation(kind: str, folder: Path) -> Iterator[Site]:
    """A site whose database is migrated and empty."""
    environment = {
        "DATA_DIR": str(folder),
        "MEDIA_ROOT": str(folder / "media"),
        "SECRET_KEY": "only-for-this-test",
        "JOB_LEASE_SECONDS": "3",
        "DJANGO_SETTINGS_MODULE": "readerstudy.settings",
    }
    if kind == "embedded":
        environment |= {
            "DATABASE_URL": f"sqlite:///{folder}/readerstudy.sqlite3",
            "BROKER_URL": "filesystem://",
        }
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(migrated.sqlite_file(), folder / "readerstudy.sqlite3")
        yield Site(environment)
        return
    with PostgreSQL(data=migrated.cluster()) as database, Redis() as broker:
        environment |= {"DATABASE_URL": database.url, "BROKER_URL": broker.url}
        yield Site(environment)
