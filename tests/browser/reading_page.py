"""Rosa's reading page in a real browser, under the protocol that a test asks for."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from playwright.sync_api import Browser, Page

from readerstudy.presentation.models import PresentedReport
from tests import worlds
from tests.browser.test_session import wait_for_report, wear_session
from tests.chromium import context_of
from tests.lifted import lifted
from tests.people import rosa

SENTENCES = (
    "The heart is mildly enlarged.",
    "왼쪽 흉수가 소량 있다.",
    "Both lungs 🫁👩‍⚕️ are clear, <b>no</b> effusion.",
)


def give_text(sentences: Sequence[str] = SENTENCES) -> None:
    """Give every report the same text."""
    section = {"heading": "Report", "sentences": list(sentences)}
    with lifted("presentation_presentedreport"):
        PresentedReport.objects.update(body={"sections": [section], "note": ""})


def open_page(
    chromium: Browser,
    live_server: Any,
    *,
    size: tuple[int, int] = (1280, 720),
    sentences: Sequence[str] = SENTENCES,
    **rules: Any,
) -> Page:
    """Open a study under these rules and show its first page to Rosa."""
    worlds.open_study(cases=2, distance=1, **rules)
    give_text(sentences)
    return come_back(chromium, live_server, size=size)


def come_back(
    chromium: Browser, live_server: Any, *, size: tuple[int, int] = (1280, 720)
) -> Page:
    """Open the page that Rosa reads next in a browser that knows nothing of her."""
    # A window on a large screen, however small or enlarged its page may be.
    context = context_of(
        chromium,
        viewport={"width": size[0], "height": size[1]},
        screen={"width": 2560, "height": 1440},
        base_url=live_server.url,
    )
    page = context.new_page()
    wear_session(page, rosa().client, live_server)
    page.goto(reverse("grading:next", args=["acceptability"]))
    pages = page.locator("#reading-place").inner_text().split()[-1]
    wait_for_report(page, 1, int(pages))
    return page


def press(page: Page, keys: str) -> None:
    """Press keys one after the other: "j e 3 s Enter"."""
    for key in keys.split():
        page.keyboard.press(key)
