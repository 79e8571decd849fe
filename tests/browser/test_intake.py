"""Cora uploads a folder, loses the network and the page, and goes on where she was."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from readerstudy.cases.intake import staging
from readerstudy.cases.intake.models import DeliveredFile, Delivery
from readerstudy.cases.intake.services import Announced, announce
from readerstudy.cases.models import Case
from tests.browser.test_session import violations, wear_session
from tests.browser.visits import watched_visit
from tests.browser.wire import Wire
from tests.cases.intake.deliveries import brought, film, opened, taken_in
from tests.people import cora

pytestmark = pytest.mark.django_db(transaction=True)
FILMS = 5
CHUNKS = "**/files/*/?offset=*"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.INTAKE_CHUNK_BYTES = 16 * 1024


@pytest.fixture
def ward(tmp_path) -> Path:
    """A folder of radiographs, each of several chunks."""
    folder = tmp_path / "ward 7"
    (folder / "deep").mkdir(parents=True)
    for number in range(FILMS):
        place = folder / "deep" if number % 2 else folder
        (place / f"CXR{number}.dcm").write_bytes(film(number, size=160))
    return folder


@pytest.fixture
def page(chromium: Browser, live_server) -> Iterator[Page]:
    with watched_visit(chromium, live_server.url, width=1280, height=900) as page:
        yield page


def choose_folder(page: Page, folder: Path) -> None:
    """By keyboard, as one who has no mouse."""
    button = page.get_by_role("button", name="Choose a folder")
    expect(button).to_be_enabled()
    with page.expect_file_chooser() as chooser:
        button.press("Enter")
    chooser.value.set_files(folder)


def received() -> int:
    return DeliveredFile.objects.all().counts()["came"]


def test_an_upload_survives_a_lost_network_a_reload_and_a_new_browser(
    page, live_server, ward
):
    wear_session(page, cora().client, live_server)
    wire = Wire(page, CHUNKS)
    page.goto(reverse("cases:collections"))
    page.get_by_role("link", name="Bring in cases").click()
    page.get_by_label("Collection", exact=True).fill("ward 7")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Choose what to bring in")).to_be_visible()
    delivery = Delivery.objects.get()

    # After a few chunks the network is gone.
    wire.cut(after=4)
    choose_folder(page, ward)
    expect(page.get_by_text("The server can't be reached.")).to_be_visible()
    came = received()
    assert 0 < came < sum(file.stat().st_size for file in ward.rglob("*.dcm"))

    # The page is lost too. What is here is still here.
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    standing = page.get_by_role("region", name="What is here")
    expect(standing).to_contain_text("5 files chosen")
    assert received() == came
    page.get_by_role("button", name="Take these files in").click()
    expect(page.get_by_role("alert").first).to_contain_text("have not come whole")

    # The network is back; the same folder is chosen once more.
    sent: list[int] = []
    wire.mend()
    page.on(
        "request",
        lambda request: (
            sent.append(len(request.post_data_buffer or b""))
            if request.method == "PUT"
            else None
        ),
    )
    choose_folder(page, ward)
    expect(page.get_by_text("all is sent.")).to_be_visible()
    expect(standing).to_contain_text("All are here.")
    assert sum(sent) == received() - came
    for file in delivery.files.all():
        assert (
            staging.path_of(file).read_bytes() == (ward.parent / file.name).read_bytes()
        )
    page.get_by_role("button", name="Take these files in").click()
    expect(page.get_by_text("None has shown itself for a while")).to_be_visible()
    taken_in(delivery)
    # The page asks by itself.
    expect(page.get_by_role("heading", name="Finished")).to_be_visible()
    expect(page.get_by_role("row", name="ward 7/deep/CXR1.dcm")).to_contain_text(
        "Imported"
    )
    assert Case.objects.count() == FILMS


def test_an_upload_is_paused_and_goes_on(page, live_server, ward):
    delivery = opened()
    wear_session(page, cora().client, live_server)
    wire = Wire(page, CHUNKS)
    page.goto(reverse("cases:intake:delivery", args=[delivery.pk]))
    wire.holds = True
    choose_folder(page, ward)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("paused.")).to_be_visible()
    wire.mend()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("all is sent.")).to_be_visible()
    assert not delivery.files.all().missing().exists()


@pytest.mark.parametrize("scheme", ["https", "plain http"])
def test_files_of_one_name_and_size_are_kept_apart(page, live_server, ward, scheme):
    if scheme == "plain http":
        page.add_init_script("delete Crypto.prototype.subtle")
    contents = [b"A" * 40_000, b"A" * 39_999 + b"B"]
    delivery = opened()
    wear_session(page, cora().client, live_server)
    page.goto(reverse("cases:intake:delivery", args=[delivery.pk]))
    assert page.evaluate("Boolean(crypto.subtle)") == (scheme == "https")
    for patient, content in enumerate(contents, 1):
        film = ward / str(patient) / "IM000001"
        film.parent.mkdir()
        film.write_bytes(content)
        os.utime(film, (1_000_000_000, 1_000_000_000))
        page.locator("#files").set_input_files(film)
        words = page.locator("#total-words")
        expect(words).to_contain_text(f"{patient} of {patient} files")
        expect(words).to_contain_text("all is sent.")
    kept = [
        staging.path_of(file).read_bytes() for file in delivery.files.order_by("pk")
    ]
    assert kept == contents


def test_dropped_folders_are_walked(page, live_server):
    """A drop can't be made from outside, so the page is given what a browser gives."""
    delivery = opened()
    wear_session(page, cora().client, live_server)
    page.goto(reverse("cases:intake:delivery", args=[delivery.pk]))
    page.evaluate(
        """() => {
          const file = (path, text) => ({
            isFile: true, fullPath: path,
            file: (got) => got(new File([text], path.split("/").pop())),
          });
          let given = [file("/ward/a.dcm", "abc"), file("/ward/b.dcm", "defg")];
          const folder = {
            isFile: false, fullPath: "/ward",
            createReader: () => ({ readEntries: (got) => got(given.splice(0, 1)) }),
          };
          const event = new Event("drop", { cancelable: true });
          event.dataTransfer = {
            items: [folder, file("/lone.dcm", "h")].map(
              (entry) => ({ webkitGetAsEntry: () => entry })),
          };
          document.getElementById("drop-zone").dispatchEvent(event);
        }"""
    )
    expect(page.get_by_text("3 of 3 files")).to_be_visible()
    names = set(delivery.files.values_list("name", flat=True))
    assert names == {"ward/a.dcm", "ward/b.dcm", "lone.dcm"}


