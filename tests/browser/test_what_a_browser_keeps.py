"""What stays in Rosa's browser after some reports, and what it asked for: the same when
arms and reports are exchanged behind the texts, and without a name in it."""

import re
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from readerstudy.studies.models import Study
from tests import worlds
from tests.blinding.exchange import exchange_what_is_behind
from tests.blinding.names import NAMES
from tests.browser.reading_page import press
from tests.browser.test_session import (
    wait_for_report,
    wait_until_fetched_ahead,
    wear_session,
)
from tests.browser.visits import watched_visit
from tests.people import rosa
from tests.tables import empty_tables

pytestmark = pytest.mark.django_db(transaction=True)

EVERYTHING = """async () => ({
  local: Object.entries(localStorage).sort(),
  session: Object.entries(sessionStorage).sort(),
  databases: (await indexedDB.databases()).map((each) => each.name),
  caches: "caches" in self ? await caches.keys() : [],
  workers: (await navigator.serviceWorker?.getRegistrations() ?? []).length,
  history: [history.length, JSON.stringify(history.state)],
  address: location.pathname + location.search + location.hash,
  window: window.name,
  cookie: document.cookie.replace(/=[^;]*/g, ""),
  page: document.documentElement.outerHTML,
})"""
# Keys of requests, tokens of forms, times on the clock and on the stop-watch.
PASSING = re.compile(
    r'(?<=csrf-token" content=")[^"]*|(?<="X-CSRFToken": ")[^"]*'
    r"|(?<=&quot;X-CSRFToken&quot;: &quot;)[^&]*"
    r'|(?<=csrfmiddlewaretoken" value=")[^"]*'
    r"|[0-9a-f]{8}-[0-9a-f-]{27}|\b\d{1,2}:\d\d(:\d\d)?\b|\b\d{3,}(\.\d+)?\b"
)


NUMBER = re.compile(r"\d+(\.\d+)?")


def dumped(page: Page) -> dict[str, str]:
    """All that the browser keeps, each as text without what passes."""
    kept: dict[str, Any] = page.evaluate(EVERYTHING)
    found = {name: PASSING.sub("", str(value)) for name, value in kept.items()}
    # What is stored counts milliseconds.
    stored = {name: NUMBER.sub("0", found[name]) for name in ("local", "session")}
    return found | stored


def is_of_the_clock(asked: str) -> bool:
    """Whether it is sent or left out by how fast this machine is.

    Drafts, previews, and the opening of a page that was not shown yet when the one
    before it was sent.
    """
    return asked.startswith("PUT ") or asked.endswith(("/preview/", "/open/"))


def visit(chromium: Browser, live_server: Any, study: Study) -> dict[str, Any]:
    """Rosa grades two reports, begins a third and looks at her list."""
    asked: list[str] = []
    seen: dict[str, Any] = {}
    with watched_visit(chromium, live_server.url, width=1280, height=800) as page:
        page.on(
            "request",
            lambda request: asked.append(
                f"{request.method} {request.url.removeprefix(live_server.url)}"
            ),
        )
        wear_session(page, rosa().client, live_server)
        page.goto(reverse("grading:next", args=[study.code]))
        for place in (1, 2):
            wait_for_report(page, place, 6)
            wait_until_fetched_ahead(page)
            press(page, "b Enter")
        wait_for_report(page, 3, 6)
        press(page, "c")
        expect(page.locator("#reading-status")).to_contain_text("draft saved")
        wait_until_fetched_ahead(page)
        seen["reading"] = dumped(page)
        page.goto(reverse("grading:graded", args=[study.code]))
        seen["graded"] = dumped(page)
        # In which order requests that wait for nothing leave is the browser's affair.
        seen["asked"] = sorted({each for each in asked if not is_of_the_clock(each)})
    return seen


def test_nothing_that_stays_in_the_browser_tells_the_arms(
    chromium, live_server, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study(cases=3, distance=1)
    before = visit(chromium, live_server, study)
    # The same study once more, with the same lists and names of places.
    empty_tables()
    study = worlds.open_study(cases=3, distance=1)
    exchange_what_is_behind(study)
    after = visit(chromium, live_server, study)
    assert after["asked"] == before["asked"]
    for name in ("reading", "graded"):
        for what, content in before[name].items():
            assert after[name][what] == content, (name, what)
    kept = before["reading"]
    assert kept["databases"] == kept["caches"] == "[]"
    assert (kept["workers"], kept["window"]) == ("0", "")
    assert "#" not in kept["address"]
    # The texts of this study say whose they are; they are of the page alone.
    texts = re.compile(r"Text (ground_truth|cxr_llava) on CXR\d\.?")
    for name in ("reading", "graded"):
        for what, content in before[name].items():
            shown = texts.sub("", content) if what == "page" else content
            assert not NAMES.findall(shown.encode()), (name, what)
    assert not NAMES.findall(" ".join(before["asked"]).encode())
