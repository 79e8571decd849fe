"""The radiograph viewer in a real browser, against numpy: greys and pictures."""

import base64
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import Browser, Page

from tests.browser.viewer_page import Site, act, open_viewer, shown
from tests.browser.viewer_reference import (
    LINEAR_12,
    LINEAR_16,
    Voi,
    gamma_table,
    grey,
    interpolated,
    radiograph,
    rendering,
    window,
)

# --- The table of greys ---


@pytest.fixture(scope="module")
def lut_page(chromium: Browser, site: Site) -> Iterator[Page]:
    """Yield one page for all tables: they leave nothing behind."""
    page = chromium.new_page()
    site.show(radiograph(60, 60, 12), [LINEAR_12])
    open_viewer(page, site)
    yield page
    page.close()


def lut_of(page: Page, voi: Voi, options: dict[str, Any]) -> npt.NDArray[np.uint8]:
    text: str = page.evaluate(
        """async ([voi, options]) => {
          const { buildLut } = await import("/viewer/lut.js");
          const table = buildLut(voi, options);
          return btoa(Array.from(table, (grey) => String.fromCharCode(grey)).join(""));
        }""",
        [voi, options],
    )
    return np.frombuffer(base64.b64decode(text), dtype=np.uint8)


@pytest.mark.parametrize(
    "voi",
    [
        window(2048, 4096),
        window(1024.5, 1),
        window(40_000, 1501, "LINEAR"),
        window(700, 0.5, "LINEAR_EXACT"),
        window(32_768, 20_001, "LINEAR_EXACT"),
        window(2000, 1300, "SIGMOID"),
        window(30_000.5, 60_000, "SIGMOID"),
        gamma_table(0, 4096),
        gamma_table(500, 256),
        gamma_table(0, 65_536),
    ],
)
def test_table_of_greys_is_exact(lut_page: Page, voi: Voi) -> None:
    expected = np.floor(grey(voi, np.arange(65_536, dtype=np.float64)) + 0.5)
    np.testing.assert_array_equal(lut_of(lut_page, voi, {}), expected)
    inverted = lut_of(lut_page, voi, {"invert": True, "padding": True})
    assert inverted[0] == 0
    np.testing.assert_array_equal(inverted[1:], 255 - expected[1:])


@pytest.mark.parametrize(
    ("voi", "greys"),
    [
        # The standard's own example: 0 and 4095 are the ends of centre 2048, width
        # 4096, and the middle lies at 2047.5.
        (window(2048, 4096), {0: 0, 2047: 127, 2048: 128, 4095: 255, 9000: 255}),
        (window(2048, 1), {2047: 0, 2048: 255}),
        (window(50, 100, "LINEAR_EXACT"), {0: 0, 50: 128, 100: 255, 101: 255}),
        (window(100, 40, "SIGMOID"), {80: 30, 100: 128, 120: 225}),
        (
            {"kind": "table", "first": 10, "values": [7, 99, 200], "label": ""},
            {0: 7, 10: 7, 11: 99, 12: 200, 65_535: 200},
        ),
    ],
)
def test_table_of_greys_has_the_values_worked_out_by_hand(
    lut_page: Page, voi: Voi, greys: dict[int, int]
) -> None:
    table = lut_of(lut_page, voi, {})
    assert {value: int(table[value]) for value in greys} == greys


# --- The picture ---


@pytest.mark.parametrize(
    ("shape", "bits", "voi"),
    [
        ((1500, 1200), 16, LINEAR_16),
        ((1500, 1200), 12, LINEAR_12),
        ((777, 1301), 12, window(2048, 2500, "LINEAR_EXACT")),
        ((1500, 1200), 12, window(1900, 1200, "SIGMOID")),
        ((1500, 1200), 12, gamma_table(100, 3800)),
        ((1500, 1200), 8, window(128, 256)),
        ((1500, 1200), 8, window(120, 25)),
    ],
    ids=["16bit", "12bit", "exact", "sigmoid", "table", "8bit", "8bit-narrow"],
)
def test_fitted_picture_is_the_area_average(
    page: Page, site: Site, shape: tuple[int, int], bits: int, voi: Voi
) -> None:
    pixels = radiograph(*shape, bits)
    site.show(pixels, [voi])
    open_viewer(page, site)
    error = np.abs(shown(page) - rendering(pixels, voi, site.size))
    assert error.mean() < 0.5
    assert np.quantile(error, 0.999) < 1.5


def test_three_thousand_lines_in_a_thousand_and_a_quick_change_of_window(
    page: Page, site: Site
) -> None:
    site.size = (1000, 1000)
    pixels = radiograph(3000, 3000, 16)
    site.show(pixels, [LINEAR_16])
    open_viewer(page, site)
    error = np.abs(shown(page) - rendering(pixels, LINEAR_16, site.size))
    assert error.mean() < 0.5
    times: list[float] = page.evaluate(
        """Array.from({ length: 15 }, () => {
          lightbox.act("wider");
          lightbox.pane.paint();
          return lightbox.pane.lastPaintMs;
        })"""
    )
    # Some 10 ms on a quiet machine; the bound leaves room for a busy one.
    assert np.median(times) < 80


def test_padding_stays_black_inverted_or_not(page: Page, site: Site) -> None:
    pixels = radiograph(1500, 1200, 12)
    pixels[:, :131] = 0
    pixels[1400:, :] = 0
    site.show(pixels, [LINEAR_12], padding=True)
    open_viewer(page, site)
    expected = rendering(pixels, LINEAR_12, site.size, padding=True)
    assert np.abs(shown(page) - expected).mean() < 0.5
    act(page, "invert")
    expected = rendering(pixels, LINEAR_12, site.size, padding=True, invert=True)
    inverted = shown(page)
    assert np.abs(inverted - expected).mean() < 0.5
    assert inverted[490:].max() == 0


def test_one_to_one_shows_every_stored_value_untouched(page: Page, site: Site) -> None:
    pixels = radiograph(900, 1001, 16)
    site.show(pixels, [LINEAR_16])
    open_viewer(page, site)
    act(page, "actual-size")
    picture = shown(page)
    view = page.evaluate("lightbox.state.view")
    assert view["scale"] == 1
    top, left = -view["y"], -view["x"]
    width, height = site.size
    part = pixels[top : top + height, left : left + width].astype(np.float64)
    expected = np.floor(grey(LINEAR_16, part) + 0.5)
    np.testing.assert_array_equal(picture, expected)


def test_magnified_picture_is_interpolated_between_pixel_centres(
    page: Page, site: Site
) -> None:
    pixels = radiograph(100, 120, 12)
    site.show(pixels, [LINEAR_12])
    open_viewer(page, site)
    expected = grey(LINEAR_12, interpolated(pixels, 5))
    assert np.abs(shown(page) - expected).mean() < 0.5


def test_pixels_that_are_not_square_keep_their_shape(page: Page, site: Site) -> None:
    spacing = {"row_mm": 0.4, "column_mm": 0.2, "kind": "detector"}
    site.show(radiograph(500, 600, 12), [LINEAR_12], spacing=spacing)
    open_viewer(page, site)
    picture = shown(page)
    assert (picture[:, 160:440] > 0).mean() > 0.9
    assert picture[:, :149].max() == 0 and picture[:, 451:].max() == 0
