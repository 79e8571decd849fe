"""Rosa grades a whole session by keyboard, loses the network and comes back."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from readerstudy.grading.models import Draft, Grade
from readerstudy.reports.models import Report, SelfTest
from readerstudy.studies.models import Membership
from readerstudy.studies.services import amend
from tests import worlds
from tests.browser.visits import watched_visit
from tests.browser.wire import Wire
from tests.chromium import context_of
from tests.lifted import lifted
from tests.people import anya, cora, rosa
from tests.reports.test_self_tests import constant, finish

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow(seconds=30)]
PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def page(chromium: Browser, live_server) -> Iterator[Page]:
    with watched_visit(chromium, live_server.url, width=1440, height=900) as page:
        yield page


def sign_in_by_keyboard(page: Page, username: str) -> None:
    page.goto("/")
    page.keyboard.type(username)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")


def with_password(someone) -> str:
    someone.user.set_password(PASSWORD)
    someone.user.save()
    return someone.user.username


def wear_session(page: Page, client: Client, live_server) -> None:
    """Carry a signed-in client's session over to the browser."""
    cookie = client.cookies["sessionid"]
    page.context.add_cookies(
        [{"name": "sessionid", "value": cookie.value, "url": live_server.url}]
    )


def wait_for_report(page: Page, position: int, total: int) -> None:
    expect(page.get_by_text(f"{position} of {total}", exact=True)).to_be_visible()
    expect(page.locator("#viewer[data-state=ready]")).to_be_visible()


# A network idle for a moment says nothing: the next fetch may not have begun.
FETCHED_AHEAD = """() => {
  const frames = performance.getEntriesByType("resource")
    .filter((each) => each.responseEnd > 0)
    .map((each) => new URL(each.name).pathname)
    .filter((path) => path.includes("/frame/"));
  const shown = performance.getEntriesByName("reading:painted").length;
  return shown > 0 && new Set(frames).size > shown;
}"""


def wait_until_fetched_ahead(page: Page) -> None:
    """The page after this one, and its radiograph, are in this browser."""
    page.wait_for_function(FETCHED_AHEAD)


def wait_until_saved(page: Page) -> None:
    expect(page.locator("#reading-status")).to_contain_text("grade saved")


def letters_of(study) -> list[str]:
    grades = Grade.objects.of_study(study).order_by("slot__position")
    return list(grades.values_list("letter", flat=True))


def test_a_whole_session_by_keyboard_with_the_network_lost_in_the_middle(page):
    study = worlds.open_study(cases=3, distance=1)
    sign_in_by_keyboard(page, with_password(rosa()))
    page.get_by_role("link", name="A study").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Begin reading").focus()
    page.keyboard.press("Enter")

    wait_for_report(page, 1, 6)
    assert page.locator("input[name=letter]:checked").count() == 0
    page.keyboard.press("Enter")
    expect(page.get_by_text("Choose a grade first")).to_be_visible()
    assert letters_of(study) == []
    page.keyboard.press("b")
    page.keyboard.press("Enter")

    wait_for_report(page, 2, 6)
    page.keyboard.press("m")
    page.keyboard.type("The left effusion is missing; a b c d are only letters here.")
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    # The third report is here already; further than that she cannot go without it.
    wait_until_fetched_ahead(page)
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    wait_for_report(page, 3, 6)
    expect(page.locator("#reading-status")).to_contain_text("not saved yet")
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    # More impatience makes no second grade.
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    expect(page.get_by_text("3 of 6", exact=True)).to_be_visible()
    assert letters_of(study) == ["B"]
    page.context.set_offline(False)

    wait_for_report(page, 4, 6)
    assert letters_of(study) == ["B", "C", "A"]
    assert Grade.objects.of_study(study).get(slot__position=2).comment.startswith("The")

    page.goto("/")
    page.get_by_role("link", name="A study").first.click()
    page.get_by_role("link", name="Go on reading at 4 of 6").click()
    for position, letter in enumerate("ADB", 4):
        wait_for_report(page, position, 6)
        page.keyboard.press(letter.lower())
        page.keyboard.press("Enter")
    expect(page.get_by_text("You have graded all 6 reports")).to_be_visible()
    assert letters_of(study) == list("BCAADB")
    assert not Draft.objects.exists()


