"""Anya makes a token on its page, sees its key once, and ends it again."""

import logging
import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from readerstudy.accounts.models import ApiToken, User
from readerstudy.audit.models import Event
from readerstudy.audit.services import SITE
from readerstudy.audit.verifying import first_break
from readerstudy.studies.tokens.services import create, revoke
from tests import worlds
from tests.people import anya, nils, rosa

pytestmark = pytest.mark.django_db
PAGE = "/tokens/"


def make(someone, name="notebook", days="90", scope="all"):
    typed = {"name": name, "days": days, "scope": scope}
    return someone.client.post(PAGE, typed)


def key_on(answer) -> str:
    (key,) = re.findall(rb'id="key"[^>]* value="([^"]+)"', answer.content)
    return key.decode()


def with_key(key):
    return Client(headers={"authorization": f"Token {key}"})


def test_the_page_of_the_account_leads_to_the_page_which_says_there_are_none():
    me = anya()
    account = reverse("account:account")
    assert f'href="{account}"'.encode() in me.client.get(reverse("home")).content
    assert f'href="{PAGE}"'.encode() in me.client.get(account).content
    assert b"No tokens yet" in me.client.get(PAGE).content


def test_anya_sees_the_key_once_and_her_script_gets_in():
    me = anya()
    answer = make(me)
    key = key_on(answer)
    assert f"Token {key}".encode() in answer.content
    assert "no-store" in answer["Cache-Control"]
    again = me.client.get(PAGE).content
    assert key.encode() not in again
    assert key[:8].encode() in again and b"notebook" in again and b"never" in again
    assert with_key(key).get(reverse("api:studies")).status_code == 200
    assert b"never" not in me.client.get(PAGE).content


def test_rosa_who_reads_may_have_one_too():
    study = worlds.open_study()
    script = with_key(key_on(make(rosa())))
    slot = study.membership_set.readers().get().slot_set.order_by("position").first()
    path = reverse("api:grade", args=[slot.public_id])
    grade = {"letter": "A", "comment": "", "idempotency_key": "a-key-of-a-script"}
    assert script.post(path, grade, content_type="application/json").status_code == 201


def test_a_token_is_good_for_ninety_days_and_for_a_year_at_most():
    token = create(user=anya().user, actor=anya().user, name="notebook", scope="all")
    assert token.expires_at - token.created_at == timedelta(days=90)
    create(user=anya().user, actor=anya().user, name="a year", scope="all", days=365)
    for days in (0, -1, 366):
        with pytest.raises(ValidationError, match="1 to 365 days"):
            create(
                user=anya().user,
                actor=anya().user,
                name="other",
                scope="all",
                days=days,
            )
    assert ApiToken.objects.count() == 2


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": "kept as typed", "days": "366"}, b"less than or equal to 365"),
        ({"name": "kept as typed", "days": "0"}, b"greater than or equal to 1"),
        ({"name": "kept as typed", "days": "soon"}, b"Enter a whole number"),
        ({"name": " ", "days": "90"}, b"This field is required"),
    ],
)
def test_bad_input_gets_a_sentence_and_makes_nothing(typed, sentence):
    answer = make(anya(), **typed)
    assert sentence in answer.content
    assert typed["name"].strip().encode() in answer.content
    assert not ApiToken.objects.exists()


def test_a_form_that_is_sent_twice_makes_one_token():
    me = anya()
    make(me)
    answer = make(me)
    assert b"a token of this name already" in answer.content
    assert b'id="key"' not in answer.content
    assert ApiToken.objects.count() == 1
    revoke(token=ApiToken.objects.get(), actor=me.user)
    assert key_on(make(me))


def test_anya_revokes_it_and_the_script_is_out_at_once():
    me = anya()
    script = with_key(key_on(make(me)))
    path = reverse(
        "accounts:revoke_token", args=[ApiToken.objects.get().key_sha256[:16]]
    )
    answer = me.client.post(path, follow=True)
    assert b"opens nothing more" in answer.content
    assert b"No tokens yet" in answer.content
    assert script.get(reverse("api:studies")).status_code == 401
    assert b"revoked already" in me.client.post(path, follow=True).content


def test_nils_neither_sees_nor_revokes_it():
    make(anya())
    token = ApiToken.objects.get()
    outsider = nils().client
    assert token.first_characters.encode() not in outsider.get(PAGE).content
    path = reverse("accounts:revoke_token", args=[token.key_sha256[:16]])
    assert outsider.post(path).status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None


def test_making_and_revoking_are_events_of_the_site():
    me = anya()
    make(me)
    token = ApiToken.objects.get()
    revoke(token=token, actor=me.user)
    events = Event.objects.of_stream(SITE)
    assert [event.verb for event in events] == ["token.created", "token.revoked"]
    assert {event.actor for event in events} == {me.user}
    assert {event.subject for event in events} == {str(token)}
    assert first_break(SITE) is None


def every_value() -> str:
    """All that the database holds, row by row."""
    tables = connection.introspection.table_names()
    with connection.cursor() as cursor:
        found = []
        for table in tables:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found += cursor.fetchall()
    return repr(found)


def test_the_key_is_nowhere_in_the_database_and_nowhere_in_the_log(caplog):
    me = anya()
    with caplog.at_level(logging.DEBUG):
        key = key_on(make(me))
        script = with_key(key)
        script.get(reverse("api:studies"))
        script.get(reverse("api:tables", args=["no-such-study"]))
        revoke(token=ApiToken.objects.get(), actor=me.user)
        script.get(reverse("api:studies"))
    assert "Unauthorized" in caplog.text
    stored = every_value()
    assert ApiToken.objects.get().key_sha256 in stored
    # What follows the first characters is the secret.
    assert key[8:] not in stored and key[8:] not in caplog.text
    assert all(key[8:] not in repr(vars(record)) for record in caplog.records)


def test_the_database_itself_holds_the_rules():
    now = timezone.now()
    rest = {"user": anya().user, "name": "notebook", "first_characters": "rs_"}
    rest["scope"] = "all"

    def refused(**more):
        with pytest.raises(IntegrityError), transaction.atomic():
            ApiToken.objects.create(**rest | more)

    refused(key_sha256="a", created_at=now, expires_at=now)
    refused(key_sha256="a", expires_at=now + timedelta(days=1), scope="")
    later = now + timedelta(days=1)
    ApiToken.objects.create(**rest, key_sha256="a", expires_at=later)
    refused(key_sha256="b", expires_at=later)
    refused(name="other", key_sha256="a", expires_at=later)


def test_a_token_goes_with_its_person():
    create(user=nils().user, actor=None, name="script", scope="all")
    User.objects.get(username="nils").delete()
    assert not ApiToken.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_plain_keys_of_earlier_tokens_are_removed():
    call_command("migrate", "accounts", "0002", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE authtoken_token (key varchar(40))")
        cursor.execute("INSERT INTO authtoken_token VALUES ('in plain sight')")
    call_command("migrate", verbosity=0)
    assert "authtoken_token" not in connection.introspection.table_names()
