"""A session ends after a while; a person sees where else they are signed in."""

import io
import time

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from readerstudy.studies.account import sessions
from readerstudy.studies.account.sessions import browser_in
from tests import worlds
from tests.people import cora, enters, rosa
from tests.studies.account.people import (
    PASSWORD,
    is_in,
    stale,
    typed,
    verbs,
    with_app,
    with_password,
)

pytestmark = pytest.mark.django_db
PAGE = "/account/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Safari/604.1"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def aged(client, **seconds):
    session = client.session
    for name, age in seconds.items():
        session[name] = int(time.time()) - age
    session.save()
    return client


@pytest.mark.parametrize(
    ("seconds", "goes_on"),
    [
        ({"seen_at": 3500}, True),
        ({"seen_at": 3700}, False),
        ({"seen_at": 10, "began_at": 12 * 3600 - 60}, True),
        ({"seen_at": 10, "began_at": 12 * 3600 + 60}, False),
    ],
)
def test_it_ends_after_an_idle_hour_and_after_half_a_day(seconds, goes_on):
    client = aged(rosa().client, **seconds)
    assert is_in(client) == goes_on
    assert ("account.session_ended" in verbs()) != goes_on
    if not goes_on:
        assert b"signed out after a while" in client.get("/sign-in/").content


def test_a_reader_whose_session_ended_is_told_in_the_way_the_page_understands():
    study = worlds.open_study()
    slot = study.membership_set.readers().get().slot_set.order_by("position").first()
    client = aged(rosa().client, seen_at=3700)
    answer = client.put(
        reverse("api:draft", args=[slot.public_id]), "{}", "application/json"
    )
    assert answer.status_code == 401


def test_a_busy_session_is_written_once_a_minute(django_assert_num_queries):
    client = rosa().client
    client.get(PAGE)
    seen = client.session[sessions.SEEN]
    client.get(PAGE)
    assert client.session[sessions.SEEN] == seen
    aged(client, seen_at=70)
    client.get(PAGE)
    assert client.session[sessions.SEEN] >= seen


def test_rosa_sees_where_she_is_signed_in_and_ends_it():
    with_password(rosa())
    here, _ = typed("rosa", client=Client(headers={"user-agent": FIREFOX}))
    there, _ = typed("rosa", client=Client(headers={"user-agent": PHONE}))
    page = here.get(PAGE).content
    assert b"Firefox on Linux" in page and b"Safari on iPhone" in page
    here.post(reverse("account:end_sessions"))
    assert (is_in(here), is_in(there)) == (True, False)
    assert b"Safari on iPhone" not in here.get(PAGE).content
    assert verbs()[-1] == "account.sessions_ended"


def test_a_new_password_ends_every_other_session():
    with_password(rosa())
    here, _ = typed("rosa")
    there, _ = typed("rosa")
    form = {"current": PASSWORD, "password": "a newer longer one", "again": ""}
    refused = here.post(reverse("account:password"), form)
    assert b"The two passwords differ" in refused.content
    form["again"] = form["password"]
    here.post(reverse("account:password"), form)
    assert (is_in(here), is_in(there)) == (True, False)
    assert enters("rosa", "a newer longer one") and not enters("rosa", PASSWORD)
    assert "account.password_changed" in verbs()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"current": "a guess"}, b"This is not your password."),
        ({"password": "12345678", "again": "12345678"}, b"too common"),
    ],
)
def test_a_password_that_is_wrong_or_weak_changes_nothing(change, sentence):
    client = with_password(rosa()).client
    new = "a newer longer one"
    form = {"current": PASSWORD, "password": new, "again": new} | change
    assert sentence in client.post(reverse("account:password"), form).content
    assert enters("rosa", PASSWORD)


def test_whoever_runs_the_site_gives_a_new_password_and_it_is_in_the_record():
    me = with_app(with_password(cora()))
    output = io.StringIO()
    call_command("reset_sign_in", "cora", "--factors", stdout=output)
    password = output.getvalue().strip().rsplit(" ", 1)[-1]
    assert enters("cora", password)
    assert not me.user.authenticator_set.exists()
    assert "account.reset" in verbs()


def test_a_browser_is_called_by_its_name():
    edge = "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0"
    assert browser_in(edge) == "Edge on Windows"
    assert browser_in("python-requests/2") == "another program"


def test_an_old_session_that_knows_no_limits_begins_now():
    client = rosa().client
    session = client.session
    del session[sessions.BEGAN], session[sessions.SEEN]
    session.save()
    assert is_in(stale(client))
    assert time.time() - client.session[sessions.BEGAN] < 60
