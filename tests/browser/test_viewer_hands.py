"""Keys, mouse and mishaps of the radiograph viewer in a real browser."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.viewer_page import (
    LINEAR_12,
    Site,
    open_viewer,
    radiograph,
    window,
)


def state_of(page: Page) -> dict[str, float]:
    page.evaluate("new Promise((done) => requestAnimationFrame(done))")
    state: dict[str, float] = page.evaluate(
        """({ width: viewer.voi.width, level: viewer.voi.centre,
              scale: viewer.view.scale, x: viewer.view.x, y: viewer.view.y,
              invert: Number(viewer.invert) })"""
    )
    return state


def test_every_key_of_the_image_works(page: Page, site: Site) -> None:
    sigmoid = window(1800, 900, "SIGMOID") | {"label": "Lung"}
    site.show(radiograph(1500, 1200, 12), [LINEAR_12, sigmoid])
    open_viewer(page, site)
    fitted = state_of(page)

    page.keyboard.press("ArrowUp")
    assert state_of(page)["level"] < fitted["level"]
    page.keyboard.press("ArrowDown")
    assert state_of(page)["level"] == pytest.approx(fitted["level"])
    page.keyboard.press("Alt+ArrowUp")
    assert state_of(page)["width"] > fitted["width"]
    page.keyboard.press("Alt+ArrowDown")
    assert state_of(page)["width"] == pytest.approx(fitted["width"])
    page.keyboard.press("2")
    assert state_of(page)["width"] == 900
    page.keyboard.press("3")
    assert state_of(page)["width"] == 4000
    page.keyboard.press("5")
    assert state_of(page)["width"] == 4000
    page.keyboard.press("+")
    assert state_of(page)["scale"] == pytest.approx(fitted["scale"] * 1.25)
    page.keyboard.press("-")
    assert state_of(page)["scale"] == pytest.approx(fitted["scale"])
    page.keyboard.press("z")
    assert state_of(page)["scale"] == 1
    page.keyboard.press("f")
    assert state_of(page)["scale"] == fitted["scale"]
    for key, axis, step in [("Left", "x", -1), ("Down", "y", 1)]:
        before = state_of(page)
        page.keyboard.press(f"Shift+Arrow{key}")
        assert (state_of(page)[axis] - before[axis]) * step > 0
        assert state_of(page)["level"] == before["level"]
    page.keyboard.press("i")
    assert state_of(page)["invert"] == 1
    page.keyboard.press("0")
    assert state_of(page) == fitted


def test_keys_are_inert_while_a_comment_is_typed(page: Page, site: Site) -> None:
    site.show(radiograph(300, 300, 12), [LINEAR_12])
    open_viewer(page, site)
    before = state_of(page)
    page.locator("#comment").focus()
    page.keyboard.type("iz+1")
    assert state_of(page) == before
    assert page.locator("#comment").input_value() == "iz+1"


def test_mouse_sets_the_window_moves_and_zooms_to_the_cursor(
    page: Page, site: Site
) -> None:
    site.show(radiograph(1500, 1200, 12), [LINEAR_12])
    open_viewer(page, site)
    before = state_of(page)
    box = page.locator("canvas").bounding_box()
    assert box is not None
    cursor = (box["x"] + 250, box["y"] + 200)

    page.mouse.move(*cursor)
    page.mouse.down()
    page.mouse.move(cursor[0] + 80, cursor[1] + 40)
    page.mouse.up()
    after = state_of(page)
    assert after["width"] > before["width"] and after["level"] > before["level"]
    assert after["scale"] == before["scale"]

    page.mouse.move(*cursor)
    page.mouse.wheel(0, -400)
    zoomed = state_of(page)
    assert zoomed["scale"] > before["scale"]
    for axis, at in (("x", 250), ("y", 200)):
        point = (at - before[axis]) / before["scale"]
        # Corners lie on whole device pixels, hence half a pixel of play.
        assert zoomed[axis] + point * zoomed["scale"] == pytest.approx(at, abs=0.51)

    page.mouse.down(button="right")
    page.mouse.move(cursor[0] + 30, cursor[1] - 20)
    page.mouse.up(button="right")
    moved = state_of(page)
    assert (moved["x"] - zoomed["x"], moved["y"] - zoomed["y"]) == (30, -20)
    assert moved["width"] == zoomed["width"]


def test_values_and_name_follow_the_picture(page: Page, site: Site) -> None:
    site.show(radiograph(1000, 1200, 12), [LINEAR_12], orientation={"left": "R"})
    open_viewer(page, site)
    expect(page.locator(".viewer-values")).to_have_text(re.compile(r"W 3000\s+L 2048"))
    expect(page.locator(".viewer-values")).to_contain_text("fit 50 %")
    expect(page.locator(".viewer-letter-left")).to_have_text("R")
    expect(page.locator(".viewer-letter-right")).to_be_hidden()
    page.keyboard.press("i")
    name = "Chest radiograph, window 3000, level 2048, zoom 50 percent, inverted"
    expect(page.get_by_role("img", name=name)).to_be_visible()


def test_radiograph_that_fails_to_come_can_be_asked_for_again(
    page: Page, site: Site
) -> None:
    site.show(radiograph(300, 300, 12), [LINEAR_12])
    site.broken = True
    page.goto(site.address)
    notice = page.locator(".viewer-notice")
    expect(notice).to_contain_text("did not send the image (404)")
    site.broken = False
    notice.get_by_role("button", name="Try again").click()
    expect(page.locator("#viewer[data-state=ready]")).to_be_visible()
    expect(notice).to_be_hidden()


def test_frame_of_the_wrong_length_is_refused(page: Page, site: Site) -> None:
    site.show(radiograph(300, 300, 12), [LINEAR_12])
    site.meta["rows"] = 200
    started = time.monotonic()
    page.goto(site.address)
    expect(page.locator(".viewer-notice")).to_contain_text("larger than announced")
    assert time.monotonic() - started < 5, "there is nothing to wait for"
