"""The people of every test: Rosa reads, Cora coordinates, Anya analyses, Nils is an
outsider. Ravi and Ruth read too, where a story needs more readers."""

import time
from dataclasses import dataclass
from functools import cached_property

from allauth.usersessions.models import UserSession
from django.db.models import Max
from django.test import Client

from readerstudy.accounts.models import User
from readerstudy.studies.account.sessions import begin
from readerstudy.studies.models import Membership, Study


@dataclass
class Person:
    """A user with a browser, which signs in when it is first used."""

    user: User

    @cached_property
    def client(self) -> Client:
        return sign_in(self.user)


def sign_in(user: User, client: Client | None = None) -> Client:
    """A test client in which a user has just signed in with the password."""
    client = client or Client()
    client.force_login(user)
    session = client.session
    begin(session)
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time(), "username": user.username}
    ]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client


def noted(someone: "Person") -> Client:
    """Their browser, and the note of whose session it is that a sign-in leaves."""
    key = someone.client.session.session_key
    UserSession.objects.create(user=someone.user, session_key=key, ip="127.0.0.1")
    return someone.client


def person(name: str, *, may_create_studies: bool = False) -> Person:
    """A user of that name, made on first use."""
    found = User.objects.filter(username=name.lower()).first()
    return Person(
        found
        or User.objects.create(
            id=_next_number(),
            username=name.lower(),
            first_name=name,
            may_create_studies=may_create_studies,
        )
    )


def _next_number() -> int:
    """The number of a new account, the same wherever the same people are asked for.

    PostgreSQL's own numbers go on from test to test; these begin far above them.
    """
    last: int = User.objects.aggregate(last=Max("pk"))["last"] or 0
    return max(last, 1_000_000) + 1


def enters(username: str, password: str) -> bool:
    """Whether the sign-in page lets somebody in with a password."""
    typed = {"username": username, "password": password}
    return Client().post("/sign-in/", typed).status_code == 302


def rosa() -> Person:
    return person("Rosa")


def cora() -> Person:
    return person("Cora", may_create_studies=True)


def anya() -> Person:
    return person("Anya")


def nils() -> Person:
    return person("Nils")


def join(study: Study, someone: Person, role: str, code: str = "") -> Membership:
    """Give a person a role directly, whatever state the study is in."""
    return Membership.objects.create(
        study=study, user=someone.user, role=role, reader_code=code
    )
