"""A new coordinator's hour: from a folder of radiographs to an open study.

No command line in between. What the site leaves to a worker is done by the tasks
themselves, in this process, on the test's database; the search for burned-in text alone
is left out, and signed for.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from readerstudy.accounts.models import User
from readerstudy.studies.models import Study
from tests.browser.first_study import (
    CASES,
    folder_of_films,
    let_the_worker_work,
    picture,
    table_of_reports,
)
from tests.browser.visits import watched_visit
from tests.chromium import context_of

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "a-quiet-reading-room"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.DATA_DIR = tmp_path


@pytest.fixture
def page(chromium: Browser, live_server) -> Iterator[Page]:
    User.objects.create_user(
        "cora", password=PASSWORD, first_name="Cora", may_create_studies=True
    )
    with watched_visit(chromium, live_server.url, width=1280, height=900) as page:
        yield page


@contextmanager
def beside(chromium: Browser, address: str) -> Iterator[Page]:
    """Another person's browser, while Cora's stays open."""
    context = context_of(
        chromium, viewport={"width": 1280, "height": 900}, base_url=address
    )
    yield context.new_page()
    context.close()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).first.click()


def step(page: Page, name: str) -> None:
    """Go to a step by the tabs."""
    stages = page.get_by_role("navigation", name="Stages of the study")
    stages.get_by_role("link", name=name).click()


def sign_in(page: Page, name: str) -> None:
    page.goto("/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Sign in")


def bring_in_radiographs(page: Page, folder) -> None:
    picture(page, "01-home")
    follow(page, "Bring in cases")
    page.get_by_label("Collection").fill("ward-7")
    picture(page, "02-bring-in")
    press(page, "Next: choose the files")
    picture(page, "03-choose-the-files")
    expect(page.get_by_role("button", name="Choose a folder")).to_be_enabled()
    page.locator("#folder").set_input_files(folder)
    expect(page.get_by_text("all is sent")).to_be_visible()
    press(page, "Take these files in")
    let_the_worker_work()
    expect(page.get_by_text("film-1.dcm").first).to_be_visible()
    page.reload()
    picture(page, "04-delivery")


def upload_reports(page: Page, file, *, column: str, source: str) -> None:
    page.goto("/reports/tables/")
    page.get_by_label("Collection").select_option("ward-7")
    page.get_by_label("The table").set_input_files(file)
    picture(page, f"05-table-{source}")
    press(page, "Upload")
    picture(page, f"06-file-{source}")
    page.get_by_label("The first row names the columns").check()
    press(page, "Next: columns")
    page.get_by_label("Column that names the case").select_option(
        label="film (column 1)"
    )
    page.get_by_label("The whole report").select_option(label=column)
    # The column's name gives it away, so it is proposed; nobody has to look for it.
    expect(page.get_by_label("Stratum").locator("option:checked")).to_have_text(
        "class (column 2)"
    )
    expect(page.get_by_label("Stratum")).to_be_visible()
    page.get_by_label("Name of the source").fill(source)
    picture(page, f"07-columns-{source}")
    page.locator("main form button.button-primary").click()
    picture(page, f"08-check-{source}")
    press(page, f"Store {CASES} reports")
    let_the_worker_work()
    expect(page.get_by_role("heading", name="Stored", exact=True)).to_be_visible()
    picture(page, f"09-stored-{source}")


def create_the_study(page: Page) -> None:
    page.goto("/")
    picture(page, "10-home-with-cases")
    follow(page, "New study")
    page.get_by_label("Title").press_sequentially("Chest Films of Ward 7")
    expect(page.get_by_label("Code")).to_have_value("chest-films-of-ward-7")
    page.get_by_label("Draw the cases from").select_option("ward-7")
    picture(page, "11-new-study")
    press(page, "Create the draft")
    expect(page.get_by_text("4 normal and 4 abnormal cases are drawn")).to_be_visible()
    picture(page, "12-guide")


def take_the_uploaded_model(page: Page) -> None:
    """The site's own model wrote nothing: its arm makes room for what came in."""
    press(page, "Remove CXR-LLaVA")
    page.get_by_text("Add an arm", exact=True).click()
    page.get_by_label("Label").fill("CXR-LLaVA, elsewhere")
    page.get_by_label("Report source").fill("llava_elsewhere")
    press(page, "Add arm")


