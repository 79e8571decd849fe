"""A site as it stands in production: gunicorn, worker, PostgreSQL, Redis, supervised.

Everything listens on 127.0.0.1 alone, in folders that are removed at the end.
"""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from drills import processes
from drills.clock import Clock
from drills.disk import Disk, disk_at
from tests import migrated
from tests.servers import PostgreSQL, Redis, Server, free_port

ROOT = Path(__file__).resolve().parents[1]
DATABASES = ("postgresql", "sqlite")
STOP_SECONDS = 20
WSGI = "readerstudy.wsgi"


class DrilledPostgreSQL(PostgreSQL):
    """A cluster with fsync on, for a supervisor to run."""

    def command(self) -> list[str]:
        """The command that runs it; as `nobody` for root, whom PostgreSQL refuses."""
        words = list(self._command())
        if os.geteuid() == 0:
            nobody = self._identity()
            ids = [f"--reuid={nobody['user']}", f"--regid={nobody['group']}"]
            end = ["--pdeathsig", "INT", "--"]
            words = ["setpriv", *ids, "--clear-groups", *end, *words]
        return words


class DrilledRedis(Redis):
    """A Redis that has every write on disk before it answers, for a supervisor."""

    def command(self) -> list[str]:
        # With a title of its own it writes over the environment by which it is found.
        return [*self._command(), "--set-proc-title", "no"]


