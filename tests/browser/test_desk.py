"""Anya works at her desk: what was found, where readers differ, what is left out."""

from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from readerstudy.analysis.models import AnalysisRun, Exclusion
from readerstudy.analysis.sections import SECTIONS
from readerstudy.analysis.services import compute
from readerstudy.cases.models import Case
from tests import worlds
from tests.browser.test_session import violations, wear_session
from tests.browser.visits import watched_visit
from tests.people import anya, cora, person, rosa

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow(seconds=30)]


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def page(chromium: Browser, live_server) -> Iterator[Page]:
    with watched_visit(chromium, live_server.url, width=1280, height=900) as page:
        yield page


def go_by_keyboard(page: Page, name: str) -> None:
    """Follow the link of that name as one who has no mouse."""
    link = page.get_by_role("link", name=name, exact=True)
    link.focus()
    expect(link).to_be_focused()
    page.keyboard.press("Enter")


def test_anya_reads_what_was_found_looks_where_readers_differ_and_excludes(
    page, live_server
):
    study = worlds.closed_study(readers=[rosa(), person("Ravi")])
    wear_session(page, anya().client, live_server)
    page.goto("/")
    page.get_by_role("link", name="A study").first.click()
    page.goto(reverse("analysis:results", args=[study.code]))
    found = page.get_by_role("region", name="What the study found")
    expect(found).to_contain_text("percentage points")

    go_by_keyboard(page, "Disagreements")
    rows = page.locator("tbody th a")
    first, second = rows.nth(0).inner_text(), rows.nth(1).inner_text()
    rows.first.focus()
    page.keyboard.press("Enter")
    heading = page.get_by_role("heading", level=2)
    expect(heading).to_have_text(f"Case {first}")
    expect(page.get_by_alt_text(f"Radiograph of case {first}")).to_be_visible()
    go_by_keyboard(page, "Next")
    expect(heading).to_have_text(f"Case {second}")
    go_by_keyboard(page, "Previous")
    expect(heading).to_have_text(f"Case {first}")
    go_by_keyboard(page, "List")
    expect(heading).to_have_text("Disagreements")
    rows.first.click()

    page.get_by_role("link", name="Leave this case, or one of its reads").click()
    expect(page.get_by_label("Case", exact=True)).to_have_value(first)
    page.get_by_label("Reader", exact=True).select_option("R1")
    page.get_by_label("Arm", exact=True).select_option("CXR-LLaVA")
    page.get_by_label("Reason", exact=True).fill("The wrong film was shown.")
    page.get_by_role("button", name="Leave it out").click()
    left_out = page.get_by_role("region", name="Left out now")
    expect(left_out).to_contain_text(f"Read of R1 on case {first}, CXR-LLaVA")
    assert Exclusion.objects.get().reason == "The wrong film was shown."

    go_by_keyboard(page, "Overview")
    stale = page.get_by_text("The newest analysis is out of date.")
    expect(stale).to_be_visible()
    expect(page.get_by_text("0 exclusions then, 1 now.")).to_be_visible()
    page.get_by_role("button", name="Compute anew").click()
    expect(stale).to_have_count(0)
    beside = page.get_by_role("region", name="With and without exclusions").first
    expect(beside).to_be_visible()
    assert AnalysisRun.objects.of_study(study).count() == 2


def reached(page: Page, path: str) -> list[str]:
    answer = page.goto(path)
    assert answer is not None and answer.status == 200, path
    return violations(page)


def test_axe_finds_nothing_at_the_desk_however_wide_the_window(page, live_server):
    closed = worlds.closed_study("closed", readers=[rosa(), person("Ravi")])
    worlds.exclusion(closed, case=Case.objects.of_study(closed).first())
    compute(study=closed, actor=anya().user)
    run = AnalysisRun.objects.get()
    worlds.draft_study("draft")
    worlds.open_study("open")
    worlds.study_without_grades("silent")
    case = Case.objects.of_study(closed).last()
    pages = {
        anya: [
            *(
                reverse("analysis:section", args=["closed", section.slug])
                for section in SECTIONS
            ),
            reverse("analysis:run_section", args=["closed", run.pk, "comparison"]),
            reverse("analysis:disagreements", args=["closed"]),
            reverse("analysis:disagreements", args=["closed"]) + "?kind=arms&spread=3",
            reverse("analysis:disagreement", args=["closed", case.pk]),
            reverse("analysis:exclusions", args=["closed"]),
            reverse("analysis:runs", args=["closed"]),
            reverse("analysis:results", args=["open"]),
            reverse("analysis:results", args=["silent"]),
            reverse("analysis:disagreements", args=["silent"]),
        ],
        cora: [
            reverse("studies:plan", args=["draft"]),
            reverse("studies:plan", args=["open"]),
            reverse("analysis:planning", args=["draft"]),
            reverse("analysis:planning", args=["closed"]),
        ],
    }
    found: dict[str, list[str]] = {}
    wide: list[str] = []
    for someone, paths in pages.items():
        page.context.clear_cookies()
        wear_session(page, someone().client, live_server)
        for path in paths:
            found[path] = reached(page, path)
            page.set_viewport_size({"width": 400, "height": 800})
            if page.evaluate("document.documentElement.scrollWidth") > 400:
                wide.append(path)
            found[path] += violations(page)
            page.set_viewport_size({"width": 1280, "height": 900})
    assert {path: each for path, each in found.items() if each} == {}
    assert wide == []
