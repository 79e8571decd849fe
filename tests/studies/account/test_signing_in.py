"""Signing in: with a password, with a second factor, and with neither."""

import logging

import pytest
from django.test import Client
from django.urls import reverse

from readerstudy.audit.models import Event
from tests.people import cora, person, rosa
from tests.studies.account.people import (
    PASSWORD,
    code_now,
    is_in,
    typed,
    verbs,
    with_app,
    with_password,
    without_tokens,
)

pytestmark = pytest.mark.django_db


def test_rosa_comes_in_and_leaves_and_both_are_events():
    with_password(rosa())
    client, answer = typed("rosa")
    assert answer.url == reverse("home")
    client.post(reverse("sign_out"))
    assert not is_in(client)
    came, left = Event.objects.of_stream("site")
    assert (came.verb, came.actor, came.detail) == (
        "account.signed_in",
        rosa().user,
        {"by": ["password"]},
    )
    assert (left.verb, left.actor) == ("account.signed_out", rosa().user)


def test_the_session_of_a_stranger_is_not_carried_over():
    with_password(rosa())
    client = Client()
    client.get(reverse("sign_in"))
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    client.cookies["sessionid"] = session.session_key
    typed("rosa", client=client)
    assert client.session.session_key != session.session_key


@pytest.mark.parametrize("username", ["rosa", "nobody-of-that-name"])
def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(username):
    with_password(rosa())
    _, answer = typed(username, "a guess")
    _, other = typed("rosa", "another guess")
    page = without_tokens(answer).replace(username.encode(), b"NAME")
    assert page == without_tokens(other).replace(b"rosa", b"NAME")


def test_as_much_is_hashed_for_an_unknown_name_as_for_a_known_one(monkeypatch):
    with_password(rosa())
    hasher = "django.contrib.auth.hashers.Argon2PasswordHasher"
    from django.contrib.auth import hashers

    done = []
    for name in ("encode", "verify"):
        real = getattr(hashers.Argon2PasswordHasher, name)
        monkeypatch.setattr(
            f"{hasher}.{name}",
            lambda self, *a, _real=real, _n=name: done.append(_n) or _real(self, *a),
        )
    typed("rosa", "a guess")
    known = len(done)
    typed("nobody-of-that-name", "a guess")
    assert (known, len(done)) == (1, 2)


def test_what_was_typed_as_a_name_stays_out_of_the_record_and_of_the_log(caplog):
    with caplog.at_level(logging.DEBUG):
        typed("a-password-in-the-wrong-field", "another-secret")
    (event,) = Event.objects.of_stream("site")
    assert (event.verb, event.subject) == ("account.sign_in_failed", "")
    told = caplog.text + repr(event.detail)
    assert "another-secret" not in told
    assert "a-password-in-the-wrong-field" not in told


def test_the_account_of_somebody_who_left_opens_nothing():
    gone = with_password(rosa())
    gone.user.is_active = False
    gone.user.save()
    _, answer = typed("rosa")
    assert b"do not fit together" in answer.content


def test_cora_with_an_app_is_asked_for_its_code():
    with_app(with_password(cora()))
    client, answer = typed("cora")
    assert answer.url == reverse("mfa_authenticate")
    assert not is_in(client)
    assert b"Your second factor" in client.get(answer.url).content
    code = code_now()
    assert client.post(answer.url, {"code": code}).url == reverse("home")
    assert is_in(client)
    last = Event.objects.of_stream("site").last()
    assert last.detail == {"by": ["password", "second factor"]}
    # What was read over her shoulder opens nothing a second time.
    again, answer = typed("cora")
    assert b"used already" in again.post(answer.url, {"code": code}).content


def test_a_recovery_code_opens_once():
    me = with_app(with_password(cora()))
    codes = me.user.authenticator_set.get(type="recovery_codes").wrap()
    code = codes.get_unused_codes()[0]
    client, answer = typed("cora")
    client.post(answer.url, {"code": code})
    assert is_in(client)
    client, answer = typed("cora")
    client.post(answer.url, {"code": code})
    assert not is_in(client)


def test_guesses_at_the_code_come_to_an_end(settings):
    with_app(with_password(cora()))
    client, answer = typed("cora")
    for _ in range(5):
        refused = client.post(answer.url, {"code": "000000"})
        assert b"This code is not right" in refused.content
    # Nor does another browser help, nor the right code.
    other, answer = typed("cora")
    for code in ("000000", code_now()):
        refused = other.post(answer.url, {"code": code})
        assert b"too many wrong codes" in refused.content
    assert not is_in(other)
    assert verbs().count("account.locked_out") == 1
    assert verbs().count("account.sign_in_failed") == 5


def test_a_secret_is_not_stored_as_it_is():
    from tests.studies.account.people import SECRET

    me = with_app(cora())
    kept = me.user.authenticator_set.values_list("data", flat=True)
    assert SECRET not in repr(list(kept))


@pytest.mark.parametrize(
    "place",
    ["https://elsewhere.example/", "//elsewhere.example", "http://testserver@x/"],
)
def test_the_way_on_never_leads_elsewhere(place):
    with_password(rosa())
    form = {"username": "rosa", "password": PASSWORD, "next": place}
    assert Client().post(reverse("sign_in"), form).url == reverse("home")


def test_nobody_signs_up():
    for path in ("/signup/", "/accounts/signup/", "/sign-up/", "/account/email/"):
        assert Client().get(path).status_code in {302, 404}
    assert person("Nils").user.pk