def test_what_was_typed_is_there_again_after_a_reload_and_on_another_computer(
    page, chromium, live_server
):
    worlds.open_study(cases=3, distance=1)
    wear_session(page, rosa().client, live_server)
    page.goto(reverse("grading:next", args=["acceptability"]))
    wait_for_report(page, 1, 6)
    page.keyboard.press("d")
    page.keyboard.press("m")
    page.keyboard.type("Wrong side.")
    expect(page.locator("#reading-status")).to_contain_text("draft saved")
    page.reload()
    wait_for_report(page, 1, 6)
    expect(page.locator("#comment")).to_have_value("Wrong side.")

    other = context_of(chromium, base_url=live_server.url).new_page()
    wear_session(other, rosa().client, live_server)
    other.goto(reverse("grading:next", args=["acceptability"]))
    wait_for_report(other, 1, 6)
    expect(other.locator("#comment")).to_have_value("Wrong side.")
    expect(other.locator("input[value=D]")).to_be_checked()
    other.context.close()


def test_a_report_graded_in_one_window_is_not_graded_again_in_another(
    page, live_server
):
    study = worlds.open_study(cases=3, distance=1)
    wear_session(page, rosa().client, live_server)
    address = reverse("grading:next", args=["acceptability"])
    page.goto(address)
    wait_for_report(page, 1, 6)
    second = page.context.new_page()
    second.goto(address)
    wait_for_report(second, 1, 6)
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    wait_for_report(page, 2, 6)
    wait_until_saved(page)
    expect(second.get_by_text("graded in another window")).to_be_visible()
    expect(second.get_by_role("link", name="Continue")).to_be_visible()
    second.keyboard.press("d")
    second.keyboard.press("Enter")
    wait_for_report(second, 2, 6)
    assert letters_of(study) == ["A"]


def test_a_session_that_has_ended_keeps_the_grade_until_the_sign_in(page, live_server):
    study = worlds.open_study(cases=3, distance=1)
    with_password(rosa())
    wear_session(page, rosa().client, live_server)
    page.goto(reverse("grading:next", args=["acceptability"]))
    wait_for_report(page, 1, 6)
    page.context.clear_cookies(name="sessionid")
    page.keyboard.press("c")
    page.keyboard.press("Enter")
    expect(page.locator("#reading-status")).to_contain_text("Your session has ended")
    assert letters_of(study) == []
    # The radiograph of the next report says the same, if it was not there already.
    page.locator("#reading-status").get_by_role("link", name="Sign in").click()
    page.get_by_label("Username").fill("rosa")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    wait_for_report(page, 2, 6)
    assert letters_of(study) == ["C"]


def test_two_grades_that_wait_are_both_there_after_a_reload(page, live_server):
    study = worlds.open_study(cases=3, distance=1)
    wear_session(page, rosa().client, live_server)
    wire = Wire(page, "**/grade/")
    address = reverse("grading:next", args=["acceptability"])
    page.goto(address)
    wait_for_report(page, 1, 6)
    wait_until_fetched_ahead(page)
    wire.cut()
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    wait_for_report(page, 2, 6)
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    expect(page.locator("#reading-status")).to_contain_text("not saved yet; retrying")
    assert letters_of(study) == []
    wire.mend()
    page.goto(address)
    wait_for_report(page, 3, 6)
    assert letters_of(study) == ["A", "B"]


def test_a_grade_is_taken_back_at_the_end_of_a_session(page, live_server):
    study = worlds.open_study(cases=3, distance=1, session_reads=1)
    wear_session(page, rosa().client, live_server)
    page.goto(reverse("grading:next", args=["acceptability"]))
    wait_for_report(page, 1, 6)
    page.keyboard.press("d")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Take the last grade back")).to_be_visible()
    page.keyboard.press("Backspace")
    expect(page.get_by_text("You are changing a grade")).to_be_visible()
    wait_for_report(page, 1, 6)
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Session 1 of 6 is done")).to_be_visible()
    grades = Grade.objects.of_study(study).order_by("version")
    assert list(grades.values_list("letter", flat=True)) == ["D", "A"]


def test_at_the_end_of_the_list_the_offer_ends_with_its_seconds(page, live_server):
    study = worlds.open_study(cases=3, distance=1, session_reads=1, undo_seconds=4)
    reader = Membership.objects.readers().get(study=study, user=rosa().user)
    for _ in range(5):
        worlds.grade_next(reader, "A")
    wear_session(page, rosa().client, live_server)
    page.goto(reverse("grading:next", args=["acceptability"]))
    page.get_by_role("link", name="Begin session 6").click()
    wait_for_report(page, 6, 6)
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    offer = page.get_by_role("button", name="Take the last grade back Backspace")
    expect(offer).to_be_visible()
    page.context.set_offline(True)
    offer.click()
    expect(page.get_by_text("The server cannot be reached. Try again.")).to_be_visible()
    page.context.set_offline(False)
    expect(offer).to_be_disabled()
    page.reload()
    expect(page.get_by_text("You have graded all 6 reports")).to_be_visible()
    expect(offer).to_be_hidden()


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found]


