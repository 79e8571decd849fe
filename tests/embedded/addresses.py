"""Every address answers on SQLite as the matrix of permissions says; see again.py.

Each is asked by one person who may, in a draft, an open and a closed study.
"""

import pytest

from tests.people import anya, cora, rosa
from tests.test_permissions import (
    Line,
    addressed,
    ask,
    by_world,
    forgotten,
    lines,
    other_people,
    study_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
GRANTED = ("200", "201", "202", "204", "302")
STATES = ("draft", "open", "closed")


def who_may(line: Line) -> str | None:
    """A role that gets more than a refusal."""
    roles = ("coordinator", "reader", "analyst")
    return next((role for role in roles if line[role] in GRANTED), None)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.usefixtures("drawn_once")
def test_every_address_answers_who_may_ask(state, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    # A busy machine may take longer than a password counts.
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 86_400
    study = study_in(state)
    # One of them is who is added to the study.
    other_people()
    people = {"coordinator": cora(), "reader": rosa(), "analyst": anya()}
    clients = {role: someone.client for role, someone in people.items()}
    wrong, asked = [], 0
    for group in by_world(line for line in lines() if line["state"] == state):
        with addressed(study, group) as those:
            for line, path in those:
                role = who_may(line)
                if role is None:
                    continue
                with forgotten(clients[role]):
                    answer = ask(clients[role], line, path)
                    if answer.streaming:
                        b"".join(answer)
                asked += 1
                got = str(answer.status_code)
                if got != line[role]:
                    wrong.append((line["url"], line["method"], role, got))
    assert wrong == []
    assert asked > 50
