"""The embedded default, SQLite and the filesystem broker, holds what PostgreSQL holds.

The apps' tests with the marker `sqlite` run here once more, in runs of their own: a
process of Django knows one engine. There are two, in two files, so that two test
processes share the work.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
FIRST_HALF = {"accounts", "audit", "work", "studies", "cases", "presentation"}


def apps() -> set[str]:
    """The apps that have tests."""
    there = {path.name for path in (TESTS.parent / "readerstudy").iterdir()}
    return {path.name for path in TESTS.iterdir()} & there - {"__pycache__"}


def holds_on_sqlite(
    names: set[str], folder: Path, record_property: Callable[[str, object], None]
) -> None:
    """Run the tests of these apps on a database in a folder; all of them pass."""
    # What pytest told this process, and its own settings, are not for the other one.
    own = ("PYTEST_", "DATABASE_URL", "BROKER_URL", "DATA_DIR")
    kept = {name: word for name, word in os.environ.items() if not name.startswith(own)}
    folders = [str(TESTS / name) for name in sorted(names)]
    command = [sys.executable, "-m", "pytest", "-q", "-m", "sqlite", *folders]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider"],
        cwd=TESTS.parent,
        env={**kept, "TEST_DATABASE_URL": f"sqlite:///{folder}/readerstudy.sqlite3"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    closing = done.stdout.splitlines()[-1]
    found = re.match(r"(\d+) passed", closing)
    assert found and "skipped" not in closing, closing
    record_property("again on SQLite", int(found[1]))
