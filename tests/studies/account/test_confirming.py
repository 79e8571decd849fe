"""Cora signed in a while ago; before what is grave she says once more who she is."""

import pytest
from allauth.mfa.webauthn.internal import auth as passkeys
from django.urls import reverse

from readerstudy.accounts.models import ApiToken
from readerstudy.presentation.models import Slot
from tests import worlds
from tests.people import anya, cora
from tests.studies.account.people import (
    PASSWORD,
    code_now,
    stale,
    with_app,
    with_password,
)

pytestmark = pytest.mark.django_db
CONFIRM = "/account/confirm/password/"
GRAVE = [
    ("presentation:freeze", worlds.draft_study, {"is_sure": "on"}),
    (
        "grading:close",
        worlds.open_study,
        {"is_sure": "on", "accepted_missing": "12", "reason": "Done."},
    ),
]


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.mark.parametrize(("url", "world", "form"), GRAVE, ids=["freeze", "close"])
def test_what_she_sent_waits_until_she_has_confirmed(url, world, form):
    study = world()
    before = study.state
    client = stale(with_password(cora()).client)
    path = reverse(url, args=[study.code])
    led = client.post(path, form)
    assert led.url == f"{CONFIRM}?next={path.replace('/', '%2F')}"
    study.refresh_from_db()
    assert study.state == before
    page = client.get(led.url)
    assert b"Confirm that it is you" in page.content
    wrong = client.post(led.url, {"password": "a guess"})
    assert b"This is not your password." in wrong.content
    client.post(led.url, {"password": PASSWORD})
    study.refresh_from_db()
    assert study.state != before


def test_nothing_is_asked_of_whoever_has_just_signed_in():
    study = worlds.draft_study()
    path = reverse("presentation:freeze", args=[study.code])
    cora().client.post(path, {"is_sure": "on"})
    assert Slot.objects.of_study(study).exists()


def test_looking_is_free():
    study = worlds.draft_study()
    client = stale(cora().client)
    path = reverse("presentation:freeze", args=[study.code])
    assert client.get(path).status_code == 200


def test_the_reason_of_an_unblinding_comes_through():
    study = worlds.open_study()
    client = with_password(cora()).client
    first = client.post(
        reverse("lifecycle:unblind", args=[study.code]),
        {"reason": "Harm is feared.", "is_sure": "on"},
    )
    sealed = first.context["form"]["sealed"].value()
    path = reverse("lifecycle:confirm_unblind", args=[study.code])
    form = {"sealed": sealed, "typed_code": study.code}
    led = stale(client).post(path, form)
    study.refresh_from_db()
    assert not study.is_unblinded
    client.post(led.url, {"password": PASSWORD})
    study = type(study).objects.get(pk=study.pk)
    assert study.unblinding.reason == "Harm is feared."


def test_a_token_is_made_only_after_it():
    client = stale(with_password(anya()).client)
    form = {"name": "notebook", "scope": "results", "days": "90"}
    led = client.post(reverse("accounts:tokens"), form)
    assert not ApiToken.objects.exists()
    made = client.post(led.url, {"password": PASSWORD})
    assert ApiToken.objects.get().name == "notebook"
    assert b"The key of notebook" in made.content


def test_a_file_is_asked_for_again_after_it():
    study = worlds.close(worlds.open_study())
    client = stale(with_password(anya()).client)
    path = reverse("export:file", args=[study.code, "reads.csv"])
    page = client.get(path, follow=True)
    assert b"ask for the file again" in page.content
    url, _ = page.redirect_chain[-1]
    back = client.post(url, {"password": PASSWORD})
    assert back.url == reverse("export:page", args=[study.code])
    assert client.get(path).status_code == 200


def test_a_table_by_session_needs_it_and_by_token_does_not():
    study = worlds.close(worlds.open_study())
    path = reverse("api:table", args=[study.code, "reads.csv"])
    client = stale(anya().client)
    refused = client.get(path)
    assert (refused.status_code, "Confirm" in refused.json()["detail"]) == (403, True)
    key = worlds.token(anya()).key
    by_token = client.get(path, headers={"authorization": f"Token {key}"})
    assert by_token.status_code == 200


def test_a_code_of_her_app_will_do_as_well():
    study = worlds.draft_study()
    client = stale(with_app(with_password(cora())).client)
    path = reverse("presentation:freeze", args=[study.code])
    client.post(path, {"is_sure": "on"})
    url = f"{reverse('mfa_reauthenticate')}?next={path}"
    client.post(url, {"code": code_now()})
    study.refresh_from_db()
    assert study.is_frozen


def test_what_another_person_sent_does_not_go_on(monkeypatch):
    """Whoever signs in at the same browser next has nothing waiting."""
    study = worlds.draft_study()
    client = stale(with_password(cora()).client)
    path = reverse("presentation:freeze", args=[study.code])
    client.post(path, {"is_sure": "on"})
    client.post(reverse("sign_out"))
    client.force_login(with_password(anya()).user)
    url = f"{CONFIRM}?next={path}"
    client.post(url, {"password": PASSWORD})
    study.refresh_from_db()
    assert study.is_draft
    assert passkeys.STATE_SESSION_KEY not in client.session


def test_a_site_elsewhere_is_no_place_to_go_on():
    client = stale(with_password(cora()).client)
    for url in ("https://elsewhere.example/", "//elsewhere.example/"):
        answer = client.post(f"{CONFIRM}?next={url}", {"password": PASSWORD})
        assert answer.url == reverse("home")
