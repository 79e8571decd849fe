"""Every page of a hostile study, fetched once for all the tests that look at answers.

Coordinators see drafts and what is closed, readers what is open; the answers outlive
the database in which they were given.
"""

import functools
from dataclasses import dataclass

from django.conf import settings

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
    from django.db import transaction

    found: list[Answer] = []
    for state, (make, role) in WALKS.items():
        with transaction.atomic():
            study = make()
            client = (rosa() if role == "reader" else cora()).client
            for line in lines():
                if line["state"] != state or line["method"] != "GET":
                    continue
                if line[role] in {"200", "302"}:
                    with transaction.atomic():
                        path = address(line["url"], study)
                        hostile.poison()
                        with forgotten(client):
                            answer = ask(client, line, path)
                            found.append(_kept(line, path, answer))
                        transaction.set_rollback(True)
            transaction.set_rollback(True)
    assert len(found) > 150
    assert settings.MEDIA_ROOT
    return tuple(found)


def _kept(line, path, answer) -> Answer:
    body = b"".join(answer) if answer.streaming else answer.content
    headers = dict(answer.items())
    return Answer(line["url"], line["state"], path, answer.status_code, headers, body)


def pages() -> list[Answer]:
    """The answers that a browser shows as HTML."""
    return [each for each in walked() if each.kind == "text/html" and each.body]
