"""A row as a line of JSON that names other rows by what they are called everywhere."""

import datetime
import json
from decimal import Decimal
from typing import Any

from django.db.models import Field, ForeignKey, Model

from readerstudy.export.moving.declared import DECLARED

Row = dict[str, Any]
Key = list[Any]


def column(model: type[Model], name: str) -> "Field[Any, Any]":
    """The column of that name."""
    found = model._meta.get_field(name)
    if not isinstance(found, Field):
        raise TypeError(f"{model._meta.label}.{name} is no column.")
    return found


def target_of(model: type[Model], name: str) -> type[Model] | None:
    """The model that a column refers to; None for a plain value."""
    found = column(model, name)
    if not isinstance(found, ForeignKey):
        return None
    related: type[Model] = found.remote_field.model
    return related


def key_of(label: str, row: Row) -> Key:
    """What a row is called on every server."""
    return [row[name] for name in DECLARED[label].key]


def plain(value: Any) -> Any:
    """A value of a column as JSON has it."""
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def dumps(value: Any) -> str:
    """JSON that is the same for the same content."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
