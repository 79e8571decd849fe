"""The services of docker-compose.yml as processes of this machine.

The file is read by Compose's own parser. Each process gets the very command and
environment of its service; only the names of other services become addresses of
127.0.0.1, and the paths of volumes a folder of the test.
"""

import contextlib
import http.client
import json
import os
import re
import secrets
import shutil
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg

from drills.browser import PATIENCE_SECONDS, Browser
from tests import migrated
from tests.installation import Site, kill, wait_until
from tests.object_store import BUCKET, KEY, SECRET, ObjectStore
from tests.servers import (
    PostgreSQL,
    Redis,
    free_port,
    package_folder,
    redis_binary,
)

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "docker-compose.yml"
BINARIES = Path(sys.executable).parent


def compose(
    *words: str, file: Path = FILE, folder: Path | None = None, **variables: str
) -> "subprocess.CompletedProcess[str]":
    """Run Compose with no variable of this machine; `folder` holds an .env."""
    package = package_folder("compose")
    assert package is not None
    where = ["--project-directory", str(folder)] if folder else []
    settings = str(folder / ".env") if folder else os.devnull
    return subprocess.run(
        # Its console script swallows the exit status.
        [
            str(package / "docker-compose"),
            *("--file", str(file), "--env-file", settings),
            *where,
            *words,
        ],
        env={"PATH": os.defpath, "HOME": "/nonexistent", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def services(
    *profiles: str, folder: Path | None = None, **variables: str
) -> dict[str, Any]:
    """The services as Compose understands them."""
    named = [word for profile in profiles for word in ("--profile", profile)]
    done = compose(*named, "config", "--format", "json", folder=folder, **variables)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout)["services"])


def image_command(target: str) -> list[str]:
    """The command that a stage of the Dockerfile brings."""
    text = (ROOT / "Dockerfile").read_text()
    stage = text.partition(f" AS {target}\n")[2].partition("\nFROM ")[0]
    (found,) = re.findall(r"^CMD (\[.*?\])", stage, re.DOTALL | re.MULTILINE)
    words: list[str] = json.loads(found.replace("\\\n", " "))
    return words


class _Redis(Redis):
    """The command of the service, on a port and in a folder of its own."""

    words: Sequence[str] = ()

    def _command(self) -> Sequence[str]:
        assert self.words[0] == "redis-server"
        more = ["--port", str(self.port), "--bind", "127.0.0.1"]
        folder = ["--dir", str(self.folder / "data")]
        return [str(redis_binary()), *self.words[1:], *more, *folder]


class _ObjectStore(ObjectStore):
    """The command of the service, which finds its keys in its environment."""

    service: dict[str, Any]

    def _command(self) -> Sequence[str]:
        words = list(self.service["command"])
        for name, value in self._own_options().items():
            if f"-{name}" in words:
                words[words.index(f"-{name}") + 1] = value
            else:
                words += [f"-{name}", value]
        return [str(BINARIES / "weed"), *words]

    def _own_options(self) -> dict[str, str]:
        return {
            "dir": str(self.folder / "data"),
            "ip.bind": "127.0.0.1",
            "s3.port": str(self.port),
            "s3.port.iceberg": "0",
            "s3.port.lance": "0",
            "volume.max": "20",
            "master.volumeSizeLimitMB": "64",
            "filer.localSocket": str(self.folder / "filer.sock"),
            **{name: str(port) for name, port in self._ports.items()},
        }

    def _bare_environment(self) -> dict[str, str]:
        return super()._bare_environment() | self.service["environment"]


class SecureBrowser(Browser):
    """A browser that believes the proxy's own authority, and nobody else."""

    scheme = "https"
    authority: ssl.SSLContext
    patience = PATIENCE_SECONDS

    def _line(self) -> http.client.HTTPConnection:
        return http.client.HTTPSConnection(
            self.address, timeout=self.patience, context=self.authority
        )

    def copy(self) -> "SecureBrowser":
        other = super().copy()
        assert isinstance(other, SecureBrowser)
        other.authority = self.authority
        return other