def test_axe_finds_nothing_on_any_page(page, live_server):
    open_study = worlds.open_study("open", cases=3, distance=1)
    amend(
        study=open_study,
        actor=cora().user,
        field="instructions",
        value="Mind the devices.",
        reason="Readers asked.",
    )
    worlds.draft_study("draft", distance=1)
    worlds.closed_study("closed", distance=1)
    pages = {
        None: [reverse("sign_in")],
        rosa: [
            reverse("home"),
            reverse("grading:start", args=["open"]),
            reverse("grading:next", args=["open"]),
            reverse("grading:next", args=["closed"]),
        ],
        cora: [
            reverse("home"),
            reverse("set_up:new"),
            reverse("studies:setup", args=["draft"]),
            reverse("studies:setup", args=["open"]),
            reverse("cases:collections"),
            reverse("cases:of_study", args=["draft"]),
            reverse("reports:of_study", args=["draft"]),
            reverse("presentation:freeze", args=["draft"]),
            reverse("grading:progress", args=["open"]),
            reverse("grading:close", args=["open"]),
            "/no-such-page/",
        ],
        anya: [
            reverse("analysis:results", args=["open"]),
            reverse("analysis:results", args=["closed"]),
            reverse("accounts:tokens"),
            reverse("export:page", args=["closed"]),
            reverse("studies:setup", args=["open"]),
        ],
    }
    found: dict[str, list[str]] = {}
    for someone, paths in pages.items():
        page.context.clear_cookies()
        if someone:
            wear_session(page, someone().client, live_server)
        for path in paths:
            answer = page.goto(path)
            assert answer is not None and answer.status < 500, path
            if path == reverse("grading:next", args=["open"]):
                wait_for_report(page, 1, open_study.membership_set.count() * 2)
            found[path] = violations(page)
    assert {path: each for path, each in found.items() if each} == {}


def test_axe_finds_nothing_where_something_was_refused(page, live_server):
    worlds.draft_study("draft", distance=1)
    wear_session(page, cora().client, live_server)
    page.goto(reverse("studies:setup", args=["draft"]))
    page.get_by_text("Add an arm").click()
    page.get_by_label("Label").fill("Once more")
    page.get_by_label("Report source").fill("cxr_llava")
    page.get_by_role("button", name="Add arm").click()
    expect(page.get_by_text("has this source already")).to_be_visible()
    assert violations(page) == []
    page.goto(reverse("cases:of_study", args=["draft"]))
    page.get_by_label("Normal cases", exact=True).fill("50")
    page.get_by_role("button", name="Draw again with this seed").click()
    expect(page.get_by_role("alert")).to_contain_text("50 normal cases are asked for")
    assert violations(page) == []


def test_cora_watches_a_self_test_and_overrules_its_verdict(page, live_server):
    study = worlds.draft_study("draft", distance=1)
    with lifted("reports_report"):
        Report.objects.filter(source__name="cxr_llava").delete()
    wear_session(page, cora().client, live_server)
    page.goto(reverse("reports:of_study", args=["draft"]))
    page.get_by_role("button", name="Test it").click()
    expect(page.get_by_text("0 of 42")).to_be_visible()
    assert violations(page) == []
    test = SelfTest.objects.get()
    SelfTest.objects.update(written=12)
    expect(page.get_by_text("12 of 42")).to_be_visible()
    finish(test, constant)
    expect(page.get_by_text("It ignores the pixels.")).to_be_visible()
    page.get_by_text("6 radiographs, tested").click()
    expect(page.get_by_role("row", name="flat grey 100 %")).to_be_visible()
    assert violations(page) == []
    page.get_by_label("Why the study uses it").fill("It shows what blindness is worth.")
    page.get_by_role("button", name="Overrule").click()
    expect(page.get_by_text("Overruled by Cora")).to_be_visible()
    worlds.add_reports(study.caseset.collection, "cxr_llava")
    with lifted("reports_report"):
        Report.objects.filter(source__name="ground_truth").update(text="Clear lungs.")
    worlds.signed_off(study.caseset.collection)
    worlds.accept_blinding(study)
    page.goto(reverse("presentation:freeze", args=["draft"]))
    assert violations(page) == []
    page.get_by_label("I am sure").check()
    page.get_by_role("button", name="Freeze").click()
    expect(page.get_by_text("Accept what is warned of first")).to_be_visible()
    page.get_by_label("I accept what is warned of").check()
    page.get_by_label("I am sure").check()
    page.get_by_role("button", name="Freeze").click()
    expect(page.get_by_text("Frozen. Readers can begin")).to_be_visible()
