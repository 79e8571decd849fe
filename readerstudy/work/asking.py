"""Asking for work that is done once, however many ask for it at the same time."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import IntegrityError, transaction

from readerstudy.work.models import Work

Kind = TypeVar("Kind", bound=Work)
_TRIES = 3


def made_or_waiting(
    model: type[Kind], same: Mapping[str, Any], **other: Any
) -> tuple[Kind, bool]:
    """New work, or the unfinished one of the same; and whether it is new.

    same    what no two unfinished rows have alike, as a constraint of the model says
    other   the other columns of a new row
    """
    rows: Any = model._default_manager
    for tried in range(_TRIES):
        try:
            with transaction.atomic():
                return rows.create(**same, **other), True
        except IntegrityError:
            waiting: Kind | None = rows.unfinished().filter(**same).first()
            if waiting is not None:
                return waiting, False
            # It ended before it was looked up: there is room for a new one.
            if tried == _TRIES - 1:
                raise
    raise AssertionError("unreachable")
