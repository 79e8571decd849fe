"""Rosa answers what the protocol asks: grade, further questions, a refusal, a pair."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from readerstudy.grading.models import Draft, Grade, Preference
from readerstudy.studies.instruments import OPTIONAL_NAMES
from tests.browser.reading_page import come_back, open_page, press
from tests.browser.test_session import violations, wait_for_report
from tests.browser.visits import leave

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow(seconds=50)]
THREE = ["hallucination", "clarity", "confidence", "comment", "cannot_assess"]
LONG = [f"Sentence number {number} of a long report." for number in range(30)]


@pytest.fixture
def shown(chromium: Browser, live_server, settings, tmp_path) -> Iterator[Any]:
    """Show the first page under the rules that a test asks for."""
    settings.MEDIA_ROOT = tmp_path
    pages: list[Page] = []

    def show(**rules: Any) -> Page:
        pages.append(open_page(chromium, live_server, **rules))
        return pages[0]

    yield show
    leave(pages[0])


def hint(page: Page) -> Locator:
    return page.locator("[data-hint]")


def choose(page: Page, instrument: str, answer: str, report: int = 1) -> None:
    group = page.locator(f"[data-report='{report}'] [data-instrument={instrument}]")
    group.locator("label").filter(has_text=answer).first.click()


def is_in_sight(page: Page, element: Locator) -> bool:
    box, size = element.bounding_box(), page.viewport_size
    assert box is not None and size is not None
    return box["y"] >= 0 and box["y"] + box["height"] <= size["height"]


def test_every_question_is_asked_for_and_stored(shown):
    page = shown(instruments=list(OPTIONAL_NAMES))
    press(page, "Enter")
    expect(hint(page)).to_have_text("Choose a grade first: A, B, C or D.")
    press(page, "b")
    expect(hint(page)).to_be_empty()
    for instrument, answer in (
        ("referable", "Yes"),
        ("radpeer", "2b"),
        ("hallucination", "No"),
        ("clarity", "4"),
    ):
        press(page, "Enter")
        question = page.locator(f"[data-instrument={instrument}] [data-question]")
        expect(hint(page)).to_contain_text(question.inner_text())
        choose(page, instrument, answer)
    press(page, "Enter")
    expect(hint(page)).to_contain_text("How sure are you")
    press(page, "Shift+Digit5 m")
    page.keyboard.type("Fine.")
    press(page, "Control+Enter")
    wait_for_report(page, 2, 4)
    expect(page.locator("#reading-status")).to_contain_text("grade saved")
    grade = Grade.objects.get()
    assert (grade.letter, grade.comment) == ("B", "Fine.")
    assert grade.answers == {
        "referable": "yes",
        "radpeer": "2b",
        "hallucination": "no",
        "clarity": "4",
        "confidence": "5",
    }


def test_a_key_again_clears_the_answer(shown):
    page = shown(instruments=["confidence"])
    press(page, "c Shift+Digit2")
    expect(page.locator("[data-instrument=confidence] :checked")).to_have_value("2")
    press(page, "c Shift+Digit2")
    assert page.locator("input:checked").count() == 0


def test_a_reason_takes_the_place_of_the_grade(shown):
    page = shown(instruments=THREE)
    press(page, "a Shift+Digit3 u")
    page.get_by_text("Another reason, given").click()
    grades = page.locator("[data-letter]")
    assert page.locator("[data-letter]:checked").count() == 0
    expect(grades.first).to_be_disabled()
    press(page, "a Enter")
    expect(hint(page)).to_contain_text("Say in the comment why")
    page.keyboard.type("The apices are cut off.")
    expect(page.locator("#reading-status")).to_contain_text("draft saved")
    assert Draft.objects.get().content["cannot_assess"] == "other"
    assert violations(page) == []
    press(page, "Escape Enter")
    wait_for_report(page, 2, 4)
    expect(page.locator("#reading-status")).to_contain_text("grade saved")
    grade = Grade.objects.get()
    assert (grade.letter, grade.cannot_assess, grade.answers) == ("", "other", {})


def test_the_same_key_leads_back_to_grading(shown):
    page = shown(instruments=THREE)
    press(page, "u")
    page.get_by_text("The image is not good enough").click()
    expect(page.locator("[data-letter]").first).to_be_disabled()
    press(page, "u")
    expect(page.locator("[data-letter]").first).to_be_enabled()
    press(page, "d")
    expect(page.locator("[data-letter]:checked")).to_have_value("D")
    expect(page.locator("#reading-status")).to_contain_text("draft saved")
    assert Draft.objects.get().content["cannot_assess"] == ""


def test_without_a_comment_a_reason_brings_one(shown):
    page = shown(instruments=["cannot_assess"])
    press(page, "u")
    page.get_by_text("Another reason, given").click()
    press(page, "Enter")
    page.keyboard.type("Two patients in one image.")
    press(page, "Control+Enter")
    wait_for_report(page, 2, 4)


@pytest.mark.parametrize("length", ["short", "long"])
def test_three_questions_leave_grade_and_submit_in_sight(shown, length):
    rules = {"sentences": LONG} if length == "long" else {}
    page = shown(instruments=THREE, **rules)
    for element in (
        page.locator(".grade").first,
        page.locator(".grade").last,
        page.get_by_text("How sure are you"),
        page.get_by_role("button", name="Submit and next"),
        page.locator("[data-sentence]").first,
    ):
        assert is_in_sight(page, element)
    before = page.locator(".grade").first.bounding_box()
    press(page, "g")
    expect(page.locator(".definitions-list")).to_be_visible()
    press(page, "g Enter")
    expect(hint(page)).to_be_visible()
    assert page.locator(".grade").first.bounding_box() == before


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (2560, 1440), (640, 360)])
def test_all_questions_are_accessible_at_every_size(shown, size):
    page = shown(instruments=list(OPTIONAL_NAMES), size=size)
    press(page, "Enter g")
    assert violations(page) == []
    assert is_in_sight(page, page.get_by_role("button", name="Submit and next"))


def test_what_was_entered_comes_back_in_another_browser(shown, chromium, live_server):
    page = shown(instruments=THREE)
    press(page, "b Shift+Digit4")
    choose(page, "hallucination", "No")
    expect(page.locator("#reading-status")).to_contain_text("draft saved")
    other = come_back(chromium, live_server)
    checked = [each.get_attribute("value") for each in other.locator(":checked").all()]
    assert checked == ["B", "no", "4"]
    other.context.close()


def test_arrows_belong_to_the_image_but_for_answers_reached_by_tab(shown):
    page = shown(instruments=THREE)
    values = page.locator(".viewer-values").first
    checked = page.locator("[data-instrument=clarity] :checked")
    choose(page, "clarity", "3")
    before = values.inner_text()
    press(page, "ArrowUp")
    expect(checked).to_have_value("3")
    expect(values).not_to_have_text(before)
    # The question that is missing has the focus, yet the image is still looked at.
    press(page, "b Enter ArrowUp")
    assert page.locator("[data-instrument=hallucination] :checked").count() == 0
    press(page, "Tab ArrowDown")
    expect(checked).to_have_value("4")
    press(page, "ArrowDown")
    expect(checked).to_have_value("5")


# --- Pairs ---


def test_keys_act_on_the_report_that_says_so(shown):
    page = shown(presentation="pair", instruments=["comment"])
    here = page.locator("[data-report][data-current]")
    expect(here).to_have_attribute("data-report", "1")
    expect(here.get_by_text("the keys act here")).to_be_visible()
    press(page, "a s d")
    expect(here).to_have_attribute("data-report", "2")
    press(page, "Enter")
    expect(hint(page)).to_have_text("Say which report is better.")
    press(page, "ArrowLeft Enter")
    wait_for_report(page, 2, 2)
    expect(page.locator("#reading-status")).to_contain_text("grade saved")
    letters = Grade.objects.order_by("slot__position").values_list("letter", flat=True)
    assert list(letters) == ["A", "D"]
    assert Preference.objects.get().choice == "1"


def test_a_pair_names_the_report_that_lacks_an_answer(shown):
    page = shown(presentation="pair", instruments=["clarity", "cannot_assess"])
    press(page, "b Enter")
    expect(hint(page)).to_contain_text("Report 1: Still to answer: How clear")
    choose(page, "clarity", "5")
    press(page, "Enter")
    expect(hint(page)).to_contain_text("Report 2: Choose a grade first")
    press(page, "u")
    page.get_by_text("The report cannot be understood").last.click()
    press(page, "= Enter")
    wait_for_report(page, 2, 2)
    expect(page.locator("#reading-status")).to_contain_text("grade saved")
    first, second = Grade.objects.order_by("slot__position")
    assert (first.letter, first.answers) == ("B", {"clarity": "5"})
    assert (second.letter, second.cannot_assess) == ("", "report_unreadable")
    assert Preference.objects.get().choice == "equal"


@pytest.mark.parametrize("size", [(1280, 720), (2560, 1440)], ids=["above", "beside"])
def test_two_reports_are_accessible_and_whole(shown, size):
    page = shown(presentation="pair", instruments=list(OPTIONAL_NAMES), size=size)
    first, second = page.locator("[data-report]").all()
    top, other = first.bounding_box(), second.bounding_box()
    assert top is not None and other is not None
    assert (top["y"] == other["y"]) == (size[0] > 1600)
    press(page, "j e 1 s Enter s e 2 n")
    assert violations(page) == []
    press(page, "Enter Enter")
    expect(hint(page)).to_contain_text("Report 1")
    for element in (
        page.get_by_text("Which report is better?"),
        page.get_by_role("button", name="Submit and next"),
    ):
        assert is_in_sight(page, element)
    assert violations(page) == []


def test_what_is_entered_for_a_pair_comes_back(shown, chromium, live_server):
    page = shown(presentation="pair", instruments=["errors"])
    press(page, "c s b ArrowRight j e 3 n Enter")
    expect(page.locator("#reading-status")).to_contain_text("draft saved")
    other = come_back(chromium, live_server)
    checked = [each.get_attribute("value") for each in other.locator(":checked").all()]
    assert [value for value in checked if value != "false"] == ["C", "B", "2"]
    expect(other.locator("[data-report='2'] .mark-list li")).to_have_count(1)
    expect(other.locator("[data-report='1'] .mark-list li")).to_have_count(0)
    other.context.close()


# --- The key card ---


def test_a_key_is_changed_on_the_card(shown):
    page = shown(instruments=["comment"])
    press(page, "?")
    card = page.get_by_role("dialog")
    expect(card.get_by_text("Errors in the text")).to_have_count(0)
    card.get_by_role("button", name="Change keys").click()
    card.get_by_role("button", name="Invert").click()
    press(page, "a")
    expect(card).to_contain_text("A is already the key for: Grade A")
    press(page, "y")
    expect(card).to_contain_text("Y is the key now for: Invert.")
    assert violations(page) == []
    card.get_by_role("button", name="Fit to the window").click()
    press(page, "Escape")
    expect(card).to_be_visible()
    press(page, "Escape")
    expect(card).to_be_hidden()
    press(page, "y")
    invert = page.get_by_role("button", name="Invert")
    expect(invert).to_have_attribute("aria-pressed", "true")
    press(page, "?")
    card.get_by_role("button", name="Back to the usual keys").click()
    press(page, "Escape i")
    expect(invert).to_have_attribute("aria-pressed", "false")
