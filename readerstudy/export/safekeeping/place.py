"""A site as backup and restore see it: its database, its media folder, its key."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from readerstudy.media_store import FOLDERS, Store, store

# What migrate fills by itself; a site is empty with these.
FROM_THE_START = {"auth_permission", "django_content_type", "django_migrations"}


class Refused(Exception):
    """The site or the backup is not as it has to be; the message says what to do."""


@dataclass(frozen=True)
class Place:
    """Where a site keeps what it has.

    database   as in Django's settings
    media      MEDIA_ROOT: the store, or what is on its way into the bucket
    key        the file of the signing key; None where the environment has it
    bucket     where radiographs, previews and bundles are, if that is no disk
    pseudonyms_apart  whether PSEUDONYM_KEY is another key, which the environment has
    """

    database: dict[str, Any]
    media: Path
    key: Path | None
    bucket: Store | None = None
    pseudonyms_apart: bool = False

    @property
    def engine(self) -> str:
        return "sqlite" if self.is_sqlite else "postgresql"

    @property
    def is_sqlite(self) -> bool:
        return str(self.database["ENGINE"]).endswith("sqlite3")

    @property
    def file(self) -> Path:
        """The file of SQLite."""
        return Path(self.database["NAME"])


def here() -> Place:
    """This site, as its settings say."""
    key = settings.DATA_DIR / "secret-key"
    is_kept = key.exists() and key.read_text().strip() == settings.SECRET_KEY
    return Place(
        dict(connection.settings_dict),
        Path(settings.MEDIA_ROOT),
        key if is_kept else None,
        store() if store().is_shared_by_machines else None,
        settings.PSEUDONYM_KEY != settings.SECRET_KEY,
    )


def asked(place: Place, statement: str) -> list[tuple[Any, ...]]:
    """The rows of a question to a place's database; none where it is not there.

    Raises Refused where PostgreSQL does not answer.
    """
    if place.is_sqlite:
        if not place.file.exists():
            return []
        with closing(sqlite3.connect(place.file)) as database:
            return database.execute(statement).fetchall()
    import psycopg

    try:
        with psycopg.connect(**_parameters(place)) as server:
            return server.execute(statement).fetchall()
    except psycopg.OperationalError as problem:
        said = str(problem).strip().splitlines()[0]
        raise Refused(f"The database does not answer. ({said})") from problem


def _parameters(place: Place) -> dict[str, Any]:
    said = place.database
    named = {"dbname": "NAME", "host": "HOST", "port": "PORT", "user": "USER"}
    named |= {"password": "PASSWORD"}
    return {name: said[key] for name, key in named.items() if said.get(key)}


def tables(place: Place) -> list[str]:
    """The tables of a place's database, by name."""
    statement = (
        "SELECT name FROM sqlite_master "
        "WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        if place.is_sqlite
        else "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    )
    return sorted(name for (name,) in asked(place, statement))


def what_it_holds(place: Place) -> str:
    """Something that a site holds; empty for an empty site."""
    for table in tables(place):
        if table not in FROM_THE_START:
            (found,) = asked(place, f"SELECT COUNT(*) FROM {table}")  # noqa: S608
            if found[0]:
                return f"{found[0]} rows of {table}"
    if place.media.exists():
        first = next((path for path in place.media.rglob("*") if path.is_file()), None)
        if first is not None:
            return f"the file {first.relative_to(place.media)}"
    if place.bucket is not None:
        for folder in FOLDERS:
            for kept in place.bucket.listed(folder):
                return f"{kept.name} in {place.bucket.where}"
    return ""


def migrations(place: Place) -> list[str]:
    """The migrations that a place's database has seen."""
    if "django_migrations" not in tables(place):
        return []
    found = asked(place, "SELECT app, name FROM django_migrations")
    return sorted(f"{app}.{name}" for app, name in found)


def with_tool(place: Place, tool: str, arguments: Sequence[str | Path]) -> None:
    """Run a program of PostgreSQL against a place's database.

    The password goes through the environment, where no list of processes shows it.
    Raises Refused with what the program says.
    """
    program = shutil.which(tool)
    if program is None:
        raise Refused(
            f"{tool} is not installed. Install the client programs of PostgreSQL, of "
            "the server's version or a newer one."
        )
    said = _parameters(place)
    known = {
        "PGDATABASE": said.get("dbname", ""),
        "PGHOST": said.get("host", ""),
        "PGPORT": str(said.get("port", "")),
        "PGUSER": said.get("user", ""),
        "PGPASSWORD": said.get("password", ""),
    }
    done = subprocess.run(
        [program, "--no-password", *map(str, arguments)],
        env=os.environ | {name: word for name, word in known.items() if word},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Refused(f"{tool} failed: {done.stderr.strip()[-600:]}")
