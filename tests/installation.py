"""A whole installation under test: real processes, database and broker."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.servers import PostgreSQL, Redis

ROOT = Path(__file__).resolve().parents[1]
KINDS = ("embedded", "postgresql and redis")


class Site:
    """One installation under test: its environment and its commands."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = os.environ | environment

    def run(self, *command: str) -> str:
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def shell(self, code: str) -> Any:
        """Run Python inside the site; its last line is JSON and is returned."""
        said = self.run("manage.py", "shell", "--no-imports", "-c", code)
        return json.loads(said.splitlines()[-1])

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


def kill(process: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextlib.contextmanager
def installation(kind: str, folder: Path) -> Iterator[Site]:
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
        yield Site(environment)
        return
    with PostgreSQL() as database, Redis() as broker:
        environment |= {"DATABASE_URL": database.url, "BROKER_URL": broker.url}
        yield Site(environment)
