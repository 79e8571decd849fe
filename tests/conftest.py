"""The surroundings of every test: settings, a private PostgreSQL, counted omissions.

Tests run on a throw-away PostgreSQL and the filesystem broker. TEST_DATABASE_URL names
another server (sqlite:///PATH for the embedded default), TEST_REDIS_URL another Redis.
What lies under the pure folders needs neither Django nor a server and starts none.
The database tests of each app carry the marker `sqlite`: embedded/ runs them once more
on the embedded default.
"""

import atexit
import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests import left_out, longest_first, migrated, slowest
from tests.orthanc import there_is_a_pacs
from tests.servers import PostgreSQL, Redis

TESTS = Path(__file__).resolve().parent
PURE = (TESTS / "inference", TESTS / "statistics")
# Several test processes share the cores: threads of torch and numpy that spin while
# they wait for each other take them from everybody. Read when the libraries load.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")
# How long an example takes depends on what else the machine does: no test is timed.
hypothesis.settings.register_profile(
    "readerstudy",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("readerstudy")
collect_ignore = [] if os.environ.get("READERSTUDY_TEST_DATA") else ["realdata"]


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(left_out)
    config.pluginmanager.register(slowest)
    config.pluginmanager.register(longest_first)
    paths = [
        (config.invocation_params.dir / word.split("::")[0]) for word in config.args
    ]
    if not all(_is_pure(path) for path in paths):
        _set_up_django()


def _is_pure(path: Path) -> bool:
    return any(path.resolve().is_relative_to(folder) for folder in PURE)


def _set_up_django() -> None:
    data = tempfile.mkdtemp(prefix="readerstudy-")
    atexit.register(shutil.rmtree, data, ignore_errors=True)
    (Path(data) / "static").mkdir()
    os.environ.setdefault(migrated.FOLDER, f"{data}/migrated")
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "readerstudy.settings",
        # Playwright runs an event loop in the thread of the test.
        "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
        "SECRET_KEY": "only-for-tests",
        "DEBUG": "false",
        "DEMONSTRATION": "false",
        "DATA_DIR": data,
        "MEDIA_ROOT": f"{data}/media",
        "DATABASE_URL": _database_url(),
        "BROKER_URL": "filesystem://",
        "ALLOWED_HOSTS": "testserver,127.0.0.1,localhost",
        "SECURE_COOKIES": "false",
        "SECURE_SSL_REDIRECT": "false",
        "SECOND_FACTOR_REQUIRED": "nobody",
        "WEBHOOK_RECEIVERS": "registry=http://127.0.0.1:9/told",
        "CXR_LLAVA_CHECKPOINT": str(TESTS.parent / "inference" / "demonstration"),
        "CXR_LLAVA_DEVICE": "cpu",
    }
    from django.conf import settings

    # pytest-django takes over from here, now that there are settings to find.
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        # A file: transactions in memory do not wait for each other as on disk.
        database.setdefault("TEST", {})["NAME"] = f"{data}/test.sqlite3"
    from tests.static_once import look_up_static_files_once

    look_up_static_files_once()
    _hash_passwords_quickly()


def _hash_passwords_quickly() -> None:
    """By Argon2 as the site does, with as little work as it allows."""
    from django.contrib.auth.hashers import Argon2PasswordHasher

    Argon2PasswordHasher.time_cost = Argon2PasswordHasher.parallelism = 1
    Argon2PasswordHasher.memory_cost = 8


def _database_url() -> str:
    # The server of the default starts with the first test that needs it, and only then
    # is its port known.
    given = os.environ.get("TEST_DATABASE_URL")
    return given or "postgres://postgres@127.0.0.1/postgres"


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported is never garbage: it is not looked for there, now or later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    _leave_out(config, items, "r", shutil.which("Rscript") is not None)
    has_registry = shutil.which("docker-registry") is not None
    _leave_out(config, items, "registry", has_registry)
    _leave_out(config, items, "pacs", there_is_a_pacs())
    _leave_out(config, items, "dcmtk", shutil.which("dsrdump") is not None)
    _leave_out(config, items, "latex", shutil.which("pdflatex") is not None)
    _leave_out(config, items, "promtool", shutil.which("promtool") is not None)
    for test in items:
        folder = test.path.relative_to(TESTS).parts[0]
        if folder == "browser":
            test.add_marker("browser")
        elif test.get_closest_marker("django_db") and is_an_app(folder):
            test.add_marker("sqlite")


def _leave_out(
    config: pytest.Config, items: list[pytest.Item], marker: str, is_there: bool
) -> None:
    """Tests of what this machine lacks can't run; they are counted as left out."""
    without = [test for test in items if test.get_closest_marker(marker)]
    if not without or is_there:
        return
    items[:] = [test for test in items if test not in without]
    config.hook.pytest_deselected(items=without)


def is_an_app(folder: str) -> bool:
    return (TESTS.parent / "readerstudy" / folder).is_dir()


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """The database server of this process; started on first use."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    with PostgreSQL(fast=True, data=migrated.cluster()) as server:
        yield server.url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis for BROKER_URL; started on first use."""
    given = os.environ.get("TEST_REDIS_URL")
    if given:
        yield given
        return
    with Redis() as server:
        yield server.url


@pytest.fixture(scope="session")
def started() -> Iterator[Callable[[list[str]], Any]]:
    """Start a Chromium with further arguments; one for all tests that ask for them.

    Here, and not beside the browser tests: Playwright starts once in a process.
    """
    from tests.chromium import chromiums

    with chromiums() as start:
        yield start


@pytest.fixture(scope="session")
def _only_filled_tables_are_emptied() -> Iterator[None]:
    """After a test that commits; not by Django's flush, which triggers would refuse."""
    from django.test import TransactionTestCase

    from tests.tables import empty_tables

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            TransactionTestCase, "_fixture_teardown", lambda _: empty_tables()
        )
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
    _only_filled_tables_are_emptied: None,
    database_url: str,
) -> None:
    """Lead Django to the server that has just been started, and to a migrated copy."""
    from django.conf import settings
    from environs import Env

    database = settings.DATABASES["default"]
    database |= {
        key: value
        for key, value in Env().dj_db_url("", database_url).items()
        if key in {"HOST", "PORT", "USER", "PASSWORD"}
    }
    if database["ENGINE"].endswith("sqlite3"):
        shutil.copy(migrated.sqlite_file(), database["TEST"]["NAME"])
    elif "TEST_DATABASE_URL" not in os.environ:
        database["TEST"]["TEMPLATE"] = "postgres"


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Whether Django takes the database that is there, as a copied file of SQLite."""
    from django.conf import settings

    return bool(settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"))


@pytest.fixture
def drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures that this process has drawn from the same results are kept."""
    from tests import drawn

    monkeypatch.setattr(drawn.FigureKind, "files", drawn.drawn_once)


@pytest.fixture
def drawn_anew(drawn_once: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """For a test of drawing itself where figures are kept."""
    from tests import drawn

    monkeypatch.setattr(drawn.FigureKind, "files", drawn.drawn_anew)