class Stack:
    """One site: its environment, and its processes by name."""

    def __init__(self, folder: Path, database: str, seed: int) -> None:
        self.folder, self.database, self.seed = folder, database, seed
        self.web_port, self.readers_port = free_port(), free_port()
        self.clock = Clock(folder)
        # The tests have a cluster at hand in which every migration has run.
        is_migrated = database == "postgresql" and migrated.FOLDER in os.environ
        self.postgresql = DrilledPostgreSQL(
            data=migrated.cluster() if is_migrated else None
        )
        self.redis = DrilledRedis()
        self.direct: dict[str, str] = {}
        self.environment: dict[str, str] = {}
        self.cuts: dict[str, Counter[str]] = {}
        self.disk: Disk
        self._routes = [f"readers={self.readers_port}:{self.web_port}"]
        self._proxy: subprocess.Popen[str]
        self._supervisor: subprocess.Popen[bytes] | None = None

    # --- What it is made of ---

    @property
    def address(self) -> str:
        """Where readers find the site: behind the proxy that cuts their lines."""
        return f"127.0.0.1:{self.readers_port}"

    @property
    def address_of_web(self) -> str:
        """Where the site itself listens."""
        return f"127.0.0.1:{self.web_port}"

    @property
    def names(self) -> list[str]:
        """The supervised processes."""
        servers = ["postgresql", "redis"] if self.database == "postgresql" else []
        return ["web", "worker", *servers]

    def prepare(self, **settings: str) -> None:
        """Choose addresses and the environment; start the databases once."""
        urls = {
            "DATABASE_URL": f"sqlite:///{self.folder}/data/readerstudy.sqlite3",
            "BROKER_URL": "filesystem://",
        }
        through = dict(urls)
        if self.database == "postgresql":
            for name, server, variable in (
                ("database", self.postgresql, "DATABASE_URL"),
                ("broker", self.redis, "BROKER_URL"),
            ):
                server.start()
                port = free_port()
                self._routes.append(f"{name}={port}:{server.port}")
                urls[variable] = server.url
                through[variable] = server.url.replace(f":{server.port}/", f":{port}/")
        self.environment = {
            "DJANGO_SETTINGS_MODULE": "readerstudy.settings",
            "SECRET_KEY": secrets.token_urlsafe(32),
            "DATA_DIR": str(self.folder / "data"),
            "MEDIA_ROOT": str(self.folder / "media"),
            "ALLOWED_HOSTS": "127.0.0.1",
            "DEBUG": "false",
            "DEMONSTRATION": "false",
            "SECURE_COOKIES": "false",
            "SECURE_SSL_REDIRECT": "false",
            # A clock that is a day ahead would end everybody's session at once; that is
            # right, but tells nothing of what is lost.
            "SESSION_IDLE_MINUTES": "4320",
            "SESSION_HOURS": "72",
            # The scripted coordinator has a password and no telephone.
            "SECOND_FACTOR_REQUIRED": "nobody",
            "CXR_LLAVA_DEVICE": "cpu",
            "LOG_LEVEL": "WARNING",
            # The media store's small disk may be filled to its last byte.
            "INTAKE_KEPT_FREE_BYTES": "0",
            "OMP_WAIT_POLICY": "PASSIVE",
            "PYTHONWARNINGS": "ignore",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            **settings,
        }
        (self.folder / "data").mkdir()
        self.direct = self.environment | urls
        self.environment |= through

    def plan(self, wsgi: str = WSGI) -> list[tuple[str, Sequence[str], dict[str, str]]]:
        """Name, command and environment of every process, as in the images."""
        python = sys.executable
        bind = ["--bind", self.address_of_web, "--log-level", "warning"]
        many = ["--workers", "2", "--preload"] if self.database == "postgresql" else []
        sleepless = ["drills.sleepless"] if self.clock.can_be_wrong else []
        web = [python, "-m", *sleepless, "gunicorn", wsgi, *many]
        web += ["--threads", "4", *bind]
        worker = [python, "-m", "celery", "-q", "--app", "readerstudy", "worker"]
        worker += ["--pool", "solo", "--loglevel", "WARNING", "--without-gossip"]
        worker += ["--without-mingle"]
        plan: list[tuple[str, Sequence[str], dict[str, str]]] = [
            ("web", web, self.environment | self.clock.environment()),
            # Behind the readers, where they have to share a processor.
            ("worker", ["nice", "-n", "5", *worker], self.environment),
        ]
        if self.database == "postgresql":
            plan += [
                ("postgresql", self.postgresql.command(), {}),
                ("redis", self.redis.command(), {}),
            ]
        return plan

    # --- Its life ---

    def start(self, wsgi: str = WSGI) -> None:
        """Hand everything to the supervisor, and start the proxy."""
        for server in self._servers():
            server.shut_down()
        place = self.folder / "plan.json"
        place.write_text(json.dumps(self.plan(wsgi)))
        with (self.folder / "log").open("ab") as log:
            self._supervisor = subprocess.Popen(
                [sys.executable, "-m", "drills.supervised", str(place)],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._proxy = subprocess.Popen(
            [sys.executable, "-m", "drills.proxy", str(self.seed), *self._routes],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._proxy.stdout is not None  # noqa: S101 - it was asked for
        self._proxy.stdout.readline()

    def stop(self) -> None:
        """End proxy and supervisor, and with it everything else."""
        if self._supervisor is None:
            return
        told, _ = self._proxy.communicate(timeout=STOP_SECONDS)
        for name, cuts in json.loads(told.splitlines()[-1]).items():
            self.cuts.setdefault(name, Counter()).update(cuts)
        self._supervisor.send_signal(signal.SIGTERM)
        try:
            self._supervisor.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._supervisor.kill()
            self._supervisor.wait()
        self._supervisor = None

    def _servers(self) -> list[Server]:
        return [self.postgresql, self.redis] if self.database == "postgresql" else []

    def remove(self) -> None:
        """Remove the folders of the databases."""
        for server in self._servers():
            server.stop()

    # --- What can be done to it ---

    @property
    def is_started(self) -> bool:
        """Whether it was started, and not stopped since."""
        return self._supervisor is not None

    def running(self) -> dict[str, int]:
        """The processes that run at the moment, by name."""
        assert self._supervisor is not None  # noqa: S101 - nothing runs before
        return processes.supervised(self._supervisor.pid)

    def writers(self) -> list[int]:
        """Web and worker, with all their processes."""
        found = self.running()
        masters = [found[name] for name in ("web", "worker") if name in found]
        return [pid for one in masters for pid in (one, *processes.children(one))]

    def cut(self, line: str, **how: Any) -> None:
        """Tell the proxy what to do with a line: readers, database or broker."""
        if line in {route.partition("=")[0] for route in self._routes}:
            assert self._proxy.stdin is not None  # noqa: S101 - it was asked for
            self._proxy.stdin.write(json.dumps({"line": line, **how}) + "\n")
            self._proxy.stdin.flush()


@contextmanager
def stack(database: str, seed: int, **settings: str) -> Iterator[Stack]:
    """A site with an empty database; start it when it is filled."""
    with ExitStack() as last:
        folder = Path(tempfile.mkdtemp(prefix="readerstudy-drill-"))
        last.callback(shutil.rmtree, folder, ignore_errors=True)
        site = Stack(folder, database, seed)
        last.callback(site.remove)
        site.prepare(**settings)
        site.disk = last.enter_context(disk_at(folder / "media", site.writers))
        last.callback(site.stop)
        yield site


def wait_for(holds: Callable[[], Any], what: str, seconds: float) -> float:
    """Wait until something holds; returns how long. Raises TimeoutError."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"Within {seconds:g} s there was not: {what}.")
        time.sleep(0.05)
    return time.monotonic() - began
