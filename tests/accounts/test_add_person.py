"""Whoever runs the site makes accounts at the terminal."""

import io

import pytest
from django.core.management import CommandError, call_command

from readerstudy.accounts.models import User
from readerstudy.audit.models import Event
from tests.people import enters

pytestmark = pytest.mark.django_db


def added(*words):
    output = io.StringIO()
    call_command("add_person", *words, stdout=output)
    return output.getvalue()


def test_a_person_can_sign_in_with_the_password_that_is_shown():
    said = added("rosa", "--name", "Rosa Reader")
    password = said.strip().rsplit(" ", 1)[-1]
    assert enters("rosa", password)
    user = User.objects.get()
    assert (str(user), user.may_create_studies) == ("Rosa Reader", False)
    assert not (user.is_staff or user.is_superuser)
    made, *_ = Event.objects.of_stream("site")
    assert (made.verb, made.subject, made.actor) == ("account.made", user.number, None)


def test_a_coordinator_may_create_studies():
    added("cora", "--coordinator")
    assert User.objects.get().may_create_studies


def test_a_password_can_come_from_standard_input_and_is_not_shown(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("a long and odd password\n"))
    said = added("rosa", "--password-stdin")
    assert "odd" not in said
    assert enters("rosa", "a long and odd password")


@pytest.mark.parametrize("name", ["rosa", "no blanks", ""])
def test_a_name_that_is_taken_or_unfit_is_refused(name):
    added("rosa")
    with pytest.raises(CommandError):
        added(name)
    assert User.objects.count() == 1


def test_of_a_name_that_is_taken_it_is_said_what_to_do():
    added("rosa")
    with pytest.raises(CommandError, match=r"user name rosa already.*reset_sign_in"):
        added(" rosa")


@pytest.mark.parametrize("password", ["", "12345", "rosa1"])
def test_a_weak_password_is_refused(password, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    with pytest.raises(CommandError):
        added("rosa", "--password-stdin")
    assert not User.objects.exists()
