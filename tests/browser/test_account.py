"""Cora adds a passkey and an app in a real browser, and comes in with them."""

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from tests import worlds
from tests.browser.test_session import PASSWORD, violations, with_password
from tests.browser.visits import watched_visit
from tests.people import cora
from tests.studies.account.people import code_now

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _site(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    # The site of a test has no TLS.
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
    settings.SECOND_FACTOR_REQUIRED = frozenset({"coordinators"})


def with_a_device(page: Page) -> None:
    """Plug in a security key that knows its person, as Chromium's own simulated one."""
    control = page.context.new_cdp_session(page)
    control.send("WebAuthn.enable")
    device = {
        **{"protocol": "ctap2", "transport": "internal", "hasResidentKey": True},
        **{"hasUserVerification": True, "isUserVerified": True},
        "automaticPresenceSimulation": True,
    }
    control.send("WebAuthn.addVirtualAuthenticator", {"options": device})


def sign_in(page: Page) -> None:
    page.goto(reverse("sign_in"))
    page.get_by_label("Username").fill("cora")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_passkey_from_the_demand_to_the_sign_in_without_a_password(
    chromium: Browser, live_server
):
    study = worlds.draft_study()
    with_password(cora())
    with watched_visit(chromium, live_server.url, width=1280, height=900) as page:
        with_a_device(page)
        sign_in(page)
        expect(page.get_by_text("Your account needs a second factor")).to_be_visible()
        page.get_by_role("link", name="Add a passkey").click()
        page.get_by_label("Name", exact=True).fill("My telephone")
        page.get_by_label("Sign in with it alone").check()
        assert violations(page) == []
        page.get_by_role("button", name="Add the passkey").click()
        expect(page.get_by_text("They are shown only now")).to_be_visible()
        assert violations(page) == []
        page.get_by_role("link", name="I have them, go on").click()
        expect(page.get_by_role("heading", name="My studies")).to_be_visible()
        page.goto(reverse("account:account"))
        expect(page.get_by_text("Passkey My telephone")).to_be_visible()
        assert violations(page) == []
        sign_out(page)
        # As a second factor, after the password.
        sign_in(page)
        expect(page.get_by_role("heading", name="Your second factor")).to_be_visible()
        assert violations(page) == []
        page.get_by_role("button", name="Use a passkey").click()
        expect(page.get_by_role("heading", name="My studies")).to_be_visible()
        sign_out(page)
        # And alone.
        page.get_by_role("button", name="Use a passkey").click()
        expect(page.get_by_role("heading", name="My studies")).to_be_visible()
        page.goto(
            f"{reverse('mfa_reauthenticate_webauthn')}?next="
            + reverse("studies:setup", args=[study.code])
        )
        page.get_by_role("button", name="Confirm with a passkey").click()
        page.wait_for_url(f"**{reverse('studies:setup', args=[study.code])}")


def test_an_app_and_its_code(chromium: Browser, live_server):
    with_password(cora())
    with watched_visit(chromium, live_server.url, width=400, height=800) as page:
        sign_in(page)
        page.get_by_role("link", name="Add an app").click()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 400
        secret = page.locator("#app-key").inner_text()
        page.get_by_label("Code").fill(code_now(secret))
        page.get_by_role("button", name="Add the app").click()
        expect(page.get_by_text("They are shown only now")).to_be_visible()
        code = page.locator(".boxes li").first.inner_text()
        page.get_by_role("link", name="I have them, go on").click()
        sign_out(page)
        sign_in(page)
        page.get_by_label("Code").fill(code)
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_role("heading", name="My studies")).to_be_visible()
