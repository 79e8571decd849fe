"""A world that was made once is put back row by row for the tests that want the same.

The services take a good part of a second to make a study, and hundreds of tests begin
with the same one. The first test of a process makes it through the services; the next
ones get its very rows and files. They are put back through all constraints and
triggers, into the test's own transaction: no test sees another's.

This holds only where nothing but the same accounts is there yet, with the same settings
and the real clock; everywhere else it is made anew. No message is sent again that
called a worker: there is nothing left for it to do.
"""

import functools
import inspect
import tempfile
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, ParamSpec, TypeVar

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model
from django.test import override_settings
from django.utils import timezone

from readerstudy.accounts.models import User
from tests.people import Person
from tests.tables import filled_tables

# The accounts are looked at one by one.
ACCOUNTS = "accounts_user"
# A case set that is locked takes no further rows, so it follows what belongs to it.
LAST = "cases_caseset"
NOW = timezone.now
Made = TypeVar("Made", bound=Model)
Wish = ParamSpec("Wish")


@dataclass(frozen=True)
class World(Generic[Made]):
    """Rows as INSERT statements, files of the media folder, and what was made."""

    statements: list[str]
    files: dict[Path, bytes]
    made: Made

    def put_back(self) -> Made:
        _write(self.files)
        with transaction.atomic(), connection.cursor() as cursor:
            if _is_postgresql():
                first = "SET CONSTRAINTS ALL DEFERRED"
                cursor.execute(";".join([first, *self.statements]))
            else:
                for statement in self.statements:
                    cursor.execute(statement)
        return _again(self.made)


WORLDS: dict[Hashable, World[Any]] = {}


def remembered(make: Callable[Wish, Made]) -> Callable[Wish, Made]:
    """Let a function of worlds.py make the same world only once a process."""
    signature = inspect.signature(make)

    @functools.wraps(make)
    def made(*words: Wish.args, **options: Wish.kwargs) -> Made:
        if timezone.now is not NOW or set(filled_tables()) - {ACCOUNTS}:
            return make(*words, **options)
        wished = _plain(signature.bind(*words, **options).arguments)
        before = _accounts()
        moment = (make.__name__, wished, before, _overridden())
        if moment not in WORLDS:
            with tempfile.TemporaryDirectory() as folder:
                with override_settings(MEDIA_ROOT=Path(folder)):
                    result = make(*words, **options)
                files = _read(Path(folder))
            if not set(before) <= set(_accounts()):
                raise AssertionError(f"{make.__name__} changed an account")
            WORLDS[moment] = World(_statements(before), files, result)
            _write(files)
            return _again(result)
        return WORLDS[moment].put_back()

    return made


def _again(made: Made) -> Made:
    """What was made, read anew: the first test and the next ones hold the same."""
    return type(made)._default_manager.get(pk=made.pk)


def _plain(wished: Any) -> Hashable:
    if isinstance(wished, Person):
        return ("person", wished.user.pk)
    if isinstance(wished, dict):
        return tuple((name, _plain(word)) for name, word in sorted(wished.items()))
    if isinstance(wished, list | tuple):
        return tuple(map(_plain, wished))
    return wished  # type: ignore[no-any-return]


def _overridden() -> Hashable:
    """The settings of this test that are not those of the run."""
    found: dict[str, str] = {}
    holder = settings._wrapped
    while hasattr(holder, "default_settings"):
        own = {name: repr(value) for name, value in vars(holder).items()}
        found = {name: own[name] for name in own if name.isupper()} | found
        holder = holder.default_settings
    found.pop("MEDIA_ROOT", None)
    return tuple(sorted(found.items()))


def _accounts() -> tuple[tuple[Any, ...], ...]:
    """The accounts as they are, but for when they came; the key comes first."""
    apart = {"date_joined", "last_login", "password"}
    columns = [field.attname for field in User._meta.concrete_fields]
    kept = ["pk", *(column for column in columns if column not in apart)]
    return tuple(User.objects.order_by("pk").values_list(*kept))


def _statements(before: tuple[tuple[Any, ...], ...]) -> list[str]:
    """All rows but the accounts of before, as INSERT statements."""
    there = [str(account[0]) for account in before]
    others = f" WHERE id NOT IN ({', '.join(there)})" if there else ""
    filled = sorted(filled_tables(), key=lambda table: table == LAST)
    rows = [_inserted(table, others if table == ACCOUNTS else "") for table in filled]
    return [statement for statement in rows if statement]


def _inserted(table: str, where: str) -> str:
    exactly = "quote_nullable({}::text)" if _is_postgresql() else "quote({})"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} LIMIT 0")
        columns = [f'"{name}"' for name, *_ in cursor.description]
        values = ", ".join(exactly.format(column) for column in columns)
        cursor.execute(f"SELECT {values} FROM {table}{where}")
        rows = [f"({', '.join(row)})" for row in cursor.fetchall()]
    if not rows:
        return ""
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join(rows)}"


def _is_postgresql() -> bool:
    return connection.vendor == "postgresql"


def _read(folder: Path) -> dict[Path, bytes]:
    return {
        path.relative_to(folder): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def _write(files: dict[Path, bytes]) -> None:
    for name, content in files.items():
        path = Path(settings.MEDIA_ROOT) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
