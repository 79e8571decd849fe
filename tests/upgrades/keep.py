"""Keep the database of this version: python -m tests.upgrades.keep 0.2.0

Run it once when a version is released. It migrates an empty database of each engine,
fills it with small synthetic studies and writes it down as SQL, compressed.
"""

import gzip
import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from tests.servers import PostgreSQL

KEPT = Path(__file__).parent / "kept"
ROOT = Path(__file__).resolve().parents[2]


def main(version: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "kept.sqlite3"
        _fill(f"sqlite:///{file}", folder)
        with closing(sqlite3.connect(file)) as database:
            _write(f"{version}.sqlite", "\n".join(database.iterdump()))
        with PostgreSQL(fast=True) as server:
            _fill(server.url, folder)
            dumped = subprocess.run(
                ["pg_dump", "--no-owner", "--no-privileges", server.url],
                capture_output=True,
                text=True,
                check=True,
            )
            _write(f"{version}.postgresql", dumped.stdout)


def _fill(url: str, folder: str) -> None:
    own = {"DATABASE_URL": url, "DATA_DIR": folder, "SECRET_KEY": "only-for-this"}
    for command in (
        ["manage.py", "migrate", "--verbosity", "0"],
        ["-m", "tests.upgrades.populate"],
    ):
        subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=os.environ | own, check=True
        )


def _write(name: str, text: str) -> None:
    KEPT.mkdir(exist_ok=True)
    # Without a time in it, so that the same database gives the same file.
    path = KEPT / f"{name}.sql.gz"
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    sys.stdout.write(f"{path.name}: {path.stat().st_size} bytes\n")


if __name__ == "__main__":
    main(sys.argv[1])
