"""The people of every test: Rosa reads, Cora coordinates, Anya analyses, Nils is an
outsider. Ravi and Ruth read too, where a story needs more readers."""

from dataclasses import dataclass
from functools import cached_property

from django.test import Client

from readerstudy.accounts.models import User
from readerstudy.studies.models import Membership, Study


@dataclass
class Person:
    """A user with a browser, which signs in when it is first used."""

    user: User

    @cached_property
    def client(self) -> Client:
        return sign_in(self.user)


def sign_in(user: User) -> Client:
    """A test client signed in as a user."""
    client = Client()
    client.force_login(user)
    return client


def person(name: str, *, may_create_studies: bool = False) -> Person:
    """A user of that name, made on first use."""
    user, _ = User.objects.get_or_create(
        username=name.lower(),
        defaults={"first_name": name, "may_create_studies": may_create_studies},
    )
    return Person(user)


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
