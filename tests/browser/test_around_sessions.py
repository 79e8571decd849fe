"""Rosa in a browser before, between and after her sessions: consent, display, practice,
guesses; and Cora, who sets all of it."""

from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from readerstudy.grading.models import DisplayCheck, SourceGuess
from readerstudy.grading.path import Missing, next_step
from tests import worlds
from tests.browser.test_session import violations, wear_session
from tests.browser.visits import leave, watched_visit
from tests.chromium import context_of
from tests.people import cora, rosa

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow(seconds=25)]
BEGIN = reverse("grading:begin", args=["acceptability"])
NEXT = reverse("grading:next", args=["acceptability"])


@pytest.fixture
def reader(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = worlds.open_study(
        cases=3,
        distance=1,
        consent="My grades may be published.\n\nI may stop at any time.",
        display_check=True,
        guess_sample=2,
        session_reads=3,
    )
    worlds.practice_case(study)
    return study.membership_set.readers().get()


@pytest.fixture
def page(chromium: Browser, live_server) -> Iterator[Page]:
    with watched_visit(chromium, live_server.url, width=1280, height=720) as page:
        yield page


def settled(page: Page, name: str) -> None:
    """The page is accessible."""
    assert violations(page) == [], name


def tell_the_pattern(page: Page) -> None:
    """Look at the pattern as a person does, and say what is there."""
    for patch, field in (("dark", "dark"), ("bright", "bright")):
        square = page.locator(f".patch-{patch} .patch-square")
        corner = square.get_attribute("class").rsplit("patch-", 1)[1]
        page.locator(f"input[name={field}][value={corner}]").check()
    page.get_by_label("How many steps").fill(str(page.locator("rect").count()))
    lines = page.locator("#line-pairs").get_attribute("data-lines")
    page.locator(f"input[name=lines][value={lines}]").check()
    page.get_by_label("The room is dim").check()


def test_rosa_prepares_reads_a_session_and_guesses(page, reader, live_server):
    wear_session(page, rosa().client, live_server)
    page.goto(reverse("grading:start", args=["acceptability"]))
    settled(page, "start")
    page.get_by_role("link", name="Begin reading").click()

    expect(page.get_by_role("heading", name="your consent")).to_be_visible()
    settled(page, "consent")
    page.get_by_label("I have read this").check()
    page.get_by_role("button", name="Agree").click()

    expect(page.get_by_role("heading", name="fit for reading")).to_be_visible()
    settled(page, "display")
    tell_the_pattern(page)
    page.locator("input[name=dark][value=none]").check()
    page.get_by_role("button", name="That is what I see").click()
    expect(page.get_by_role("alert")).to_contain_text("raise its brightness")
    settled(page, "display-failed")
    tell_the_pattern(page)
    page.get_by_role("button", name="That is what I see").click()

    expect(page.get_by_role("heading", name="Practice", exact=True)).to_be_visible()
    check = DisplayCheck.objects.last()
    assert check.passed and check.screen == "1280x720x24"
    assert check.device["pixel_ratio"] == 1
    settled(page, "practice")
    page.get_by_role("link", name="Practice case 1").click()
    expect(page.locator("#viewer[data-state=ready]")).to_be_visible()
    settled(page, "practice-case")
    drawn = page.locator("#viewer canvas").first.bounding_box()
    assert drawn["y"] < 100 and drawn["height"] > 400
    page.keyboard.press("b")
    page.get_by_role("button", name="Submit and compare").click()
    expect(page.get_by_text("The nodule is missing.")).to_be_visible()
    expect(page.locator("#viewer[data-state=ready]")).to_be_visible()
    settled(page, "practice-answered")
    page.get_by_role("link", name="Go on to the reports").click()
    expect(page.get_by_text("1 of 6", exact=True)).to_be_visible()

    worlds.read_session(reader)
    page.goto(reverse("home"))
    settled(page, "home")
    page.get_by_role("link", name="Finish the session").click()
    expect(page.get_by_role("heading", name="One last thing")).to_be_visible()
    settled(page, "guess-cover")
    page.get_by_role("button", name="My grades stand").click()
    count = page.get_by_text("Who wrote it?").count()
    for number in range(1, count + 1):
        page.locator(f"input[name=author{number}]").first.check()
    settled(page, "guess")
    # Bad answers are said beside the question, with the good ones kept.
    page.locator("main form").evaluate("form => { form.noValidate = true }")
    page.get_by_role("button", name="Hand in").click()
    expect(page.get_by_text("Say how sure you are.").first).to_be_visible()
    expect(page.locator("input[name=author1]").first).to_be_checked()
    settled(page, "guess-incomplete")
    for number in range(1, count + 1):
        page.locator(f"input[name=confidence{number}][value='2']").check()
    page.get_by_role("button", name="Hand in").click()
    expect(page.get_by_role("heading", name="Session 1 of 2 is done")).to_be_visible()
    settled(page, "between")
    assert SourceGuess.objects.count() == count == 2
    page.get_by_role("link", name="Begin session 2").click()
    expect(page.get_by_role("heading", name="fit for reading")).to_be_visible()
    assert next_step(reader).missing == Missing.DISPLAY


def test_another_screen_leads_back_to_the_check(page, reader, live_server):
    wear_session(page, rosa().client, live_server)
    worlds.prepare(reader, screen_width=3000)
    page.goto(reverse("grading:start", args=["acceptability"]))
    expect(page.get_by_text("This is another screen")).to_be_visible()
    tell_the_pattern(page)
    page.get_by_role("button", name="That is what I see").click()
    page.wait_for_url("**/read/report/**")
    page.goto(reverse("grading:start", args=["acceptability"]))
    expect(page.get_by_role("link", name="Begin reading")).to_be_visible()


def test_the_wait_and_the_end_are_told_in_her_own_time(page, reader, live_server):
    study = worlds.open_study(
        "slow", cases=3, distance=1, washout_days=9, guess_sample=0
    )
    slow = study.membership_set.readers().get()
    worlds.read_session(slow)
    wear_session(page, rosa().client, live_server)
    page.goto(reverse("grading:next", args=["slow"]))
    moment = page.locator("time[data-local-time]")
    opens_at = next_step(slow).opens_at
    expect(moment).to_contain_text(f"{opens_at:%Y}")
    expect(moment).not_to_contain_text("UTC UTC")
    settled(page, "wait")
    page.goto(reverse("home"))
    settled(page, "home-waiting")
    done = worlds.open_study("done", cases=3, distance=1)
    worlds.read_session(done.membership_set.readers().get())
    page.goto(reverse("grading:next", args=["done"]))
    settled(page, "done")
    worlds.close(done)
    page.goto(reverse("grading:next", args=["done"]))
    settled(page, "done-closed")
    page.goto(reverse("grading:graded", args=["done"]))
    settled(page, "graded")


def test_a_telephone_is_told_that_it_is_no_reading_display(
    chromium, reader, live_server
):
    context = context_of(
        chromium,
        viewport={"width": 390, "height": 844},
        has_touch=True,
        base_url=live_server.url,
    )
    page = context.new_page()
    wear_session(page, rosa().client, live_server)
    page.goto(reverse("grading:start", args=["acceptability"]))
    expect(page.get_by_role("heading", name="not a reading display")).to_be_visible()
    expect(page.get_by_role("link", name="Begin reading")).to_be_hidden()
    assert violations(page) == []
    leave(page)


def test_a_large_screen_enlarged_to_200_percent_stays_a_reading_display(
    chromium, reader, live_server
):
    context = context_of(
        chromium,
        viewport={"width": 640, "height": 360},
        screen={"width": 1280, "height": 720},
        device_scale_factor=2,
        base_url=live_server.url,
    )
    page = context.new_page()
    wear_session(page, rosa().client, live_server)
    page.goto(reverse("grading:start", args=["acceptability"]))
    expect(page.get_by_role("link", name="Begin reading")).to_be_visible()
    leave(page)


def test_cora_sets_the_rules_and_the_practice_set(
    page, settings, tmp_path, live_server
):
    settings.MEDIA_ROOT = tmp_path
    worlds.draft_study("draft", distance=1)
    worlds.collection("further", cases=2)
    wear_session(page, cora().client, live_server)
    page.goto(reverse("studies:setup", args=["draft"]))
    settled(page, "setup")
    page.get_by_role("navigation", name="Stages of the study").get_by_role(
        "link", name="Reading"
    ).click()
    settled(page, "rules")
    page.get_by_label("Language clarity, 1 to 5").check()
    page.get_by_label("Seconds without input").fill("3")
    page.locator("main form").evaluate("form => { form.noValidate = true }")
    page.get_by_role("button", name="Save rules").click()
    expect(page.get_by_text("greater than or equal to 15")).to_be_visible()
    expect(page.get_by_label("Language clarity, 1 to 5")).to_be_checked()
    settled(page, "rules-refused")
    page.goto(reverse("presentation:practice", args=["draft"]))
    settled(page, "practice-set-empty")
    page.get_by_label("Collection").select_option("further")
    page.get_by_label("Case", exact=True).fill("CXR9")
    page.get_by_label("Report source").fill("cxr_llava")
    page.get_by_label("Expected grade").select_option("B")
    page.get_by_label("Explanation").fill("A nodule is missing.")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("There is no case CXR9")).to_be_visible()
    settled(page, "practice-set-refused")
    page.get_by_label("Case", exact=True).fill("CXR1")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("cell", name="A nodule is missing.")).to_be_visible()
    settled(page, "practice-set")
