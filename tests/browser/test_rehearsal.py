"""Cora rehearses in a real browser; Rosa's copies at the same computer stay."""

from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from readerstudy.grading.models import Draft, Grade
from tests import worlds
from tests.browser.test_session import (
    violations,
    wait_for_report,
    wait_until_fetched_ahead,
    wear_session,
)
from tests.browser.visits import watched_visit
from tests.people import cora, rosa

pytestmark = pytest.mark.django_db(transaction=True)
HERS = "readerstudy.acceptability.R1."


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def page(chromium: Browser, live_server) -> Iterator[Page]:
    with watched_visit(chromium, live_server.url, width=1600, height=1000) as page:
        yield page


def kept(page: Page) -> dict[str, str]:
    """Everything that this browser keeps."""
    found: dict[str, str] = page.evaluate("({...localStorage})")
    return found


def begin(page: Page, live_server) -> None:
    wear_session(page, cora().client, live_server)
    page.goto(reverse("grading:rehearsal:start", args=["acceptability"]))
    expect(page.get_by_text("nothing is stored")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("link", name="Begin the rehearsal").click()


def test_a_whole_rehearsal_by_keyboard_with_a_break_and_a_sheet_of_guesses(
    page, live_server
):
    worlds.draft_study(cases=2, distance=1, session_reads=2, guess_sample=1)
    begin(page, live_server)
    for session in (1, 2):
        for place in (2 * session - 1, 2 * session):
            wait_for_report(page, place, 4)
            expect(page.get_by_text("Rehearsal: nothing is stored")).to_be_visible()
            if place == 1:
                assert violations(page) == []
                page.keyboard.press("Enter")
                expect(page.get_by_text("Choose a grade first")).to_be_visible()
                page.keyboard.press("c")
                status = page.locator("#reading-status")
                expect(status).to_contain_text("not stored")
                wait_until_fetched_ahead(page)
            page.keyboard.press("b")
            page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Who wrote it")).to_be_visible()
        page.get_by_label("A person").check()
        page.get_by_label("3", exact=True).check()
        page.get_by_role("button", name="Hand in").click()
        if session == 1:
            expect(page.get_by_text("Session 1 of 2 is done")).to_be_visible()
            assert violations(page) == []
            page.get_by_role("link", name="Begin session 2").click()
    expect(page.get_by_role("heading", name="The rehearsal is over")).to_be_visible()
    expect(page.get_by_text("from the first page to the end")).to_be_visible()
    assert violations(page) == []
    assert kept(page) == {}


def test_a_grade_is_taken_back_and_the_page_comes_empty(page, live_server):
    worlds.draft_study(cases=2, distance=1, undo_seconds=120)
    begin(page, live_server)
    wait_for_report(page, 1, 4)
    page.keyboard.press("d")
    page.keyboard.press("Enter")
    wait_for_report(page, 2, 4)
    page.keyboard.press("Backspace")
    wait_for_report(page, 1, 4)
    assert page.locator("input[name=letter]:checked").count() == 0


def test_a_readers_drafts_at_the_same_computer_are_not_touched(page, live_server):
    worlds.open_study(cases=2, distance=1)
    wear_session(page, rosa().client, live_server)
    page.goto(reverse("grading:next", args=["acceptability"]))
    wait_for_report(page, 1, 4)
    page.keyboard.press("d")
    expect(page.locator("#reading-status")).to_contain_text("draft saved")
    hers = {name: text for name, text in kept(page).items() if name.startswith(HERS)}
    assert hers
    page.goto("about:blank")
    drafts = list(Draft.objects.values())
    begin(page, live_server)
    for place in range(1, 5):
        wait_for_report(page, place, 4)
        assert page.locator("input[name=letter]:checked").count() == 0
        page.keyboard.press("a")
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="The rehearsal is over")).to_be_visible()
    assert kept(page) == hers
    assert list(Draft.objects.values()) == drafts
    assert not Grade.objects.exists()


def test_two_side_by_side_and_an_error_that_is_marked(page, live_server):
    worlds.draft_study(cases=1, distance=1, presentation="pair", instruments=["errors"])
    begin(page, live_server)
    wait_for_report(page, 1, 1)
    for keys in ("j", "e", "3", "s", "Enter", "b"):
        page.keyboard.press(keys)
    expect(page.locator("[data-mark-list] li")).to_have_count(1)
    page.locator("[data-report='2'] .report").click()
    page.keyboard.press("c")
    page.locator("[data-preference] label").first.click()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="The rehearsal is over")).to_be_visible()
