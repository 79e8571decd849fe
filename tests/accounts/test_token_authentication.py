"""What a token opens: its person's API, while it is in force, and nothing else."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from readerstudy.accounts.models import ApiToken
from readerstudy.studies.tokens.services import create, revoke
from tests import worlds
from tests.people import anya, cora, nils, person, rosa

pytestmark = pytest.mark.django_db
STUDIES = "/api/v1/studies/"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def script_of(someone, **options):
    token = create(
        user=someone.user, actor=someone.user, scope="all", name="script", **options
    )
    return token, Client(headers={"authorization": f"Token {token.key}"})


def refusal(answer) -> str:
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Token"
    return answer.json()["detail"]


@pytest.mark.parametrize("header", ["Token rs_unknown", "Token", "Token one two"])
def test_a_key_that_is_none_is_refused(header):
    script_of(anya())
    assert refusal(Client(headers={"authorization": header}).get(STUDIES))


def test_the_hash_that_is_stored_opens_nothing():
    token, _ = script_of(anya())
    stolen = Client(headers={"authorization": f"Token {token.key_sha256}"})
    assert "no such token" in refusal(stolen.get(STUDIES))


def test_a_revoked_token_is_refused():
    token, script = script_of(anya())
    assert script.get(STUDIES).status_code == 200
    revoke(token=token, actor=anya().user)
    assert "revoked" in refusal(script.get(STUDIES))


def test_an_expired_token_is_refused_and_the_page_says_so():
    token, script = script_of(anya(), days=1)
    long_ago = timezone.now() - timedelta(days=3)
    ApiToken.objects.update(
        created_at=long_ago, expires_at=long_ago + timedelta(days=1)
    )
    assert "expired" in refusal(script.get(STUDIES))
    page = anya().client.get(reverse("accounts:tokens")).content
    assert b'<span class="badge">expired</span>' in page
    token.refresh_from_db()
    assert token.last_used_at is None


def test_the_token_of_a_closed_account_is_refused():
    someone = nils()
    _, script = script_of(someone)
    someone.user.is_active = False
    someone.user.save()
    assert "account of this token is closed" in refusal(script.get(STUDIES))


def test_a_token_does_not_fall_back_on_a_session():
    visitor = anya().client
    answer = visitor.get(STUDIES, headers={"authorization": "Token rs_unknown"})
    assert refusal(answer)


def test_a_token_opens_no_page_of_the_site():
    worlds.closed_study()
    _, script = script_of(anya())
    pages = ["home", "accounts:tokens"]
    of_study = ["analysis:results", "export:page", "studies:setup"]
    paths = [reverse(name) for name in pages]
    paths += [reverse(name, args=["acceptability"]) for name in of_study]
    for path in paths:
        answer = script.get(path)
        assert (answer.status_code, answer.url.split("?")[0]) == (302, "/sign-in/")
    made = script.post(reverse("accounts:tokens"), {"name": "another", "days": "90"})
    assert made.status_code == 302
    assert ApiToken.objects.count() == 1


def test_a_token_opens_what_its_person_may_see_and_no_more():
    worlds.closed_study()
    path = reverse("api:tables", args=["acceptability"])
    asked = {"anya": anya(), "cora": cora(), "rosa": rosa(), "nils": nils()}
    found = {
        name: script_of(someone)[1].get(path).status_code
        for name, someone in asked.items()
    }
    assert found == {"anya": 200, "cora": 200, "rosa": 403, "nils": 404}


def test_the_last_use_is_written_once_a_minute(django_assert_num_queries):
    token, script = script_of(person("Omar"))
    script.get(STUDIES)
    token.refresh_from_db()
    first = token.last_used_at
    assert timezone.now() - first < timedelta(minutes=1)
    # The token with its person, and the studies: nothing is written.
    with django_assert_num_queries(2):
        script.get(STUDIES)
    earlier = first - timedelta(seconds=61)
    ApiToken.objects.update(last_used_at=earlier)
    script.get(STUDIES)
    token.refresh_from_db()
    assert token.last_used_at > first
