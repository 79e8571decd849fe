"""Databases in which every migration has run: made once a run, then copied.

To migrate takes many seconds, in each process of the tests and in each site that they
start. The first one that needs such a database runs `migrate` for real, once per
engine; all processes of the run share what comes of it. Where READERSTUDY_MIGRATED
names a folder, later runs find it there as long as no line of the product changes.
"""

import atexit
import contextlib
import fcntl
import functools
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import django
import psycopg

from tests.servers import PostgreSQL

ROOT = Path(__file__).resolve().parents[1]
# The environment names the folder, so that all processes of the run find it.
FOLDER = "READERSTUDY_MIGRATED"
FIRST_NUMBERS = range(10_000, 10_000_000, 1_000)


def sqlite_file() -> Path:
    """A file of SQLite to copy."""

    def make(place: Path) -> None:
        _migrate(f"sqlite:///{place}")

    return _once("readerstudy.sqlite3", make)


def cluster() -> Path:
    """A cluster of PostgreSQL to start from; it is the database `postgres` in it."""

    def make(place: Path) -> None:
        with PostgreSQL(fast=True) as server:
            _migrate(server.url)
            server.shut_down()
            server.copy_data(place)

    return _once("cluster", make)


def _migrate(url: str) -> None:
    own = {"SECRET_KEY": "only-for-tests", "DATA_DIR": _place()}
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT,
        env=own | os.environ | {"DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    _number_apart(url)


def _number_apart(url: str) -> None:
    """Let the rows of each table begin at another number.

    Rows made in step would have the same numbers: a test would not see that one is
    taken for another, or would hold for the numbers that come first alone.
    """
    if url.startswith("sqlite"):
        _number_apart_on_sqlite(url.removeprefix("sqlite:///"))
        return
    with psycopg.connect(url) as connection:
        found = "SELECT sequencename FROM pg_sequences ORDER BY sequencename"
        names = [name for (name,) in connection.execute(found)]
        for first, name in zip(FIRST_NUMBERS, names, strict=False):
            connection.execute("SELECT setval(%s::regclass, %s)", [name, first])


def _number_apart_on_sqlite(place: str) -> None:
    found = "SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'"
    with contextlib.closing(sqlite3.connect(place)) as connection, connection:
        names = sorted(name for (name,) in connection.execute(found))
        connection.execute("DELETE FROM sqlite_sequence")
        connection.executemany(
            "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)",
            zip(names, FIRST_NUMBERS, strict=False),
        )


def _once(name: str, make: Callable[[Path], None]) -> Path:
    """Make a file or folder of the run, unless another process does or has done."""
    folder = Path(_place(), _digest())
    folder.mkdir(parents=True, exist_ok=True)
    whole, begun = folder / name, folder / f"begun-{name}"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():
            make(begun)
            begun.rename(whole)
    return whole


def _place() -> str:
    """The run's folder; outside a run, as in a benchmark, one that goes with it."""
    if FOLDER not in os.environ:
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="readerstudy-migrated-")
        atexit.register(shutil.rmtree, os.environ[FOLDER], ignore_errors=True)
    return os.environ[FOLDER]


@functools.cache
def _digest() -> str:
    """What the tables depend on: the product's code and what it is built with."""
    text = hashlib.sha256(django.__version__.encode())
    for path in sorted((ROOT / "readerstudy").rglob("*.py")):
        text.update(str(path).encode() + path.read_bytes())
    return text.hexdigest()[:16]
