"""Rows of science as the record knows them: what one is called, and its digest.

An event that tells of a row carries the row's name and digest, and the chain covers the
event: a row that is altered by hand is found by its name. Nothing here depends on the
numbers that a database gives its rows, so a study that moves to another server keeps
its digests.
"""

import datetime
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Model, QuerySet

from readerstudy.audit.covered import COVERED

# Rows given one by one, or as a query that is asked when the event is written.
Rows = Iterable["Model | QuerySet[Any]"]


def canonical(value: Any) -> str:
    """JSON that is the same for the same content."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def plain(value: Any) -> Any:
    """A value of a column as JSON has it, the same on every database."""
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value.normalize()) if isinstance(value, Decimal) else value


def name_of(label: str, key: Sequence[Any]) -> str:
    """What a row is called in the record: its model and what names it everywhere."""
    return f"{label} {canonical([plain(part) for part in key])}"


def digest_of(label: str, values: Sequence[Any]) -> str:
    """SHA-256 over a row; `values` are those of `Covered.lookups`, in their order."""
    declared = COVERED[label]
    content = {
        lookup: plain(value)
        for lookup, value in zip(declared.lookups, values, strict=True)
        # A column that came later counts once it holds something else than before.
        if lookup not in declared.later or plain(value) != declared.later[lookup]
    }
    return hashlib.sha256(canonical([label, content]).encode()).hexdigest()


def sealed(rows: Rows) -> Iterator[tuple[str, str]]:
    """The name and the digest of every row."""
    for given in rows:
        label = (given.model if isinstance(given, QuerySet) else given)._meta.label
        if isinstance(given, QuerySet):
            for _, name, digest in numbered(label, given):
                yield name, digest
        else:
            lookups = COVERED[label].lookups
            yield _sealed(label, [_value(given, lookup) for lookup in lookups])


def numbered(label: str, rows: "QuerySet[Any]") -> Iterator[tuple[int, str, str]]:
    """Number, name and digest of rows of one table, in the order of their making."""
    found = rows.order_by("pk").values_list("pk", *COVERED[label].lookups)
    for number, *values in found.iterator(chunk_size=2000):
        yield number, *_sealed(label, values)


def label_of(name: str) -> str:
    """The model of a row of that name."""
    return name.partition(" ")[0]


def names(rows: Rows) -> list[str]:
    """The names of rows, for an event that tells that they are gone."""
    return [name for name, _ in sealed(rows)]


def as_stored(row: Model) -> "QuerySet[Any]":
    """A row as the database gives it back, where the one in hand was not read yet."""
    return type(row)._default_manager.filter(pk=row.pk)


def _sealed(label: str, values: Sequence[Any]) -> tuple[str, str]:
    key = values[: len(COVERED[label].key)]
    return name_of(label, key), digest_of(label, values)


def _value(row: Model, lookup: str) -> Any:
    value: Any = row
    for part in lookup.split("__"):
        value = getattr(value, part)
        if value is None:
            break
    return value
