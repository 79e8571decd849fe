"""A site for the requests of strangers: a study that is read, and a closed one."""

import itertools
from dataclasses import dataclass
from typing import Any

from django.middleware.csrf import _get_new_csrf_string

from readerstudy.export.columns import TABLES
from readerstudy.presentation.models import Slot
from tests import worlds
from tests.people import Person, anya, cora, nils, rosa


@dataclass(frozen=True)
class Caller:
    """Somebody with a token or a session, as headers of a request."""

    name: str
    headers: dict[str, str]

    def __repr__(self) -> str:
        return self.name


@dataclass(frozen=True)
class World:
    """Who may ask, and what there is to ask for, by the name of a path's parameter."""

    callers: list[Caller]
    known: dict[str, list[Any]]

    @classmethod
    def made(cls) -> "World":
        """Two studies whose reader is Rosa."""
        closed = worlds.closed_study("closed", cases=2)
        study = worlds.open_study("open", cases=2)
        worlds.practice_case(study)
        reader = study.membership_set.readers().get()
        worlds.prepare(reader)
        worlds.grade_next(reader, "B")
        slots = Slot.objects.filter(reader__study__in=[closed, study]).leading()
        return cls(
            callers=[
                caller(someone)
                for someone in (rosa(), cora(), anya(), nils())
                for caller in (by_token, by_session)
            ]
            + [Caller("a stranger", {})],
            known={
                "code": [study.code, closed.code, "none"],
                "public_id": [*slots.values_list("public_id", flat=True), "none"],
                "number": [0, 1, 7],
                "file": _files(),
            },
        )

    def places(self, operation: Any) -> list[dict[str, Any]]:
        """Parameters of an operation, each with everything that is known."""
        names = [each.name for each in operation.path_parameters]
        known = [self.known[name] for name in names]
        return [
            dict(zip(names, each, strict=True)) for each in itertools.product(*known)
        ]

    def body_of(self, operation: Any) -> Any:
        """A body that is as it should be."""
        bodies = {
            "slot_draft": {"letter": "B"},
            "slot_grade": {"letter": "B", "idempotency_key": "0123456789"},
        }
        return bodies.get(operation.definition.raw["operationId"])


def _files() -> list[str]:
    """Every table once, and one of each kind that a table has."""
    first = next(iter(TABLES)).removesuffix(".csv")
    kinds = [f"{first}.{kind}" for kind in ("json", "parquet", "exe")]
    return [*TABLES, *kinds, "headline.csv", "none.csv"]


def by_token(someone: Person) -> Caller:
    """Somebody's script."""
    key = worlds.token(someone).key
    name = f"{someone.user.first_name} by token"
    return Caller(name, {"Authorization": f"Token {key}"})


def by_session(someone: Person) -> Caller:
    """Somebody's browser."""
    session = someone.client.cookies["sessionid"].value
    csrf = _get_new_csrf_string()
    cookies = f"sessionid={session}; csrftoken={csrf}"
    name = f"{someone.user.first_name} by session"
    return Caller(name, {"Cookie": cookies, "X-CSRFToken": csrf})
