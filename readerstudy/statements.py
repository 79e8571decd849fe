"""Queries that are put into SQL once, and then asked with other values.

For the few that every request of a reader makes: Django takes longer to put such a
query into SQL than the database takes to answer it. What is asked, and what comes back,
are those of the queryset; only the values differ from time to time.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators
from django.db.transaction import TransactionManagementError

Row = TypeVar("Row", bound=Model)
# Stand for the values while a query is put into SQL, in the range of every column; no
# query has them otherwise.
_NUMBERS = 31_000
_WORDS = "stands for a value: "
# What each connection knows by name.
_KNOWN: "WeakKeyDictionary[Any, set[str]]" = WeakKeyDictionary()


def standing_for(numbers: Sequence[str], words: Sequence[str]) -> dict[Any, str]:
    """What stands for values while a query is put into SQL, each with its name."""
    return {_NUMBERS + place: name for place, name in enumerate(numbers)} | {
        _WORDS + name: name for name in words
    }


class Prepared:
    """SQL that PostgreSQL plans once a connection, under a name of its own."""

    def __init__(self, sql: str, values: int) -> None:
        self.sql = sql
        # The same in every process: where a pool hands one connection to several
        # against its instructions, no name stands for another's statement.
        self._name = f"readerstudy_{hashlib.sha256(sql.encode()).hexdigest()[:24]}"
        self._call = f"EXECUTE {self._name} ({', '.join(['%s'] * values)})"

    def on(self, here: Any) -> str:
        """What to execute on a connection, with as many values as there are."""
        if here.vendor != "postgresql":
            return self.sql
        known = _KNOWN.setdefault(here.connection, set())
        if self._name not in known:
            parts = self.sql.replace("%%", "%").split("%s")
            numbered = (f"${place}{part}" for place, part in enumerate(parts[1:], 1))
            with here.wrap_database_errors:
                here.connection.execute(
                    f"PREPARE {self._name} AS {parts[0]}{''.join(numbered)}"
                )
            known.add(self._name)
        return self._call


@dataclass(frozen=True)
class _Worded:
    """A query in SQL, where each value goes, and how rows become models."""

    prepared: Prepared
    values: Sequence[tuple[str | None, Any]]
    model: Any
    converters: Mapping[int, Any]
    annotations: Sequence[tuple[str, int]]
    columns: Sequence[str]
    others: Sequence[Any]


class Statement(Generic[Row]):
    """A query by its values. `numbers` and `words` name them; `make` takes them.

    lock   what PostgreSQL adds to lock the rows until the transaction is over, such as
           "FOR UPDATE OF presentation_slot"; SQLite has one writer at a time
    """

    def __init__(
        self,
        make: Callable[..., QuerySet[Row]],
        *,
        numbers: Sequence[str] = (),
        words: Sequence[str] = (),
        lock: str = "",
    ) -> None:
        self._make = make
        self._stands_for = standing_for(numbers, words)
        self._lock = lock
        self._worded: dict[str, _Worded] = {}

    def rows(self, **values: int | str) -> list[Row]:
        """The rows that there are for these values; one query."""
        if self._lock and connection.get_autocommit():
            raise TransactionManagementError("Rows are locked in a transaction only.")
        # This thread's own, looked up once: each look costs as much as a small query.
        here = connections[DEFAULT_DB_ALIAS]
        worded = self._worded.get(here.vendor) or self._put_into_words()
        asked = [values[name] if name else value for name, value in worded.values]
        with here.cursor() as cursor:
            cursor.execute(worded.prepared.on(here), asked)
            found = cursor.fetchall()
        return [_model(worded, _converted(worded, row, here)) for row in found]

    def first(self, **values: int | str) -> Row | None:
        """The first of them, or None."""
        found = self.rows(**values)
        return found[0] if found else None

    def _put_into_words(self) -> _Worded:
        query = self._make(**{name: value for value, name in self._stands_for.items()})
        compiler: Any = query.query.get_compiler(connection=connection)
        sql, values = compiler.as_sql()
        if self._lock and connection.vendor == "postgresql":
            sql = f"{sql} {self._lock}"
        places = compiler.klass_info["select_fields"]
        worded = _Worded(
            prepared=Prepared(sql, len(values)),
            values=[(self._stands_for.get(value), value) for value in values],
            model=compiler.klass_info["model"],
            converters=compiler.get_converters(
                [each[0] for each in compiler.select[: compiler.col_count]]
            ),
            annotations=list(compiler.annotation_col_map.items()),
            columns=[compiler.select[place][0].target.attname for place in places],
            others=get_related_populators(  # type: ignore[call-arg]
                compiler.klass_info, compiler.select, connection.alias
            ),
        )
        self._worded[connection.vendor] = worded
        return worded


def _converted(worded: _Worded, row: Sequence[Any], here: Any) -> Sequence[Any]:
    """A row of the database as its fields have it."""
    values = list(row)
    for place, (converters, expression) in worded.converters.items():
        for convert in converters:
            values[place] = convert(values[place], expression, here)
    return values


def _model(worded: _Worded, row: Sequence[Any]) -> Any:
    columns = len(worded.columns)
    made = worded.model.from_db(DEFAULT_DB_ALIAS, worded.columns, row[:columns])
    for other in worded.others:
        other.populate(row, made)
    for name, place in worded.annotations:
        setattr(made, name, row[place])
    return made
