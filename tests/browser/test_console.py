"""Cora asks the model by keyboard; the answer comes by itself, and nothing typed is
lost."""

import json
from collections.abc import Iterator

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from inference.chexpert import FINDINGS
from readerstudy.cases.models import Case
from readerstudy.reports.console.models import Turn
from readerstudy.work import leases
from readerstudy.work.models import WorkerPulse
from tests import worlds
from tests.browser.test_session import violations, wear_session
from tests.browser.visits import leave
from tests.chromium import context_of
from tests.people import cora

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def study(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.JOB_MAXIMUM_ATTEMPTS = 1
    return worlds.open_study(cases=3, distance=1)


@pytest.fixture
def page(chromium: Browser, live_server, study) -> Iterator[Page]:
    """Cora's browser; afterwards no script failed and no policy was violated."""
    context = context_of(
        chromium, viewport={"width": 1280, "height": 800}, base_url=live_server.url
    )
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on(
        "console",
        lambda message: (
            failures.append(message.text)
            if "Content Security Policy" in message.text
            else None
        ),
    )
    wear_session(page, cora().client, live_server)
    yield page
    leave(page)
    assert failures == []


def beat() -> None:
    WorkerPulse.objects.update_or_create(
        worker="one", defaults={"seen_at": timezone.now()}
    )


def answer_last(text: str) -> None:
    worlds.answered(Turn.objects.latest("id"), text)


def open_case(page: Page, study) -> None:
    case = Case.objects.of_study(study).first()
    page.goto(reverse("reports:console:case", args=[study.code, case.pk]))


def test_cora_asks_by_keyboard_and_the_answers_come_by_themselves(page, study):
    page.goto(reverse("reports:of_study", args=[study.code]))
    page.get_by_role("link", name="Choose a case").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="CXR1").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Write a report").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("No worker has shown itself")).to_be_visible()
    beat()
    expect(page.get_by_text("Waiting for the worker")).to_be_visible()
    field = page.get_by_label("A further question")
    field.focus()
    page.keyboard.type("Is it new")
    expect(page.get_by_role("button", name="Further study needed?")).to_be_disabled()
    answer_last("A nodule on the left.")
    expect(page.get_by_text("A nodule on the left.")).to_be_visible()
    # The page changed around what is being typed.
    expect(field).to_be_focused()
    page.keyboard.type("?")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("article", name="Question 2")).to_contain_text("Is it new?")
    expect(field).to_have_value("")
    expect(field).to_be_focused()
    answer_last("No earlier film is known.")
    expect(page.get_by_text("No earlier film is known.")).to_be_visible()
    assert [turn.kind for turn in Turn.objects.order_by("id")] == ["report", "free"]


def test_a_suggested_question_leaves_alone_what_is_being_typed(page, study):
    beat()
    talk = worlds.conversation(study)
    page.goto(reverse("reports:console:conversation", args=[study.code, talk.pk]))
    field = page.get_by_label("A further question")
    field.fill("Is the heart")
    page.get_by_role("button", name="Differential diagnoses?").click()
    expect(page.get_by_role("article", name="Question 2")).to_be_visible()
    expect(field).to_have_value("Is the heart")
    # Too early: it is refused in a sentence, and stays where it was typed.
    field.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("still at the question before")
    expect(field).to_have_value("Is the heart")
    answer_last("Metastases.")
    expect(page.get_by_text("Question 2 is answered.")).to_be_attached()
    field.press("Control+Enter")
    expect(page.get_by_role("article", name="Question 3")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_panel_is_downloaded_as_soon_as_there_is_an_answer(page, study):
    beat()
    open_case(page, study)
    page.get_by_role("button", name="Write a report").click()
    expect(page.get_by_text("Export panel")).to_have_count(0)
    answer_last("A nodule.")
    page.get_by_text("Export panel").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="PDF").click()
    assert download.value.suggested_filename.endswith(".pdf")


def test_axe_finds_nothing_in_any_state_of_the_console(page, study):
    found = {}
    page.goto(reverse("reports:console:cases", args=[study.code]))
    found["cases"] = violations(page)
    page.goto(reverse("reports:console:cases", args=[study.code]) + "?case=none")
    found["no such case"] = violations(page)
    open_case(page, study)
    page.get_by_text("Ground truth").click()
    found["case"] = violations(page)
    page.get_by_role("button", name="Label the 14 findings").click()
    expect(page.get_by_text("No worker has shown itself")).to_be_visible()
    found["waiting alone"] = violations(page)
    answer_last(json.dumps(dict.fromkeys(FINDINGS, 1)))
    expect(page.get_by_role("table")).to_be_visible()
    page.get_by_text("Export panel").click()
    page.get_by_text("How the answers were made").click()
    found["labels"] = violations(page)
    page.get_by_label("A further question").fill("<image>")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("sees the radiograph already")).to_be_visible()
    found["refused"] = violations(page)
    page.get_by_role("button", name="Write a report").click()
    expect(page.get_by_role("article", name="Question 2")).to_be_visible()
    claimed = leases.claim(Turn, id=Turn.objects.latest("id").pk, worker="one")
    leases.fail(claimed, reason="No memory left.")
    expect(page.get_by_role("button", name="Try it again")).to_be_visible()
    found["failed"] = violations(page)
    assert {state: each for state, each in found.items() if each} == {}
