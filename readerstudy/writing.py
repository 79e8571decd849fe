"""Rows that are stored and changed by statements which are put into SQL once.

For the few that every grade of a reader needs, as statements.py has it for what is
asked: to word them takes Django longer than PostgreSQL needs to carry them out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Model, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.sql import UpdateQuery

from readerstudy.statements import Prepared, standing_for

Row = TypeVar("Row", bound=Model)
# More rows at once than this are seldom, and a statement for each number of them is
# not worth its place.
MOST = 4
_COLUMN = "stands for a column: "


class Insertion(Generic[Row]):
    """New rows of a table whose keys the database gives, as `bulk_create` has them."""

    def __init__(self, model: type[Row]) -> None:
        self._model = model
        self._worded: dict[tuple[str, int], Prepared] = {}

    def store(self, rows: Sequence[Row]) -> None:
        """Store rows that are new, in one query, and give them their keys."""
        if len(rows) > MOST:
            self._model._base_manager.bulk_create(rows)
        elif rows:
            self._store(rows)

    def _store(self, rows: Sequence[Row]) -> None:
        here = connections[DEFAULT_DB_ALIAS]
        known = here.vendor, len(rows)
        prepared = self._worded.get(known) or self._put_into_words(known)
        values = [
            field.get_db_prep_save(field.pre_save(row, add=True), here)
            for row in rows
            for field in self._fields
        ]
        with here.cursor() as cursor:
            cursor.execute(prepared.on(here), values)
            keys = cursor.fetchall()
        for row, (key,) in zip(rows, keys, strict=True):
            row.pk = key
            row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS

    @property
    def _fields(self) -> list[Any]:
        concrete = self._model._meta.local_concrete_fields
        return [field for field in concrete if not field.primary_key]

    def _put_into_words(self, known: tuple[str, int]) -> Prepared:
        meta: Any = self._model._meta
        quoted = connection.ops.quote_name
        _, number = known
        columns = ", ".join(quoted(field.column) for field in self._fields)
        row = f"({', '.join(['%s'] * len(self._fields))})"
        sql = (
            f"INSERT INTO {quoted(meta.db_table)} ({columns}) "  # noqa: S608
            f"VALUES {', '.join([row] * number)} RETURNING {quoted(meta.pk.column)}"
        )
        prepared = Prepared(sql, len(self._fields) * number)
        return self._worded.setdefault(known, prepared)


class Change(Generic[Row]):
    """Columns of the rows of a query set to values; as `update` changes them.

    `numbers` and `words` name the values of the query, as in Statement.
    """

    def __init__(
        self,
        make: Callable[..., QuerySet[Row]],
        *,
        columns: Sequence[str],
        numbers: Sequence[str] = (),
        words: Sequence[str] = (),
    ) -> None:
        self._make = make
        self._columns = columns
        self._stands_for = standing_for(numbers, words)
        self._worded: dict[str, _Worded] = {}

    def apply(self, columns: Mapping[str, Any], **values: int | str) -> int:
        """Set the columns; returns how many rows there were."""
        here = connections[DEFAULT_DB_ALIAS]
        worded = self._worded.get(here.vendor) or self._put_into_words()
        given: dict[Any, Any] = {
            _COLUMN + field.name: field.get_db_prep_save(columns[field.name], here)
            for field in worded.fields
        }
        given |= values
        asked = [given[name] if name else value for name, value in worded.values]
        with here.cursor() as cursor:
            cursor.execute(worded.prepared.on(here), asked)
            return int(cursor.rowcount)

    def _put_into_words(self) -> "_Worded":
        rows = self._make(**{name: value for value, name in self._stands_for.items()})
        query: Any = rows.query.chain(UpdateQuery)
        marks = {_COLUMN + name: name for name in self._columns}
        query.add_update_values(
            {name: RawSQL("%s", [mark]) for mark, name in marks.items()}
        )
        sql, values = query.get_compiler(connection=connection).as_sql()
        names = {mark: mark for mark in marks} | self._stands_for
        worded = _Worded(
            prepared=Prepared(sql, len(values)),
            values=[(names.get(value), value) for value in values],
            fields=[rows.model._meta.get_field(name) for name in self._columns],
        )
        return self._worded.setdefault(connection.vendor, worded)


@dataclass(frozen=True)
class _Worded:
    """A change in SQL, where each value goes, and the fields that are set."""

    prepared: Prepared
    values: Sequence[tuple[str | None, Any]]
    fields: Sequence[Any]
