"""Every address x role x state x own or other study: permissions.csv, line by line.

With a session, and with a token; also as a person who has no role anywhere, and as a
superuser of Django's who has none.
"""

from collections import Counter
from collections.abc import Iterator

import pytest
from django.contrib.auth import get_user
from django.test import Client
from django.urls import resolve

from readerstudy.accounts.models import User
from tests import worlds
from tests.people import Person, anya, cora, nils, person, rosa
from tests.test_permissions import (
    STATES,
    Line,
    addressed,
    ask,
    by_world,
    every_part,
    forgotten,
    lines,
    other_people,
    study_in,
)

pytestmark = pytest.mark.slow(seconds=110)
ROLELESS = {"outsider", "administrator"}
OF_ADMINISTRATORS = {
    "operations:work": 200,
    "operations:storage": 200,
    "operations:retry": 302,
}


def everyone() -> dict[str, Client]:
    """A signed-in browser for each role, and for two people who have none anywhere."""
    people = {"reader": rosa(), "coordinator": cora(), "analyst": anya()}
    people |= other_people()
    people |= {"outsider": nils(), "administrator": administrator()}
    return {"anonymous": Client()} | {
        role: someone.client for role, someone in people.items()
    }


def administrator() -> Person:
    """A superuser of Django's, who has no role in any study."""
    ada = person("Ada")
    User.objects.filter(pk=ada.user.pk).update(is_superuser=True, is_staff=True)
    return Person(User.objects.get(pk=ada.user.pk))


def expected(line: Line, role: str) -> int:
    """What the file says; without a role in any study one is as a stranger of another,
    whatever Django's own flags allow, but for the pages of the site itself."""
    if role == "administrator" and line["url"] in OF_ADMINISTRATORS:
        return OF_ADMINISTRATORS[line["url"]]
    return int(line["other_analyst" if role in ROLELESS else role])


def status(client: Client, line: Line, path: str) -> int:
    """Ask, read the answer to its end, and leave no trace of it."""
    with forgotten(client):
        answer = ask(client, line, path)
        if answer.streaming:
            b"".join(answer)
    return answer.status_code


@pytest.mark.django_db
@pytest.mark.usefixtures("drawn_once")
@pytest.mark.parametrize("state", STATES)
def test_each_role_gets_what_the_matrix_says(state, settings, tmp_path):
    """Every address, method and role in one state; in one world, put back each time.

    An address of a study is asked in every state, one of the site where the file has
    it. The API is asked with a token as well as with a session, and is to answer alike;
    what names no scope, such as a rehearsal, opens to no token.
    """
    settings.MEDIA_ROOT = tmp_path
    # A busy machine may take longer than a password counts.
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 86_400
    study = study_in(state)
    clients = everyone()
    scripts = {role: with_token(client) for role, client in clients.items()}
    wrong = []
    for group in by_world(line for line in lines() if line["state"] == state):
        with addressed(study, group) as asked:
            for line, path in asked:
                for role, got, wanted in answers(line, path, clients, scripts):
                    if got != wanted:
                        wrong.append((line["url"], line["method"], role, got, wanted))
    assert wrong == []


def answers(
    line: Line, path: str, clients: dict[str, Client], scripts: dict[str, Client]
) -> Iterator[tuple[str, int, int]]:
    """What each role gets and should get; of the API with a token as well."""
    for role, client in clients.items():
        yield role, status(client, line, path), expected(line, role)
    operation = getattr(resolve(path).func, "cls", None)
    if operation is None or line["anonymous"] != "401":
        return
    is_open = hasattr(operation, "token_scope")
    for role, client in scripts.items():
        wanted = expected(line, role)
        if not is_open and role != "anonymous":
            wanted = 403
        yield f"{role} with a token", status(client, line, path), wanted


def with_token(client: Client) -> Client:
    """The script of whoever uses a browser: without its session, with a token."""
    user = get_user(client)  # type: ignore[arg-type]
    if not isinstance(user, User):
        return Client()
    key = worlds.token(Person(user), "script").key
    return Client(headers={"authorization": f"Token {key}"})


@pytest.mark.django_db
def test_a_token_opens_no_page(settings, tmp_path):
    """It is for the API alone: a page sends whoever has nothing else to the sign-in."""
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study()
    script = with_token(cora().client)
    opened = []
    pages = [
        line
        for line in lines()
        if line["state"] == "open" and line["anonymous"] == "302"
    ]
    for group in by_world(pages):
        with addressed(study, group) as asked:
            for line, path in asked:
                got = status(script, line, path)
                if got != 302:
                    opened.append((line["url"], line["method"], got))
    assert opened == []


def test_an_address_of_a_study_stands_in_the_matrix_in_every_state():
    """Each method with each state once; print what is missing, to be thought about."""
    listed = Counter((line["url"], line["method"], line["state"]) for line in lines())
    assert [each for each, times in listed.items() if times > 1] == []
    pairs = {(line["url"], line["method"]) for line in lines()}
    of_a_study = {url for url, parts in every_part() if parts & {"code", "public_id"}}
    missing = [
        (url, method, state)
        for url, method in sorted(pairs)
        for state in (STATES if url in of_a_study else ["open", "closed"])
        if (url, method, state) not in listed
    ]
    assert missing == []
