"""Rosa moves the image to a second screen: both windows stay in step, and closing
either is clean."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from readerstudy.presentation.models import Slot
from tests.browser.dicom_films import Film
from tests.browser.imported import hang, import_film, reader_page

pytestmark = pytest.mark.django_db(transaction=True)

STATE = """() => {
  const { voi, zoom, rotation, flipped, invert, fitted } = lightbox.state;
  return { width: voi.width, centre: voi.centre, rotation, flipped, invert, fitted };
}"""
OPEN = """async (url) => {
  const { openPopout } = await import("/static/viewer/popout.js");
  window.keys = [];
  window.tools = [];
  window.asked = performance.getEntriesByType("resource").length;
  lightbox.addEventListener("changed", ({ detail }) => tools.push(detail.tool));
  window.popout = openPopout({
    lightbox, url, words: {},
    onKey: ({ key, code, shiftKey, altKey, ctrlKey }) => {
      keys.push([key, code, shiftKey, altKey, ctrlKey]);
      if (key === "i") lightbox.act("invert");
    },
  });
}"""


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def slot(tmp_path: Any) -> Slot:
    window = {"WindowCenter": [2048, 1500], "WindowWidth": [3000, 900]}
    return import_film(Film(12, elements=window).content(), tmp_path)


@pytest.fixture
def page(chromium: Browser, live_server: Any, slot: Slot) -> Iterator[Page]:
    for page in reader_page(chromium, live_server):
        hang(page, slot, "canvas")
        yield page


@pytest.fixture
def second(page: Page, slot: Slot) -> Page:
    """Open the second window and wait until it shows the whole radiograph."""
    with page.expect_popup() as opened:
        page.evaluate(OPEN, reverse("presentation:window", args=[slot.public_id]))
    window = opened.value
    # A script of the window's own is at work; it has no name for it before.
    window.set_viewport_size({"width": 900, "height": 500})
    expect(window.locator("#viewer[data-state=ready]")).to_be_visible()
    return window


def in_step(one: Page, other: Page) -> dict[str, Any]:
    """Return the state of both windows, once they agree."""
    for _ in range(50):
        states = one.evaluate(STATE), other.evaluate(STATE)
        if states[0] == states[1]:
            break
        one.wait_for_timeout(20)
    assert states[0] == states[1]
    state: dict[str, Any] = states[0]
    return state


def test_second_window_shows_the_picture_without_fetching_it_again(
    page: Page, second: Page
) -> None:
    fetched = second.evaluate(
        "performance.getEntriesByType('resource').map((entry) => entry.name)"
    )
    assert [name for name in fetched if "/api/" in name] == []
    same = "(() => Array.from(lightbox.pane.frame.pixels.slice(5e5, 5e5 + 99)))()"
    assert page.evaluate(same) == second.evaluate(same)
    expect(second.get_by_role("button")).to_have_count(0)


def test_window_zoom_and_turn_stay_in_step_both_ways(page: Page, second: Page) -> None:
    before = in_step(page, second)
    for name in ("wider", "preset-2", "rotate", "flip-vertical", "invert"):
        page.evaluate("(name) => lightbox.act(name)", name)
        in_step(page, second)
    second.mouse.move(300, 200)
    second.mouse.down()
    second.mouse.move(360, 240, steps=4)
    second.mouse.up()
    after = in_step(page, second)
    assert after["width"] > before["width"] or after["centre"] != before["centre"]
    assert (after["rotation"], after["flipped"]) == (90, True)
    assert "window" in page.evaluate("tools"), "what is done there is told here"
    second.mouse.wheel(0, -500)
    assert not in_step(page, second)["fitted"]
    relative = "lightbox.standing(0).relativeScale"
    assert page.evaluate(relative) == pytest.approx(second.evaluate(relative), rel=0.01)
    page.evaluate("lightbox.act('reset')")
    assert in_step(page, second) == before


def test_keys_of_the_second_window_reach_the_page(page: Page, second: Page) -> None:
    second.keyboard.press("Shift+ArrowLeft")
    second.keyboard.press("i")
    second.keyboard.press("Control+Enter")
    assert in_step(page, second)["invert"] is True
    # The last one may still be on its way between the windows.
    page.wait_for_function("keys.length >= 3")
    assert page.evaluate("keys") == [
        ["ArrowLeft", "ArrowLeft", True, False, False],
        ["i", "KeyI", False, False, False],
        ["Enter", "Enter", False, False, True],
    ]


def test_next_case_and_a_pause_arrive_there_too(
    page: Page, second: Page, slot: Slot
) -> None:
    page.evaluate("lightbox.act('invert'); lightbox.blank(true)")
    expect(second.locator("canvas.viewer-canvas")).to_be_hidden()
    page.evaluate(
        """async () => {
          const { Loading } = await import("/static/viewer/loader.js");
          const old = lightbox.loadings[0];
          lightbox.blank(false);
          lightbox.show([new Loading("frontal", old.urls)]);
        }"""
    )
    expect(second.locator("canvas.viewer-canvas")).to_be_visible()
    expect(second.locator("#viewer[data-state=ready]")).to_be_visible()
    assert in_step(page, second)["invert"] is False


def test_closing_either_window_is_clean(page: Page, second: Page, slot: Slot) -> None:
    assert page.evaluate("popout.closed") is False
    second.close()
    page.wait_for_timeout(100)
    assert page.evaluate("popout.closed") is True
    page.evaluate("lightbox.act('invert')")
    with page.expect_popup() as opened:
        page.evaluate(OPEN, reverse("presentation:window", args=[slot.public_id]))
    again = opened.value
    expect(again.locator("#viewer[data-state=ready]")).to_be_visible()
    assert in_step(page, again)["invert"] is True
    with again.expect_event("close"):
        page.goto("about:blank")


def test_window_that_was_opened_by_itself_says_what_it_is_for(
    chromium: Browser, live_server: Any, slot: Slot
) -> None:
    for page in reader_page(chromium, live_server):
        page.goto(reverse("presentation:window", args=[slot.public_id]))
        expect(page.get_by_text("Open it from there.")).to_be_visible()
        found = Axe().run(page).response["violations"]
        assert [each["id"] for each in found] == []