def test_a_file_that_is_refused_is_told_and_the_others_go_on(
    page, live_server, ward, settings
):
    settings.INTAKE_LARGEST_FILE_BYTES = 1024
    delivery = opened()
    wear_session(page, cora().client, live_server)
    page.goto(reverse("cases:intake:delivery", args=[delivery.pk]))
    choose_folder(page, ward)
    expect(page.get_by_role("heading", name="Not uploaded")).to_be_visible()
    expect(page.locator("#problem-list")).to_contain_text("can be uploaded in one file")


def test_axe_finds_nothing_on_the_pages_of_deliveries(page, live_server, tmp_path):
    waiting = opened("a long name for a collection of radiographs")
    announce(delivery=waiting, files=[Announced("ward/CXR1.dcm", 5000)])
    over = brought({"CXR1.dcm": film(1), "broken.dcm": b"broken", "a.txt": b"a"})
    wear_session(page, cora().client, live_server)
    found, wide = {}, []
    for path in (
        reverse("cases:collections"),
        reverse("cases:intake:bring_in"),
        reverse("cases:intake:deliveries"),
        reverse("cases:intake:delivery", args=[waiting.pk]),
        reverse("cases:intake:folder", args=[waiting.pk]),
        reverse("cases:intake:delivery", args=[over.pk]),
    ):
        page.goto(path)
        found[path] = violations(page)
        page.set_viewport_size({"width": 400, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth") > 400:
            wide.append(path)
        page.set_viewport_size({"width": 1280, "height": 900})
    assert {path: each for path, each in found.items() if each} == {}
    assert wide == []
