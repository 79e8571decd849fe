"""A database of every released version comes forward, with all that was in it.

`python -m tests.upgrades.keep VERSION` keeps the one of a release. That of a date is
from a point of the history before the first release, filled by the code of that day.
"""

import gzip
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.servers import PostgreSQL

pytestmark = pytest.mark.slow(seconds=45)
ROOT = Path(__file__).resolve().parents[2]
KEPT = Path(__file__).parent / "kept"
VERSIONS = sorted({path.name.rsplit(".", 3)[0] for path in KEPT.glob("*.sql.gz")})
# What a migration may add rows to, or rename; a sign of life has moved to another app.
NOT_COMPARED = {
    "reports_workerpulse",
    *("auth_permission", "django_content_type", "django_migrations"),
    *("audit_event", "audit_stream"),
}
LOOK = """
import json, django
from django.conf import settings
django.setup()
settings.ALLOWED_HOSTS = ["testserver"]
settings.SECURE_SSL_REDIRECT = False
from django.test import Client
from readerstudy.accounts.models import User
from readerstudy.audit.verifying import verify
from readerstudy.studies.models import Study
found = {}
for name, pages in {
    "cora": ["/", "/studies/closed/", "/studies/begun/", "/studies/draft/"],
    "anya": ["/", "/studies/closed/results/", "/studies/closed/export/"],
    "rosa": ["/", "/studies/begun/"],
}.items():
    client = Client()
    backend = settings.AUTHENTICATION_BACKENDS[-1]
    client.force_login(User.objects.get(username=name), backend)
    for page in pages:
        found[f"{name} {page}"] = client.get(page, follow=True).status_code
verdict = verify()
print(json.dumps({
    "pages": found,
    "breaks": [each.says for each in verdict.breaks],
    "events": verdict.events,
    "not_covered": verdict.not_covered,
    "states": dict(Study.objects.values_list("code", "state")),
}))
"""


def read(version: str, engine: str) -> str:
    return gzip.decompress((KEPT / f"{version}.{engine}.sql.gz").read_bytes()).decode()


def run(url: str, folder: Path, *command: str) -> str:
    """Run Python with this code on a database."""
    own = {
        "DATABASE_URL": url,
        "DATA_DIR": str(folder),
        "MEDIA_ROOT": str(folder / "media"),
        "SECRET_KEY": "only-for-this",
        "DJANGO_SETTINGS_MODULE": "readerstudy.settings",
        "SECURE_SSL_REDIRECT": "false",
    }
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=os.environ | own,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def counted_in_sqlite(file: Path) -> dict[str, int]:
    with closing(sqlite3.connect(file)) as database:
        names = database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' "
            "AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        return {
            name: database.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0]
            for (name,) in names
        }


def counted_in_postgresql(url: str) -> dict[str, int]:
    import psycopg

    with psycopg.connect(url) as server:
        names = server.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        return {
            name: server.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0]
            for (name,) in names
        }


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Iterator[str]:
    yield request.param


@pytest.mark.parametrize("version", VERSIONS)
def test_a_kept_database_comes_forward(version, engine, tmp_path):
    sql = read(version, engine)
    if engine == "sqlite":
        file = tmp_path / "kept.sqlite3"
        with closing(sqlite3.connect(file)) as database:
            database.executescript(sql)
        before = counted_in_sqlite(file)
        run(f"sqlite:///{file}", tmp_path, "manage.py", "migrate", "--verbosity", "0")
        after = counted_in_sqlite(file)
        found = json.loads(run(f"sqlite:///{file}", tmp_path, "-c", LOOK))
    else:
        with PostgreSQL(fast=True) as server:
            script = tmp_path / "kept.sql"
            script.write_text(sql)
            said = ["--quiet", "--set", "ON_ERROR_STOP=1", "--file", str(script)]
            subprocess.run(["psql", *said, server.url], check=True, capture_output=True)
            before = counted_in_postgresql(server.url)
            run(server.url, tmp_path, "manage.py", "migrate", "--verbosity", "0")
            after = counted_in_postgresql(server.url)
            found = json.loads(run(server.url, tmp_path, "-c", LOOK))
    assert before["grading_grade"] > 10
    lost = {
        table: (count, after.get(table))
        for table, count in before.items()
        if table not in NOT_COMPARED and after.get(table) != count
    }
    assert lost == {}
    assert after["audit_event"] >= before["audit_event"]
    assert found["breaks"] == []
    assert found["events"] == after["audit_event"]
    assert set(found["pages"].values()) == {200}, found["pages"]
    assert found["states"]["closed"] == "closed"
    assert found["states"]["begun"] == "open"


def test_there_is_a_kept_database_of_each_engine_and_they_stay_small():
    assert "0.1.0" in VERSIONS
    files = list(KEPT.glob("*.sql.gz"))
    assert len(files) == 2 * len(VERSIONS)
    assert all(path.stat().st_size < 150_000 for path in files)
