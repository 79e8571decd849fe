"""Whoever runs the site makes tokens at the terminal."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from readerstudy.accounts.models import ApiToken
from readerstudy.audit.models import Event
from tests.people import anya, nils

pytestmark = pytest.mark.django_db


def made(*words):
    output = io.StringIO()
    call_command("create_token", *words, stdout=output)
    return output.getvalue()


def test_the_key_is_printed_once_and_opens_the_api():
    anya()
    said = made("anya", "--name", "nightly", "--days", "7")
    key = said.strip().rsplit(" ", 1)[-1]
    script = Client(headers={"authorization": f"Token {key}"})
    assert script.get(reverse("api:studies")).status_code == 200
    token = ApiToken.objects.get()
    assert (token.user, token.name) == (anya().user, "nightly")
    assert (token.expires_at - token.created_at).days == 7
    event = Event.objects.get()
    assert (event.actor, event.verb) == (None, "token.created")
    assert event.detail["user"] == anya().user.number


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nobody", "--name", "nightly"], "Nobody here is called nobody"),
        (["anya", "--name", "nightly", "--days", "366"], "1 to 365 days"),
        (["anya", "--name", " "], "cannot be blank"),
        (["anya", "--name", "taken"], "of this name already"),
        (["nils", "--name", "nightly"], "account is closed"),
        (["anya"], "--name"),
    ],
)
def test_what_cannot_be_made_gets_a_sentence(words, sentence):
    anya()
    made("anya", "--name", "taken")
    gone = nils().user
    gone.is_active = False
    gone.save()
    with pytest.raises(CommandError, match=sentence):
        made(*words)
    assert ApiToken.objects.count() == 1
