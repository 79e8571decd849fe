"""Who must have a second factor sets one up before anything else."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse

from readerstudy.accounts.configuration import kinds_in
from readerstudy.audit.models import Event
from readerstudy.studies.tokens.services import create
from tests import worlds
from tests.people import anya, cora, nils, rosa
from tests.studies.account.people import (
    code_now,
    is_in,
    typed,
    verbs,
    with_app,
    with_password,
)

pytestmark = pytest.mark.django_db
PAGE = "/account/"
DEMANDED = frozenset({"coordinators", "analysts"})


@pytest.fixture(autouse=True)
def _demanded(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.SECOND_FACTOR_REQUIRED = DEMANDED


def added_app(client):
    """Add an app as a person does: read the key off the page, type its code."""
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    secret = re.search(r'<code id="app-key">(\w+)</code>', page).group(1)
    return client.post(
        reverse("mfa_activate_totp"), {"code": code_now(secret)}, follow=True
    )


def test_cora_is_led_to_it_from_everywhere_and_rosa_is_not():
    study = worlds.open_study()
    with_password(cora())
    client, _ = typed("cora")
    pages = [reverse("home"), reverse("grading:progress", args=[study.code])]
    for page in pages:
        assert client.get(page).url == PAGE
    assert client.post(reverse("presentation:freeze", args=[study.code])).url == PAGE
    assert client.get(reverse("api:studies")).status_code == 403
    assert b"needs a second factor" in client.get(PAGE).content
    with_password(rosa())
    assert is_in(typed("rosa")[0])


def test_once_she_has_added_an_app_she_goes_on():
    client, _ = typed(with_password(cora()).user.username)
    answer = added_app(client)
    codes = re.findall(r"<li>(\d{8})</li>", answer.content.decode())
    assert len(codes) == 10
    assert is_in(client)
    # They are shown once.
    again = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    assert not any(code in again for code in codes)
    added = Event.objects.get(verb="account.factor_added")
    assert (added.actor, added.detail) == (cora().user, {"kind": "app"})


def test_an_analyst_is_one_who_has_such_a_role_anywhere():
    with_password(anya())
    assert is_in(typed("anya")[0])
    worlds.open_study()
    assert not is_in(typed("anya")[0])


def test_no_token_comes_before_it():
    worlds.open_study()
    for someone in (cora(), anya()):
        with pytest.raises(ValidationError, match="needs a second factor"):
            create(user=someone.user, actor=None, name="script", scope="all")
    create(user=rosa().user, actor=None, name="script", scope="all")
    create(user=with_app(cora()).user, actor=None, name="script", scope="all")


def test_the_last_one_of_cora_stays_and_that_of_nils_goes():
    me = with_app(cora())
    answer = me.client.post(reverse("mfa_deactivate_totp"))
    assert b"this is the last one" in answer.content
    assert me.user.authenticator_set.filter(type="totp").exists()
    nobody = with_app(nils())
    nobody.client.post(reverse("mfa_deactivate_totp"))
    assert not nobody.user.authenticator_set.exists()
    assert "account.factor_removed" in verbs()


def test_the_last_passkey_of_cora_stays_too():
    kept = Authenticator.objects.create(
        user=cora().user, type="webauthn", data={"name": "key", "credential": {}}
    )
    path = reverse("mfa_remove_webauthn", args=[kept.pk])
    for ask in (cora().client.get, cora().client.post):
        assert ask(path).url == PAGE
    assert Authenticator.objects.filter(pk=kept.pk).exists()


def test_nobody_removes_the_passkey_of_another():
    kept = Authenticator.objects.create(
        user=rosa().user, type="webauthn", data={"name": "key", "credential": {}}
    )
    path = reverse("mfa_remove_webauthn", args=[kept.pk])
    assert nils().client.post(path).status_code == 404


def test_a_wrong_first_code_adds_nothing():
    client = cora().client
    answer = client.post(reverse("mfa_activate_totp"), {"code": "123"})
    assert b"This code is not right" in answer.content
    assert not cora().user.authenticator_set.exists()


@pytest.mark.parametrize(
    ("text", "is_open", "kinds"),
    [
        ("", False, DEMANDED),
        (" ", False, DEMANDED),
        ("", True, frozenset()),
        ("nobody", False, frozenset()),
        ("coordinators, readers", False, frozenset({"coordinators", "readers"})),
    ],
)
def test_what_the_setting_means(text, is_open, kinds):
    assert kinds_in(text, is_open=is_open) == kinds


@pytest.mark.parametrize("text", ["everybody", "nobody,analysts", "Coordinators"])
def test_what_it_cannot_mean_is_a_sentence(text):
    with pytest.raises(ValueError, match="Name coordinators, analysts, readers"):
        kinds_in(text, is_open=False)


def test_new_recovery_codes_end_the_old_ones_and_leave_an_event():
    me = with_app(nils())
    before = me.user.authenticator_set.get(type="recovery_codes").wrap()
    old = set(before.get_unused_codes())
    me.client.post(reverse("mfa_generate_recovery_codes"))
    now = me.user.authenticator_set.get(type="recovery_codes").wrap()
    assert not old & set(now.get_unused_codes())
    assert verbs() == ["account.recovery_codes_made"]


def test_whose_app_no_key_opens_is_named_with_what_helps(settings):
    with_password(cora())
    added_app(typed("cora")[0])
    settings.SECRET_KEY = "quite another signing key, and nothing of the old one"
    sentence = r"factors of cora\. .*`manage\.py reset_sign_in USERNAME --factors`"
    with pytest.raises(CommandError, match=sentence):
        call_command("reseal")
