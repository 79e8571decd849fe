"""Every page of a hostile study, fetched once for all the tests that look at answers.

Coordinators see drafts and what is closed, readers what is open; the answers outlive
the database in which they were given.
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction

from readerstudy.studies.models import Study
from tests import worlds
from tests.attacks import hostile
from tests.people import cora, rosa
from tests.test_permissions import address, ask, forgotten, lines

WALKS = {
    "draft": (hostile.draft, "coordinator"),
    "open": (hostile.opened, "reader"),
    "closed": (hostile.closed, "coordinator"),
}


@dataclass(frozen=True)
class Answer:
    """What one address said to one person."""

    url: str
    state: str
    path: str
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def kind(self) -> str:
        return self.headers.get("Content-Type", "").partition(";")[0]

    def __repr__(self) -> str:
        return f"{self.url} ({self.state})"


@functools.cache
def walked() -> tuple[Answer, ...]:
    """The answers, each address in each state once."""
    found: list[Answer] = []
    for state, (make, role) in WALKS.items():
        with transaction.atomic():
            found += _walk(make(), state, role)
            transaction.set_rollback(True)
    assert len(found) > 150
    return tuple(found)


def _walk(study: Study, state: str, role: str) -> Iterator[Answer]:
    worlds.practice_case(study)
    asked = [
        (line, address(line["url"], study))
        for line in lines()
        if (line["state"], line["method"]) == (state, "GET")
        if line[role] in {"200", "302"}
    ]
    hostile.poison()
    client = (rosa() if role == "reader" else cora()).client
    for line, path in asked:
        with forgotten(client):
            if line["url"] == "grading:consent":
                Study.objects.filter(pk=study.pk).update(consent=hostile.HOSTILE)
            answer = ask(client, line, path)
            body = b"".join(answer) if answer.streaming else answer.content
        headers = dict(answer.items())
        yield Answer(line["url"], state, path, answer.status_code, headers, body)


def pages() -> list[Answer]:
    """The answers that a browser shows as HTML."""
    return [each for each in walked() if each.kind == "text/html" and each.body]
