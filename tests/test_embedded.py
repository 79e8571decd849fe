"""The embedded default, SQLite and the filesystem broker, holds what PostgreSQL holds.

The apps' tests with the marker `sqlite` run here once more, in a run of their own: a
process of Django knows one engine.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_what_holds_on_postgresql_holds_on_sqlite(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    # What pytest told this process, and its own settings, are not for the other one.
    own = ("PYTEST_", "DATABASE_URL", "BROKER_URL", "DATA_DIR")
    kept = {name: word for name, word in os.environ.items() if not name.startswith(own)}
    apps = {path.name for path in (TESTS.parent / "readerstudy").iterdir()}
    folders = [
        str(path)
        for path in sorted(TESTS.iterdir())
        if path.name in apps - {"__pycache__"}
    ]
    command = [sys.executable, "-m", "pytest", "-q", "-m", "sqlite", *folders]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider"],
        cwd=TESTS.parent,
        env={**kept, "TEST_DATABASE_URL": f"sqlite:///{tmp_path}/readerstudy.sqlite3"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    closing = done.stdout.splitlines()[-1]
    found = re.match(r"(\d+) passed", closing)
    assert found and "skipped" not in closing, closing
    record_property("again on SQLite", int(found[1]))
