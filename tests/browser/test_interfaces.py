"""What leads out of the site, in a browser: webhooks, calendar, export, the API."""

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from readerstudy.studies.lifecycle import services as lifecycle
from readerstudy.studies.webhooks import delivering
from readerstudy.studies.webhooks.models import WebhookDelivery
from readerstudy.studies.webhooks.receivers import configured
from readerstudy.studies.webhooks.tasks import deliver
from tests import worlds
from tests.browser.test_session import violations, wear_session
from tests.browser.visits import watched_visit
from tests.people import cora, rosa
from tests.studies.webhooks.receivers import inbox

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.slow(seconds=40)
@pytest.mark.parametrize("width", [1280, 400])
def test_cora_has_a_registry_told_and_takes_the_reads_away(
    chromium, live_server, settings, tmp_path, width
):
    settings.MEDIA_ROOT = tmp_path
    received = inbox(tmp_path)
    named = f"registry={received.address('/flaky/1')}"
    settings.WEBHOOKS = configured(receivers=named, tries=2, wait=3600, failures=1)
    study = worlds.frozen_study(cases=2)
    with (
        received.listening(),
        watched_visit(chromium, live_server.url, width=width, height=900) as page,
    ):
        wear_session(page, cora().client, live_server)
        page.goto(reverse("studies:setup", args=[study.code]))
        page.get_by_role("link", name="Webhooks").click()
        expect(page.get_by_text("Nobody is told yet")).to_be_visible()
        assert violations(page) == []
        page.get_by_label("The protocol is locked").uncheck()
        page.get_by_role("button", name="Make the webhook").click()
        secret = page.get_by_label("Secret", exact=True).input_value()
        assert secret.startswith("whsec_")
        assert violations(page) == []
        page.get_by_role("link", name="Send a test").click()
        page.get_by_role("button", name="Send a test").click()
        lifecycle.open_for_reading(study=study, actor=cora().user)
        delivering.tell()
        for row in WebhookDelivery.objects.waiting().order_by("id"):
            deliver(row.pk)
        page.reload()
        expect(page.get_by_text("HTTP 503").first).to_be_visible()
        expect(page.get_by_text("tried again at")).to_be_visible()
        assert violations(page) == []
        page.get_by_role("button", name="again").first.click()
        expect(page.get_by_text("It is on its way again")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        worlds.close(study)
        page.goto(reverse("export:page", args=[study.code]))
        with page.expect_download() as download:
            page.get_by_role("link", name=f"{study.code}-fhir.zip").click()
        assert download.value.suggested_filename == f"{study.code}-fhir.zip"
        page.goto(reverse("api_docs"))
        page.get_by_role("link", name="slot_grade").click()
        expect(page.get_by_role("heading", name="slot_grade")).to_be_in_viewport()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_rosa_subscribes_to_her_sessions(chromium, live_server, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    worlds.open_study(cases=2)
    with watched_visit(chromium, live_server.url, width=400, height=900) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        wear_session(page, rosa().client, live_server)
        page.goto(reverse("account:account"))
        page.get_by_role("link", name="To your calendar").click()
        assert violations(page) == []
        page.get_by_role("button", name="Make an address").click()
        address = page.get_by_label("Address", exact=True).input_value()
        page.get_by_role("button", name="Copy").click()
        assert page.evaluate("navigator.clipboard.readText()") == address
        assert violations(page) == []
        path = address.removeprefix(live_server.url)
        assert b"BEGIN:VEVENT" in Client().get(path).content
        page.get_by_role("button", name="Revoke the address").click()
        expect(page.get_by_text("opens nothing any more")).to_be_visible()
        assert Client().get(path).status_code == 404
