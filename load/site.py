"""The site as it stands in production, thrown away afterwards: PostgreSQL, Redis, web.

The web process is started by the very words of the Dockerfile.
"""

import http.client
import json
import os
import re
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from load.machine import family_of
from tests import migrated
from tests.installation import Site, wait_until
from tests.servers import PostgreSQL, Redis, free_port

ROOT = Path(__file__).resolve().parents[1]
# What PostgreSQL has where nobody set anything, but for the tests' smaller memory.
SERVER_OPTIONS = {"shared_buffers": "128MB", "max_connections": "100"}


@dataclass(frozen=True)
class Running:
    """A site that answers: where, and the first process of each part by its name."""

    site: Site
    port: int
    processes: dict[str, int]

    def memory_processes(self) -> list[tuple[str, int]]:
        """What may grow: the web processes by number, and the servers."""
        web = enumerate(family_of(self.processes["web"]))
        servers = [pair for pair in self.processes.items() if pair[0] != "web"]
        return [*((f"web {number}", pid) for number, pid in web), *servers]


def web_command() -> list[str]:
    """The words by which the Dockerfile starts the web process."""
    text = (ROOT / "Dockerfile").read_text()
    web = text.partition("FROM site AS web")[2].partition("\nFROM ")[0]
    found = re.search(r"^CMD (\[.*?\])", web, re.DOTALL | re.MULTILINE)
    if found is None:
        raise RuntimeError("The Dockerfile names no command for the web process.")
    words: list[str] = json.loads(found[1].replace("\\\n", " "))
    return words


@contextmanager
def stored(folder: Path) -> Iterator[tuple[Site, PostgreSQL, Redis]]:
    """A site that is migrated and empty, with its servers; nothing answers yet."""
    with tempfile.TemporaryDirectory(prefix="readerstudy-") as migrated_once:
        os.environ.setdefault(migrated.FOLDER, migrated_once)
        os.environ.setdefault("SECRET_KEY", "only-for-a-run")
        os.environ.setdefault("DATA_DIR", str(folder))
        cluster = migrated.cluster()
        database = PostgreSQL(data=cluster, options=SERVER_OPTIONS)
        with database, Redis() as broker:
            site = Site(_environment(folder, database, broker))
            # A million reads take their time to be stored.
            site.patience_seconds = 3600.0
            yield site, database, broker


def _environment(folder: Path, database: PostgreSQL, broker: Redis) -> dict[str, str]:
    return {
        "DATA_DIR": str(folder),
        "MEDIA_ROOT": str(folder / "media"),
        "SECRET_KEY": secrets.token_urlsafe(40),
        "DJANGO_SETTINGS_MODULE": "readerstudy.settings",
        "DATABASE_URL": database.url,
        "BROKER_URL": broker.url,
        "DEBUG": "false",
        "DEMONSTRATION": "false",
        # There is no TLS on the way.
        "SECURE_COOKIES": "false",
    }


@contextmanager
def answering(site: Site, database: PostgreSQL, broker: Redis) -> Iterator[Running]:
    """The site with its web process, once it answers."""
    port = free_port()
    command = web_command()
    command[command.index("--bind") + 1] = f"127.0.0.1:{port}"
    with site.started(*command) as web:
        wait_until(lambda: _answers(port), "an answer of the site", seconds=300)
        parts = {"web": web.pid, "postgresql": database.pid, "redis": broker.pid}
        yield Running(site, port, parts)


def _answers(port: int) -> bool:
    site = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with closing(site), suppress(OSError):
        site.request("GET", "/readyz")
        return site.getresponse().status == 200
    return False
