"""A link to this site that leads elsewhere: every redirect stays on the site."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from tests import worlds
from tests.people import cora, rosa
from tests.test_permissions import address, ask, forgotten, lines

pytestmark = pytest.mark.django_db
ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "https:evil.example",
    "http:///evil.example",
    "javascript:alert(1)",
    "\t//evil.example",
    "/\t/evil.example",
    "https://testserver@evil.example/",
    "https://testserver.evil.example/",
]
PASSWORD = "a long pass phrase"


@pytest.fixture(autouse=True)
def _quick_hashes(settings):
    """How passwords are kept is not the question here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def leads_away(location: str) -> bool:
    """Whether a browser would leave the site for it."""
    told = location.strip().replace("\\", "/")
    parts = urlsplit(told)
    return bool(parts.scheme or parts.netloc) or told.startswith("//")


@pytest.mark.parametrize("place", ELSEWHERE)
def test_the_sign_in_leads_to_no_other_site(place):
    someone = rosa()
    someone.user.set_password(PASSWORD)
    someone.user.save()
    typed = {"username": "rosa", "password": PASSWORD, "next": place}
    where = f"{reverse('sign_in')}?{urlencode({'next': place})}"
    for client in (Client(), someone.client):
        for answer in (client.get(where), client.post(where, typed)):
            assert not leads_away(answer.get("Location", "")), answer["Location"]


@pytest.mark.parametrize("header", ["Referer", "HX-Current-URL"])
@pytest.mark.parametrize("place", [*ELSEWHERE, "http://testserver//evil.example/x"])
def test_the_page_behind_a_request_is_one_of_ours(header, place):
    """Where a session ended, the sign-in leads back to the page that was open."""
    headers = {header: place.strip()}
    if header == "HX-Current-URL":
        headers["HX-Request"] = "true"
    answer = Client().post(reverse("accounts:tokens"), headers=headers)
    location = answer.get("Location") or answer["HX-Redirect"]
    assert not leads_away(location)
    someone = rosa()
    someone.user.set_password(PASSWORD)
    someone.user.save()
    typed = {"username": "rosa", "password": PASSWORD}
    back = Client().post(location, typed | parse_qs(urlsplit(location).query))
    assert back.status_code == 302
    assert not leads_away(back["Location"])


def test_no_form_leads_to_an_address_that_the_request_names():
    """Every form, with every word in its address that might name a place."""
    study = worlds.draft_study()
    wanted = ("next", "of", "to", "back", "url", "return", "redirect", "continue")
    query = urlencode(dict.fromkeys(wanted, "//evil.example/"))
    forms = {
        (line["url"], line["method"]): line
        for line in lines()
        if line["state"] in {"draft", "open"} and line["coordinator"] == "302"
    }
    away, led = [], 0
    for line in forms.values():
        path = address(line["url"], study)
        with forgotten(cora().client):
            answer = ask(cora().client, line, f"{path}?{query}")
        if answer.status_code == 302:
            led += 1
            if leads_away(answer["Location"]):
                away.append((line["url"], answer["Location"]))
    assert away == []
    assert led > 40
