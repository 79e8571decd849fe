"""One query finds a session and whose it is, and believes no more than Django would."""

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.people import cora, noted, rosa

pytestmark = pytest.mark.django_db


def is_known(client):
    """Whether the first page is shown, and not the sign-in."""
    return client.get("/").status_code == 200


def queries(client):
    """How many the first page takes; it has to be shown."""
    with CaptureQueriesContext(connection) as asked:
        assert is_known(client)
    return len(asked)


def test_an_account_comes_with_its_session():
    client = noted(rosa())
    together = queries(client)
    # Without a note of the sign-in it is the note, the session and then the account.
    UserSession.objects.all().delete()
    assert queries(client) == together + 2


def test_an_ended_session_is_a_strangers_although_the_sign_in_is_noted():
    client = noted(rosa())
    Session.objects.all().delete()
    assert UserSession.objects.exists()
    assert not is_known(client)


def test_a_session_past_its_time_is_a_strangers():
    client = noted(rosa())
    Session.objects.update(expire_date="2020-01-01T00:00Z")
    assert not is_known(client)


def test_a_closed_account_is_a_stranger_at_once():
    rosa_reads = rosa()
    client = noted(rosa_reads)
    assert is_known(client)
    rosa_reads.user.is_active = False
    rosa_reads.user.save()
    assert not is_known(client)


def test_another_password_ends_the_session():
    rosa_reads = rosa()
    client = noted(rosa_reads)
    rosa_reads.user.set_password("a longer one than before")
    rosa_reads.user.save()
    assert not is_known(client)
    assert not Session.objects.exists()


def test_a_note_about_somebody_else_is_not_believed():
    client = noted(rosa())
    UserSession.objects.update(user=cora().user)
    page = client.get("/account/")
    assert page.wsgi_request.user == rosa().user