class Composed:
    """The running services: processes by name and number."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.https_port = free_port()
        words = {
            "SECRET_KEY": secrets.token_urlsafe(32),
            "POSTGRES_PASSWORD": secrets.token_hex(8),
            "MEDIA_BUCKET": BUCKET,
            "S3_ENDPOINT_URL": "http://object-store:8333",
            "S3_ACCESS_KEY": KEY,
            "S3_SECRET_KEY": SECRET,
            **settings,
        }
        lines = [f"{name}={word}" for name, word in words.items()]
        (folder / ".env").write_text("\n".join(lines))
        self.services = services("*", folder=folder)
        self.web_ports: list[int] = []
        self.running: dict[str, list[subprocess.Popen[bytes]]] = {}
        self._addresses: dict[str, str] = {
            "/data": str(folder / "data"),
            "/tmp/": f"{folder}/tmp/",
            "/etc/caddy": str(ROOT / "deploy"),
        }

    # --- Servers ---

    @contextlib.contextmanager
    def servers(self) -> Iterator[None]:
        """PostgreSQL, Redis and the object store, as their services say."""
        for name in ("data", "tmp"):
            (self.folder / name).mkdir()
        broker, objects = _Redis(), _ObjectStore()
        broker.words = self.services["redis"]["command"]
        objects.service = self.services["object-store"]
        with PostgreSQL(data=migrated.cluster()) as database, broker, objects:
            self._make_database(database)
            self._addresses |= {
                "@postgres:5432/": f"@127.0.0.1:{database.port}/",
                "redis://redis:6379/": f"redis://127.0.0.1:{broker.port}/",
                "http://object-store:8333": objects.url,
            }
            self.objects = objects
            yield

    def _make_database(self, server: PostgreSQL) -> None:
        """As the image makes it, but with the tables of a run before."""
        said = self.services["postgres"]["environment"]
        name, password = said["POSTGRES_USER"], said["POSTGRES_PASSWORD"]
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute(
                f"CREATE ROLE {name} SUPERUSER LOGIN PASSWORD '{password}'"
            )
        # Nobody may be in the database that is copied.
        elsewhere = server.url.rpartition("/")[0] + "/template1"
        with psycopg.connect(elsewhere, autocommit=True) as connection:
            connection.execute(
                f"CREATE DATABASE {said['POSTGRES_DB']} OWNER {name} TEMPLATE postgres"
            )

    # --- Processes ---

    def here(self, text: str, **more: str) -> str:
        """A word of the file with addresses and folders of this machine."""
        known = self._addresses | more
        pattern = "|".join(map(re.escape, sorted(known, key=len, reverse=True)))
        return re.sub(pattern, lambda found: known[found[0]], text)

    def environment(self, name: str) -> dict[str, str]:
        """What a service's process finds in its environment."""
        said = self.services[name]["environment"]
        return {
            "PATH": f"{BINARIES}:{os.environ.get('PATH', os.defpath)}",
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            **{key: self.here(word) for key, word in said.items()},
        }

    def command(self, name: str) -> list[str]:
        """A service's command: its own, else that of its image."""
        service = self.services[name]
        return list(service["command"] or image_command(service["build"]["target"]))

    def start(self, name: str, *more: str, **changes: str) -> None:
        """One more process of a service; `changes` are to its environment."""
        port = free_port()
        words = [
            self.here(word, **{"0.0.0.0:8000": f"127.0.0.1:{port}"})
            for word in self.command(name)
        ]
        if name == "web":
            self.web_ports.append(port)
        number = len(self.running.setdefault(name, []))
        with (self.folder / f"{name}-{number}.log").open("ab") as log:
            process = subprocess.Popen(
                [*words, *more],
                cwd=ROOT,
                env=self.environment(name) | changes,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.running[name].append(process)

    def start_proxy(self) -> None:
        """Caddy, before every web process that was started."""
        upstreams = " ".join(f"127.0.0.1:{port}" for port in self.web_ports)
        self.start(
            "proxy",
            WEB_UPSTREAMS=upstreams,
            CADDY_HTTP_PORT=str(free_port()),
            CADDY_HTTPS_PORT=str(self.https_port),
            XDG_CONFIG_HOME=str(self.folder / "tmp"),
        )

    def run(self, name: str, words: Sequence[str] | None = None) -> str:
        """Run a service's command, or words of its own, to its end."""
        done = subprocess.run(
            [self.here(word) for word in words or self.command(name)],
            cwd=ROOT,
            env=self.environment(name),
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def site(self) -> Site:
        """The site as a test looks into it."""
        return Site(self.environment("migrate"))

    def kill(self, name: str, number: int) -> None:
        """SIGKILL to a process of a service and to all it has started."""
        kill(self.running[name][number])

    def stop(self) -> None:
        """End everything that still runs."""
        alive = [each for some in self.running.values() for each in some]
        for process in alive:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in alive:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)
            kill(process)

    # --- From outside ---

    def authority(self) -> ssl.SSLContext:
        """The certificate authority that the proxy has made for itself."""
        place = self.folder / "data" / "caddy" / "pki" / "authorities" / "local"
        wait_until((place / "root.crt").exists, "the proxy's authority")
        return ssl.create_default_context(cafile=str(place / "root.crt"))

    def logs(self) -> str:
        """The ends of all logs, for whoever reads why a test failed."""
        return "\n".join(
            f"--- {path.name}\n{path.read_text()[-1500:]}"
            for path in sorted(self.folder.glob("*.log"))
        )


@contextlib.contextmanager
def composed(folder: Path, **settings: str) -> Iterator[Composed]:
    """The servers are up and the tables there; nothing of the site runs yet."""
    site = Composed(folder, **settings)
    with site.servers():
        try:
            site.run("migrate")
            yield site
        except BaseException:
            sys.stdout.write(site.logs())
            raise
        finally:
            site.stop()
            shutil.rmtree(folder / "data", ignore_errors=True)