def sign_the_collection_off(page: Page) -> None:
    follow(page, "Sign the collection off")
    reason = page.get_by_label("Why no search for burned-in text was needed")
    reason.fill("The films are drawings, made without any text.")
    page.get_by_label("I state this, and my name stands under it.").check()
    picture(page, "13-sign-off")
    press(page, "Sign off this collection")
    picture(page, "14-signed-off")
    page.goto("/studies/chest-films-of-ward-7/setup/")
    picture(page, "15-guide-signed")


def look_at_the_defaults(page: Page) -> None:
    for number, name in enumerate(
        ("Cases", "Reports", "Design", "Reading", "Analysis"), 16
    ):
        step(page, name)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        picture(page, f"{number}-{name.lower()}")
    # The display of a test's browser is nobody's.
    step(page, "Reading")
    page.get_by_label("Readers check their display").uncheck()
    press(page, "Save rules")
    expect(page.get_by_text("Rules saved.")).to_be_visible()


def invited(page: Page, name: str, role: str) -> str:
    """Invite somebody; returns the link that is to be handed over."""
    step(page, "People")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Role").last.select_option(label=role)
    picture(page, f"21-people-{name.lower()}")
    press(page, "Make the invitation")
    picture(page, f"22-invitation-{name.lower()}")
    return page.locator("main dd code").inner_text()


def accept(chromium: Browser, address: str, link: str, name: str) -> None:
    """The invited person follows the link in a browser of their own."""
    with beside(chromium, address) as theirs:
        theirs.goto(link)
        theirs.get_by_label("User name").fill(name.lower())
        theirs.get_by_label("Password", exact=True).fill(PASSWORD)
        theirs.get_by_label("Password once more").fill(PASSWORD)
        picture(theirs, f"23-accept-{name.lower()}")
        press(theirs, "Make my account and join")
        expect(theirs.get_by_text("Chest Films of Ward 7").first).to_be_visible()
        picture(theirs, f"24-joined-{name.lower()}")


def audit_the_blinding(page: Page) -> None:
    step(page, "Blinding")
    picture(page, "25-blinding")
    press(page, "Run the audit")
    let_the_worker_work()
    page.get_by_label("Why the study may go on with this number").fill(
        "Eight films are too few for a number, and this is a rehearsal."
    )
    picture(page, "26-audited")
    press(page, "Accept in writing")
    picture(page, "27-accepted")


def freeze_and_open(page: Page) -> None:
    step(page, "Setup")
    picture(page, "28-guide-ready")
    follow(page, "Check and freeze")
    picture(page, "29-freeze")
    accepts = page.get_by_label("I accept what is warned of above")
    if accepts.count():
        accepts.check()
    page.get_by_label("I am sure").check()
    press(page, "Freeze")
    picture(page, "30-frozen")
    press(page, "Open for reading")
    expect(page.get_by_text("Open for reading", exact=True).first).to_be_visible()
    picture(page, "31-open")


def read_the_first_report(chromium: Browser, address: str) -> None:
    with beside(chromium, address) as rosa:
        sign_in(rosa, "rosa")
        picture(rosa, "32-rosa-home")
        rosa.get_by_role("link", name="Read: Chest Films of Ward 7").click()
        picture(rosa, "33-rosa-start")
        rosa.goto("/read/chest-films-of-ward-7/next/")
        expect(rosa.locator("#viewer[data-state=ready]")).to_be_visible()
        picture(rosa, "34-rosa-reads")
        rosa.keyboard.press("b")
        rosa.keyboard.press("Enter")
        expect(rosa.get_by_text("2 of 16", exact=True)).to_be_visible()


def test_cora_comes_from_a_folder_and_a_table_to_an_open_study(
    page, chromium, live_server, tmp_path
):
    sign_in(page, "cora")
    bring_in_radiographs(page, folder_of_films(tmp_path / "films"))
    table = table_of_reports(tmp_path / "reports.csv")
    upload_reports(page, table, column="radiologist (column 3)", source="ground_truth")
    upload_reports(page, table, column="model (column 4)", source="llava_elsewhere")
    create_the_study(page)
    take_the_uploaded_model(page)
    sign_the_collection_off(page)
    look_at_the_defaults(page)
    for name, role in (("Rosa", "Reader"), ("Anya", "Analyst")):
        link = invited(page, name, role)
        accept(chromium, live_server.url, link, name)
    audit_the_blinding(page)
    freeze_and_open(page)
    assert Study.objects.get().is_open
    read_the_first_report(chromium, live_server.url)
