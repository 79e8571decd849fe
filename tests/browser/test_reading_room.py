"""Rosa's page at every size: nothing of the report is hidden without a word, nothing
moves under her hand, and every key does one thing."""

from collections.abc import Iterator

import pytest
from django.test import override_settings
from django.urls import reverse
from playwright.sync_api import Browser, Locator, Page, expect

from readerstudy.grading.models import Grade
from readerstudy.presentation.models import PresentedReport
from tests import worlds
from tests.browser.test_session import (
    violations,
    wait_for_report,
    wait_until_saved,
    wear_session,
)
from tests.browser.visits import leave
from tests.browser.wire import Wire
from tests.chromium import context_of
from tests.lifted import lifted
from tests.people import cora, rosa

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def study(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return worlds.open_study(cases=3, distance=1, allow_small_screens=True)


@pytest.fixture
def page(chromium: Browser, live_server, study) -> Iterator[Page]:
    context = context_of(
        chromium, viewport={"width": 1280, "height": 720}, base_url=live_server.url
    )
    page = context.new_page()
    wear_session(page, rosa().client, live_server)
    yield page
    leave(page)


def begin(page: Page) -> None:
    page.goto(reverse("grading:next", args=["acceptability"]))
    wait_for_report(page, 1, 6)


def make_reports_long() -> None:
    body = {
        "sections": [
            {
                "heading": "Report",
                "sentences": [f"Sentence number {number}." for number in range(30)],
            }
        ],
        "note": "",
    }
    with lifted("presentation_presentedreport"):
        PresentedReport.objects.update(body=body)


def is_in_sight(page: Page, element: Locator) -> bool:
    box, size = element.bounding_box(), page.viewport_size
    assert box is not None and size is not None
    return box["y"] >= 0 and box["y"] + box["height"] <= size["height"]


def test_an_impatient_enter_sends_one_grade_and_no_other(page, study):
    # The long way, by loading the next page.
    Wire(page, "**/following/").cut()
    wire = Wire(page, "**/next/")
    begin(page)
    sent: list[str] = []
    page.on(
        "request",
        lambda request: sent.append(request.url) if request.method == "POST" else None,
    )
    wire.holds = True
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    for _ in range(500):
        if wire.held:
            break
        page.wait_for_timeout(20)
    # The grade is stored, and the next page is on its way.
    for _ in range(5):
        page.keyboard.press("Enter")
        page.wait_for_timeout(50)
    assert len(sent) == 1
    wire.held[0].continue_()
    wait_for_report(page, 2, 6)
    wait_until_saved(page)
    assert Grade.objects.of_study(study).get().letter == "A"


def test_after_a_click_on_a_tool_enter_still_submits(page, study):
    begin(page)
    page.get_by_role("button", name="Invert").click()
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    wait_for_report(page, 2, 6)
    wait_until_saved(page)
    assert Grade.objects.of_study(study).get().letter == "B"


def test_a_report_that_goes_on_says_so_and_scrolls_by_key(page, study):
    make_reports_long()
    begin(page)
    report = page.locator(".report")
    expect(report).to_have_attribute("data-goes-on", "")
    for _ in range(8):
        page.keyboard.press("PageDown")
        page.wait_for_timeout(100)
    expect(report).not_to_have_attribute("data-goes-on", "")
    assert is_in_sight(page, page.get_by_text("Sentence number 29."))
    page.keyboard.press("PageUp")
    expect(report).to_have_attribute("data-goes-on", "")


def test_a_report_of_usual_length_is_whole_at_the_smallest_size(page, study):
    begin(page)
    expect(page.locator(".report")).not_to_have_attribute("data-goes-on", "")
    assert is_in_sight(page, page.get_by_role("button", name="Submit and next"))


def test_opening_the_definitions_moves_no_grade(page, study):
    begin(page)
    grade = page.locator(".grade").first
    before = grade.bounding_box()
    page.keyboard.press("g")
    definition = page.get_by_text("Every referable abnormality is named")
    expect(definition).to_be_visible()
    assert grade.bounding_box() == before
    assert violations(page) == []
    page.keyboard.press("g")
    expect(definition).not_to_be_visible()


@pytest.mark.parametrize("size", [(640, 360), (390, 844)], ids=["200 percent", "phone"])
def test_zoomed_in_the_whole_answer_stays_in_sight(page, study, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    begin(page)
    page.keyboard.press("Enter")
    for element in (
        page.locator(".grade").first,
        page.get_by_role("button", name="Submit and next"),
        page.get_by_text("Choose a grade first"),
    ):
        assert is_in_sight(page, element)
    sideways = (
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert page.evaluate(sideways) == 0
    assert violations(page) == []


def test_the_key_card_opens_at_its_top(page, study):
    begin(page)
    page.keyboard.press("?")
    assert is_in_sight(page, page.get_by_role("heading", name="Keys"))
    assert is_in_sight(page, page.get_by_text("Grade; again to clear it"))
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    expect(page.locator("input[value=C]")).to_be_checked()


def test_what_cora_typed_is_not_lost_by_adding_an_arm(page, study, live_server):
    worlds.draft_study("draft", distance=1)
    page.context.clear_cookies()
    wear_session(page, cora().client, live_server)
    page.goto(reverse("studies:setup", args=["draft"]))
    page.get_by_label("Instructions to readers").fill("Mind the devices.")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_text("Add an arm", exact=True).click()
    page.get_by_label("Label").fill("Another model")
    page.get_by_label("Report source").fill("another")
    page.get_by_role("button", name="Add arm").click()
    expect(page.get_by_label("Instructions to readers")).to_have_value(
        "Mind the devices."
    )
    assert asked == ["beforeunload"]
    page.get_by_role("button", name="Save settings").click()
    expect(page.get_by_text("Settings saved.")).to_be_visible()
    assert violations(page) == []
    assert asked == ["beforeunload"]


@override_settings(DEMONSTRATION=True)
def test_the_demonstration_says_on_every_page_what_it_is(page, study):
    for path in (reverse("home"), reverse("grading:start", args=["acceptability"])):
        page.goto(path)
        expect(page.get_by_text("Not for clinical use")).to_be_visible()
    begin(page)
    expect(page.get_by_text("Not for clinical use")).to_be_visible()
