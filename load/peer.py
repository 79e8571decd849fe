"""Label Studio on the same machine, doing the same loop: submit, and get the next case.

It is installed by pip into an environment of its own under DATA_DIR/.peers, and knows
nothing of ours. It runs as its makers run it in production: gunicorn with four workers
on PostgreSQL, telemetry off. Its readers sign in by its form; what they submit is a
choice of four beside a report, as in a study that compares reports. Whoever gets a task
gets its radiograph, uploaded as a PNG file, from Label Studio as well.
"""

import asyncio
import contextlib
import http.client
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from load.connection import Browser, Failed
from load.crowd import Outcome, crowd
from load.modes import Wish
from load.peer_files import uploaded
from load.reader import Done, Scripted
from load.site import SERVER_OPTIONS, Running
from tests.installation import Site, kill, wait_until
from tests.servers import PostgreSQL, free_port

PACKAGE = "label-studio==1.23.2"
WORKERS = 4
TASKS = 300
WORLD = Path(__file__).with_name("peer_world.py")
LABELS = """<View>
  <Image name="image" value="$image"/>
  <Text name="report" value="$report"/>
  <Choices name="grade" toName="report" choice="single" required="true">
    <Choice value="A"/><Choice value="B"/><Choice value="C"/><Choice value="D"/>
  </Choices>
</View>"""


def installed(folder: Path) -> Path:
    """The Python of Label Studio's own environment, made on first use."""
    place = folder / PACKAGE
    python = place / "bin" / "python"
    if not (place / "installed").exists():
        _say(f"Installing {PACKAGE} into {place}; once, some minutes ...")
        venv.create(place, with_pip=True, clear=True)
        command = [str(python), "-m", "pip", "install", "--quiet", PACKAGE, "gunicorn"]
        done = subprocess.run(command, env=_bare(), check=False)
        if done.returncode != 0:
            sys.exit(f"pip could not install {PACKAGE}.")
        (place / "installed").touch()
    return python


def beside(folder: Path, wish: Wish) -> Outcome:
    """Let as many readers read in Label Studio, for as long."""
    python = installed(folder)
    with label_studio(python, wish.readers["saturation"], wish.side) as (
        running,
        readers,
    ):
        times = {"warm_up": wish.warm_up, "seconds": wish.seconds}
        return asyncio.run(crowd(running, readers, **times))


def _bare() -> dict[str, str]:
    """An environment that says nothing of ours; pip's own settings stay."""
    kept = ("PATH", "HOME", "LANG", "PIP_INDEX_URL", "PIP_CONFIG_FILE", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ}


@contextmanager
def label_studio(
    python: Path, readers: int, side: int
) -> Iterator[tuple[Running, list[Scripted]]]:
    """Label Studio with a project that every reader labels whole, and its readers."""
    home = _home_of(python)
    with (
        tempfile.TemporaryDirectory(prefix="readerstudy-peer-") as folder,
        PostgreSQL(options=SERVER_OPTIONS, data=_migrated(python)) as database,
    ):
        site = Site({})
        site.environment = _bare() | _settings(database, Path(folder))
        password = secrets.token_urlsafe(12)
        said = _manage(
            python,
            home,
            site.environment | {"READERS": str(readers), "PASSWORD": password},
            *("shell", "-c", WORLD.read_text()),
        )
        names = json.loads(said.splitlines()[-1])
        with _answering(python, home, site, database) as running:
            project = _project(running.port, names, password, side)
            yield (
                running,
                [
                    Labeller(Browser(running.port), name, password, project=project)
                    for name in names["readers"]
                ],
            )


def _migrated(python: Path) -> Path:
    """A cluster in which Label Studio's migrations have run; made on first use."""
    place = python.parents[1] / "cluster"
    if not place.exists():
        _say("Running the migrations of Label Studio; once, some minutes ...")
        with (
            tempfile.TemporaryDirectory(prefix="readerstudy-peer-") as folder,
            PostgreSQL(fast=True) as database,
        ):
            environment = _bare() | _settings(database, Path(folder))
            words = ("migrate", "--verbosity", "0")
            _manage(python, _home_of(python), environment, *words)
            database.shut_down()
            database.copy_data(place)
    return place


