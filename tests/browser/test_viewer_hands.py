"""Keys, mouse and mishaps of the radiograph viewer in a real browser."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.viewer_page import Site, act, begin, open_viewer
from tests.browser.viewer_reference import LINEAR_12, radiograph, window


def state_of(page: Page) -> dict[str, float]:
    state: dict[str, float] = page.evaluate(
        """() => {
          const { voi, view, invert, rotation, flipped } = lightbox.state;
          return { width: voi.width, level: voi.centre, ...view, rotation,
                   invert: Number(invert), flipped: Number(flipped) };
        }"""
    )
    return state


def test_every_action_of_the_image_works(page: Page, site: Site) -> None:
    sigmoid = window(1800, 900, "SIGMOID") | {"label": "Lung"}
    site.show(radiograph(1500, 1200, 12), [LINEAR_12, sigmoid])
    open_viewer(page, site)
    fitted = state_of(page)

    act(page, "brighter")
    assert state_of(page)["level"] < fitted["level"]
    act(page, "darker")
    assert state_of(page)["level"] == pytest.approx(fitted["level"])
    act(page, "wider")
    assert state_of(page)["width"] > fitted["width"]
    act(page, "narrower")
    assert state_of(page)["width"] == pytest.approx(fitted["width"])
    act(page, "preset-2")
    assert state_of(page)["width"] == 900
    act(page, "preset-3")
    assert state_of(page)["width"] == 4000
    act(page, "preset-5")
    assert state_of(page)["width"] == 4000
    act(page, "zoom-in")
    assert state_of(page)["scale"] == pytest.approx(fitted["scale"] * 1.25)
    act(page, "zoom-out")
    assert state_of(page)["scale"] == pytest.approx(fitted["scale"])
    act(page, "actual-size")
    assert state_of(page)["scale"] == 1
    act(page, "fit")
    assert state_of(page)["scale"] == fitted["scale"]
    for side, axis, step in [("left", "x", -1), ("down", "y", 1)]:
        before = state_of(page)
        act(page, f"pan-{side}")
        assert (state_of(page)[axis] - before[axis]) * step > 0
        assert state_of(page)["level"] == before["level"]
    act(page, "invert")
    assert state_of(page)["invert"] == 1
    act(page, "reset")
    assert state_of(page) == fitted


def test_mouse_sets_the_window_moves_and_zooms_to_the_cursor(
    page: Page, site: Site
) -> None:
    site.show(radiograph(1500, 1200, 12), [LINEAR_12])
    open_viewer(page, site)
    before = state_of(page)
    box = page.locator("canvas.viewer-canvas").bounding_box()
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


FRONT = {"left": "R", "right": "L", "top": "H", "bottom": "F"}


def letters(page: Page) -> str:
    sides = ("left", "right", "top", "bottom")
    found = [page.locator(f".viewer-letter-{side}").text_content() for side in sides]
    return "".join(letter or "-" for letter in found)


def test_values_and_name_follow_the_picture(page: Page, site: Site) -> None:
    site.show(radiograph(1000, 1200, 12), [LINEAR_12], orientation=FRONT)
    open_viewer(page, site)
    expect(page.locator(".viewer-values")).to_have_text(re.compile(r"W 3000\s+L 2048"))
    expect(page.locator(".viewer-values")).to_contain_text("fit 50 %")
    assert letters(page) == "RLHF"
    act(page, "invert")
    name = "Chest radiograph, window 3000, level 2048, zoom 50 percent, inverted"
    expect(page.get_by_role("img", name=name)).to_be_visible()


def test_radiograph_that_fails_to_come_can_be_asked_for_again(
    page: Page, site: Site
) -> None:
    site.show(radiograph(300, 300, 12), [LINEAR_12])
    site.broken = True
    begin(page, site)
    notice = page.locator(".viewer-notice")
    expect(notice).to_contain_text("did not send the image (404)")
    site.broken = False
    notice.get_by_role("button", name="Try again").click()
    expect(page.locator("#viewer[data-state=ready]")).to_be_visible()
    expect(notice).to_be_hidden()


def test_frame_of_the_wrong_length_is_refused(page: Page, site: Site) -> None:
    site.show(radiograph(300, 300, 12), [LINEAR_12])
    site.files["/0/meta"] = site.files["/0/meta"].replace(
        b'"rows": 300', b'"rows": 200'
    )
    begin(page, site)
    expect(page.locator(".viewer-notice")).to_contain_text("larger than announced")
    # It would be as long the next time.
    assert site.asked.count("/0/frame") == 1


def test_turned_image_says_so_and_takes_its_letters_along(
    page: Page, site: Site
) -> None:
    site.show(radiograph(1000, 1200, 12), [LINEAR_12], orientation=FRONT)
    open_viewer(page, site)
    badge = page.locator(".viewer-badge")
    expect(badge).to_be_hidden()
    act(page, "rotate")
    expect(badge).to_have_text("rotated 90°")
    # The patient's head, which was above, is on the right now.
    expect(page.locator(".viewer-letter-right")).to_have_text("H")
    assert letters(page) == "FHRL"
    act(page, "flip-horizontal")
    expect(badge).to_have_text("rotated 270°, flipped")
    expect(page.locator(".viewer-letter-left")).to_have_text("H")
    name = re.compile(r"rotated 270°, flipped$")
    expect(page.get_by_role("img", name=name)).to_be_visible()
    act(page, "flip-horizontal", "rotate", "rotate", "rotate")
    expect(badge).to_be_hidden()
    assert letters(page) == "RLHF"
    act(page, "flip-vertical", "reset")
    expect(badge).to_be_hidden()


def test_image_without_orientation_shows_no_letters(page: Page, site: Site) -> None:
    site.show(radiograph(300, 300, 12), [LINEAR_12])
    open_viewer(page, site)
    act(page, "rotate")
    expect(page.locator(".viewer-badge")).to_be_visible()
    assert letters(page) == "----"


@pytest.mark.parametrize(
    ("spacing", "words"),
    [
        (
            {"row_mm": 0.2, "column_mm": 0.2, "kind": "detector"},
            "60.0 mm at the detector plane",
        ),
        ({"row_mm": 0.5, "column_mm": 0.5, "kind": "calibrated"}, "150 mm calibrated"),
        (None, "300 pixels (no spacing known)"),
    ],
)
def test_length_is_told_with_what_it_is_worth(
    page: Page, site: Site, spacing: dict[str, object] | None, words: str
) -> None:
    site.show(radiograph(1000, 1200, 12), [LINEAR_12], spacing=spacing)
    open_viewer(page, site)
    before = state_of(page)
    act(page, "length")
    box = page.locator("canvas.viewer-canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 200, box["y"] + 250)
    page.mouse.down()
    page.mouse.move(box["x"] + 350, box["y"] + 250, steps=3)
    page.mouse.up()
    length = page.locator(".viewer-length")
    expect(length).to_have_text(words)
    assert state_of(page) == before, "measuring leaves the window alone"
    act(page, "rotate", "zoom-in")
    expect(length).to_have_text(words)
    page.keyboard.press("Escape")
    expect(length).to_be_hidden()


def test_loupe_magnifies_what_lies_under_the_pointer(page: Page, site: Site) -> None:
    pixels = radiograph(1000, 1200, 12)
    pixels[500:504, 600:604] = 4095
    site.show(pixels, [LINEAR_12])
    open_viewer(page, site)
    box = page.locator("canvas.viewer-canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 301, box["y"] + 251)
    loupe = page.locator(".viewer-loupe")
    expect(loupe).to_be_hidden()
    act(page, "loupe-on")
    expect(loupe).to_be_visible()
    middle = """document.querySelector(".viewer-loupe").getContext("2d")
      .getImageData(150, 150, 1, 1).data[0]"""
    assert page.evaluate(middle) == 255
    page.mouse.move(box["x"] + 200, box["y"] + 150)
    assert page.evaluate(middle) < 255
    act(page, "loupe-off")
    expect(loupe).to_be_hidden()


def test_preview_comes_before_the_whole_image_and_one_paint_is_told_once(
    page: Page, site: Site
) -> None:
    site.show(radiograph(2000, 1800, 12), [LINEAR_12])
    held: list[Route] = []
    page.route("**/0/frame", lambda route: held.append(route))
    begin(page, site)
    expect(page.locator("#viewer[data-state=preview]")).to_be_visible()
    act(page, "invert")
    expect(page.locator(".viewer-values")).to_contain_text("inverted")
    held[0].continue_()
    expect(page.locator("#viewer[data-state=ready]")).to_be_visible()
    expect(page.locator(".viewer-values")).to_contain_text("inverted")
    happened = page.evaluate("happened")
    assert happened == ["preview", "changed invert", "shown"]


def test_pause_hides_the_picture_and_brings_it_back_unchanged(
    page: Page, site: Site
) -> None:
    site.show(radiograph(900, 700, 12), [LINEAR_12])
    open_viewer(page, site)
    act(page, "wider", "rotate", "zoom-in")
    before = state_of(page)
    canvas = page.locator("canvas.viewer-canvas")
    page.evaluate("lightbox.blank(true)")
    expect(canvas).to_be_hidden()
    expect(page.locator(".viewer-values")).to_be_hidden()
    page.evaluate("lightbox.blank(false)")
    expect(canvas).to_be_visible()
    assert state_of(page) == before


def test_every_button_has_a_name_its_key_and_says_when_it_is_on(
    page: Page, site: Site
) -> None:
    site.show(radiograph(900, 700, 12), [LINEAR_12, window(2000, 900)])
    open_viewer(page, site)
    buttons = page.locator(".viewer-tool")
    assert buttons.count() >= 14
    for button in buttons.all():
        assert button.get_attribute("title")
    second = page.get_by_role("button", name="Window: Window 2")
    second.click()
    expect(second).to_have_attribute("aria-pressed", "true")
    invert = page.get_by_role("button", name="Invert")
    expect(invert).to_have_attribute("aria-pressed", "false")
    invert.click()
    expect(invert).to_have_attribute("aria-pressed", "true")
