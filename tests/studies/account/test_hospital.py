"""Hospital accounts, against a real OpenID Connect provider in a process of its own."""

import contextlib
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.urls import reverse

from readerstudy.accounts.configuration import of_hospitals
from readerstudy.accounts.hospitals import Hospital
from readerstudy.accounts.models import User
from readerstudy.studies.models import Membership
from tests import worlds
from tests.people import cora, nils, rosa
from tests.servers import free_port
from tests.studies.account.people import PASSWORD, typed, verbs, with_password

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """The address of a hospital's sign-in, which lets in whom it is asked for."""
    port = free_port()
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, **quiet) as process:
        address = f"http://127.0.0.1:{port}"
        for _ in range(600):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{address}/.well-known/openid-configuration")
                break
            time.sleep(0.1)
        yield address
        process.terminate()


@pytest.fixture(autouse=True)
def _hospital(settings, issuer, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    hospital = Hospital("hospital", issuer, "readerstudy", "a secret")
    settings.OIDC_SERVERS = {"hospital": hospital}
    for name, value in of_hospitals(settings.OIDC_SERVERS).items():
        setattr(settings, name, value)


def known_there(issuer: str, number: str, **claims: object) -> str:
    """Let the hospital know somebody by a number."""
    requests.put(f"{issuer}/users/{number}", json=claims, timeout=30)
    return number


class Browser:
    """A real HTTP client that goes from the site to the hospital and back."""

    def __init__(self, site: str) -> None:
        self.site, self.web = site, requests.Session()

    def get(self, path: str) -> requests.Response:
        return self.web.get(self.site + path, timeout=60)

    def post(self, path: str, form: dict[str, str]) -> requests.Response:
        self.web.get(self.site + "/sign-in/", timeout=60)
        token = {"csrfmiddlewaretoken": self.web.cookies["csrftoken"]}
        return self.web.post(self.site + path, form | token, timeout=60)

    def wear(self, client) -> None:
        self.web.cookies.set("sessionid", client.cookies["sessionid"].value)

    def at_hospital(self, path: str, number: str) -> requests.Response:
        """Follow a link to the hospital, sign in there, and come back."""
        there = self.get(path)
        assert (
            there.url.startswith("http://127.0.0.1") and "code_challenge" in there.url
        )
        return self.web.post(there.url, {"sub": number}, timeout=60)


def sign_in(browser: Browser, number: str) -> requests.Response:
    return browser.at_hospital("/hospital/hospital/sign-in/", number)


def linked(browser: Browser, someone, number: str) -> requests.Response:
    """Link a hospital account as a person does, on the own page."""
    browser.wear(with_password(someone).client)
    page = browser.post(reverse("account:link_hospital"), {"hospital": "hospital"})
    (way,) = re.findall(r'href="(/hospital/hospital/sign-in/[^"]*)"', page.text)
    return browser.at_hospital(way.replace("&amp;", "&"), number)


def test_rosa_links_her_hospital_account_and_signs_in_by_it(live_server, issuer):
    number = known_there(issuer, "4711", name="Rosa Reader", email="rosa@h.example")
    browser = Browser(live_server.url)
    answer = linked(browser, rosa(), number)
    assert "Your account at hospital opens this one" in answer.text
    kept = SocialAccount.objects.get()
    assert (kept.user, kept.uid, kept.extra_data) == (rosa().user, number, {})
    other = Browser(live_server.url)
    assert sign_in(other, number).url == live_server.url + "/"
    assert verbs()[-1] == "account.signed_in"
    assert "account.hospital_linked" in verbs()


def test_an_address_links_nobody_however_verified_it_is(live_server, issuer):
    me = rosa().user
    me.email = "rosa@h.example"
    me.save()
    number = known_there(issuer, "4712", email=me.email, email_verified=True)
    browser = Browser(live_server.url)
    answer = sign_in(browser, number)
    assert "No account here is linked" in answer.text
    assert not SocialAccount.objects.exists() and User.objects.count() == 1


def test_whoever_was_invited_comes_in_by_the_link(live_server, issuer):
    study = worlds.draft_study()
    made = worlds.invitation(study, role="analyst")
    path = reverse("people:accept", args=[made.key])
    number = known_there(issuer, "4713", name="Ruth Radiologist", sub="4713")
    browser = Browser(live_server.url)
    assert "Go on with hospital" in browser.get(path).text
    back = browser.at_hospital(f"/hospital/hospital/sign-in/?next={path}", number)
    assert "Join as Ruth Radiologist" in back.text
    browser.post(path, {})
    joined = Membership.objects.get(user__last_name="Radiologist")
    assert (joined.study, joined.role) == (study, "analyst")
    assert not joined.user.has_usable_password() and joined.user.email == ""


def test_an_invitation_that_was_taken_back_makes_no_account(live_server, issuer):
    made = worlds.invitation(worlds.draft_study(), role="analyst")
    path = reverse("people:accept", args=[made.key])
    browser = Browser(live_server.url)
    browser.get(path)
    people = User.objects.count()
    type(made).objects.filter(pk=made.pk).update(revoked_at=made.created_at)
    answer = sign_in(browser, known_there(issuer, "4714", name="Nobody"))
    assert "No account here is linked" in answer.text
    assert User.objects.count() == people


def test_a_link_on_a_page_elsewhere_links_nothing(live_server, issuer):
    browser = Browser(live_server.url)
    browser.wear(with_password(rosa()).client)
    answer = browser.get("/hospital/hospital/sign-in/?process=connect")
    assert answer.url == live_server.url + reverse("account:account")
    assert not SocialAccount.objects.exists()


def test_an_account_that_opens_another_is_not_linked_again(live_server, issuer):
    number = known_there(issuer, "4715", name="Rosa Reader")
    linked(Browser(live_server.url), rosa(), number)
    answer = linked(Browser(live_server.url), nils(), number)
    assert "opens another account here" in answer.text
    assert SocialAccount.objects.get().user == rosa().user


def test_cora_confirms_by_her_hospital_and_goes_on(live_server, issuer):
    study = worlds.draft_study()
    number = known_there(issuer, "4716", name="Cora Coordinator")
    browser = Browser(live_server.url)
    linked(browser, cora(), number)
    me = cora().user
    me.set_unusable_password()
    me.save()
    browser = Browser(live_server.url)
    sign_in(browser, number)
    age_the_sign_in(browser)
    asked = browser.post(reverse("presentation:freeze", args=[study.code]), GRAVE)
    study.refresh_from_db()
    assert study.is_draft and "Sign in at your hospital once more" in asked.text
    (way,) = re.findall(r'href="(/hospital/hospital/sign-in/[^"]*)"', asked.text)
    browser.at_hospital(way.replace("&amp;", "&"), number)
    study.refresh_from_db()
    assert study.is_frozen


GRAVE = {"is_sure": "on"}


def age_the_sign_in(browser: Browser) -> None:
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore(browser.web.cookies["sessionid"])
    for record in session["account_authentication_methods"]:
        record["at"] -= 3600
    session.save()


def test_another_account_there_confirms_nothing(live_server, issuer):
    number = known_there(issuer, "4717", name="Cora Coordinator")
    browser = Browser(live_server.url)
    linked(browser, cora(), number)
    page = browser.get(reverse("account:hospital_again"))
    (way,) = re.findall(r'href="(/hospital/hospital/sign-in/[^"]*)"', page.text)
    other = known_there(issuer, "4718", name="Somebody")
    answer = browser.at_hospital(way.replace("&amp;", "&"), other)
    assert "not the hospital account of yours" in answer.text


def test_what_the_hospital_refuses_is_a_sentence(live_server, issuer):
    browser = Browser(live_server.url)
    there = browser.get("/hospital/hospital/sign-in/")
    answer = browser.web.post(there.url, {"action": "deny"}, timeout=60)
    assert "sign-in" in answer.text and answer.status_code in {200, 401}
    forged = browser.get("/hospital/hospital/back/?code=1&state=2")
    assert "did not work" in forged.text


def test_the_last_way_in_is_not_unlinked(live_server, issuer):
    number = known_there(issuer, "4719", name="Rosa Reader")
    linked(Browser(live_server.url), rosa(), number)
    kept = SocialAccount.objects.get()
    me = rosa().user
    path = reverse("account:unlink_hospital", args=[kept.pk])
    assert nils().client.post(path).status_code == 404
    me.set_unusable_password()
    me.save()
    rosa().client.post(path)
    assert SocialAccount.objects.exists()
    with_password(rosa())
    rosa().client.post(path)
    assert not SocialAccount.objects.exists()
    assert typed("rosa", PASSWORD)[1].status_code == 302
