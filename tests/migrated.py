"""Databases in which every migration has run: made once a run, then copied.

To migrate takes many seconds, in each process of the tests and in each site that they
start. The first one that needs such a database runs `migrate` for real, once per
engine; all processes of the run share what comes of it. Where READERSTUDY_MIGRATED
names a folder, later runs find it there as long as no line of the product changes.
"""

import atexit
import fcntl
import functools
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import django

from tests.servers import PostgreSQL

ROOT = Path(__file__).resolve().parents[1]
# The environment names the folder, so that all processes of the run find it.
FOLDER = "READERSTUDY_MIGRATED"


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
