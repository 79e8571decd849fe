"""A request that claims to have come to another name: no link and no letter leads
there."""

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from tests import worlds
from tests.people import cora, rosa

pytestmark = pytest.mark.django_db
EVIL = "evil.example"
HEADERS = ["X-Forwarded-Host", "X-Host", "X-Forwarded-Server", "Forwarded"]


def invite(study, **headers):
    form = {"name": "Ruth", "role": "analyst", "days": "14", "email": "r@example.org"}
    where = reverse("people:invitations", args=[study.code])
    return cora().client.post(where, form, headers=headers)


@pytest.mark.parametrize("name", [EVIL, f"testserver.{EVIL}", f"testserver@{EVIL}", ""])
def test_a_host_that_is_not_ours_is_refused(name):
    for client in (Client(), rosa().client):
        for url in ("home", "sign_in", "accounts:tokens"):
            answer = client.get(reverse(url), headers={"host": name or "a b"})
            assert answer.status_code == 400
            assert EVIL.encode() not in answer.content


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_that_a_proxy_might_set_changes_no_link(header):
    study = worlds.draft_study(cases=2, distance=1)
    value = f"host={EVIL}" if header == "Forwarded" else EVIL
    page = invite(study, **{header: value})
    assert page.status_code == 200
    assert EVIL.encode() not in page.content
    assert len(mail.outbox) == 1
    assert EVIL not in mail.outbox[0].body


def test_a_letter_leads_to_the_address_that_the_site_was_given(settings):
    """Even under a second name of the site that somebody else might get to hold."""
    settings.SITE_URL = "https://study.example.org"
    study = worlds.draft_study(cases=2, distance=1)
    page = invite(study, host="localhost")
    assert page.status_code == 200
    assert "https://study.example.org/invitation/" in mail.outbox[0].body
    assert "localhost" not in mail.outbox[0].body


def test_a_letter_without_such_an_address_leads_to_an_allowed_name(settings):
    settings.SITE_URL = ""
    study = worlds.draft_study(cases=2, distance=1)
    assert invite(study, host=EVIL).status_code == 400
    assert mail.outbox == []


def test_a_name_that_is_not_ours_is_worth_a_line_and_no_traceback(client, caplog):
    answer = client.get("/healthz", headers={"host": "203.0.113.9"})
    assert answer.status_code == 400
    [told] = [each for each in caplog.records if "DisallowedHost" in each.name]
    assert told.exc_info is None and "203.0.113.9" in told.getMessage()
