"""Anya makes a token, copies its key and revokes it, on a desk and on a telephone."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from readerstudy.accounts.models import ApiToken
from tests.browser.test_session import violations, wear_session
from tests.browser.visits import watched_visit
from tests.people import anya

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("width", [1280, 400])
def test_anya_makes_copies_and_revokes_a_token(chromium, live_server, width):
    address = live_server.url
    with watched_visit(chromium, address, width=width, height=900) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        wear_session(page, anya().client, live_server)
        page.goto(reverse("home"))
        page.get_by_role("link", name="Account of Anya").click()
        page.get_by_role("link", name="To your tokens").click()
        expect(page.get_by_text("No tokens yet")).to_be_visible()
        assert violations(page) == []
        page.get_by_label("Name", exact=True).fill("Notebook of the main analysis")
        page.get_by_label("Read results and tables", exact=True).check()
        page.get_by_role("button", name="Make the token").click()
        key = page.get_by_label("Key", exact=True).input_value()
        page.get_by_role("button", name="Copy").click()
        expect(page.get_by_role("status").filter(has_text="Copied.")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == key
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.goto(reverse("accounts:tokens"))
        expect(page.get_by_label("Key", exact=True)).to_have_count(0)
        page.get_by_role("button", name="Revoke Notebook of the main").click()
        expect(page.get_by_text("opens nothing more")).to_be_visible()
    assert ApiToken.objects.get().revoked_at is not None