def _settings(database: PostgreSQL, folder: Path) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "core.settings.label_studio",
        "DJANGO_DB": "default",
        "POSTGRE_NAME": "postgres",
        "POSTGRE_USER": "postgres",
        "POSTGRE_PASSWORD": "",
        "POSTGRE_HOST": "127.0.0.1",
        "POSTGRE_PORT": str(database.port),
        "LABEL_STUDIO_BASE_DATA_DIR": str(folder),
        "SECRET_KEY": secrets.token_urlsafe(40),
        "COLLECT_ANALYTICS": "false",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
        "LATEST_VERSION_CHECK": "false",
        "DEBUG": "false",
        "LOG_LEVEL": "ERROR",
    }


def _home_of(python: Path) -> Path:
    [home] = python.parents[1].glob("lib/python3*/site-packages/label_studio")
    return home


def _manage(python: Path, home: Path, environment: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        [str(python), "manage.py", *words],
        cwd=home,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(f"Label Studio's {words[0]} failed:\n{done.stderr[-2000:]}")
    return done.stdout


@contextmanager
def _answering(
    python: Path, home: Path, site: Site, database: PostgreSQL
) -> Iterator[Running]:
    port = free_port()
    words = f"-m gunicorn core.wsgi --workers {WORKERS} --timeout 120 --bind"
    with Path(site.environment["LABEL_STUDIO_BASE_DATA_DIR"], "log").open("ab") as log:
        web = subprocess.Popen(
            [str(python), *words.split(), f"127.0.0.1:{port}"],
            cwd=home,
            env=site.environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        wait_until(lambda: _answers(port), "an answer of Label Studio", seconds=300)
        yield Running(site, port, {"web": web.pid, "postgresql": database.pid})
    finally:
        kill(web)


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    return False


def _project(port: int, names: dict[str, Any], password: str, side: int) -> int:
    """Make the project and its tasks through Label Studio's own API."""
    owner = Labeller(Browser(port), names["owner"], password)
    return asyncio.run(_made(owner, names, side))


async def _made(owner: "Labeller", names: dict[str, Any], side: int) -> int:
    await owner.sign_in()
    readers = len(names["readers"])
    wanted = {"title": "load", "maximum_annotations": readers}
    made = (await owner._ask("project", 201, "POST", "/api/projects/", wanted)).json()
    project = int(made["id"])
    # A project whose tasks have a text beside the image takes no images alone.
    images = uploaded(owner.browser, project, side)
    asked = {"label_config": LABELS}
    await owner._ask("configuration", 200, "PATCH", f"/api/projects/{project}/", asked)
    tasks = [
        {
            "image": images[number % len(images)],
            "report": f"The lungs are clear. The heart is normal. Case {number}.",
        }
        for number in range(TASKS)
    ]
    await owner._ask("import", 201, "POST", f"/api/projects/{project}/import", tasks)
    return project


class Labeller(Scripted):
    """A reader at Label Studio: submits a choice and asks for the next task."""

    sign_in_path = "/user/login/"

    def __init__(
        self, browser: Browser, name: str, password: str, *, project: int = 0
    ) -> None:
        super().__init__(browser, name, password)
        self.project = project

    async def read(self, until: Callable[[], bool]) -> None:
        task = await self._next()
        while not until():
            began = time.perf_counter()
            await self._submit(task)
            task = await self._next()
            self.note("submit and next", time.perf_counter() - began)

    async def _next(self) -> int:
        path = f"/api/projects/{self.project}/next/"
        answer = await self.browser.ask("GET", path)
        if answer.status == 404:
            raise Done
        if answer.status != 200:
            raise Failed(f"next: {answer.status} {answer.body[:200]!r}")
        task = answer.json()
        await self._ask("radiograph", 200, "GET", task["data"]["image"])
        return int(task["id"])

    async def _submit(self, task: int) -> None:
        choice = {"choices": [secrets.choice("ABCD")]}
        content = {
            "result": [
                {
                    "from_name": "grade",
                    "to_name": "report",
                    "type": "choices",
                    "value": choice,
                }
            ],
            "lead_time": 20.0,
        }
        path = f"/api/tasks/{task}/annotations/?project={self.project}"
        await self._ask("grade", 201, "POST", path, content)
        self.grades += 1


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
