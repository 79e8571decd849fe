"""Both renderers, WebGL and Canvas, give numpy's picture; each browser gets its own."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import SOFTWARE_GL, WITHOUT_GL, watched
from tests.browser.viewer_page import Site, act, open_viewer, shown
from tests.browser.viewer_reference import (
    LINEAR_12,
    LINEAR_16,
    Greys,
    Pixels,
    Voi,
    gamma_table,
    grey,
    interpolated,
    radiograph,
    rendering,
    turned,
    window,
)

RENDERERS = {"gl": SOFTWARE_GL, "canvas": WITHOUT_GL}


@pytest.fixture(scope="module", params=RENDERERS)
def renderer(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def page(
    started: Callable[[list[str]], Browser], site: Site, renderer: str
) -> Iterator[Page]:
    """Give a page of a browser that has WebGL, or of one that has none."""
    with watched(started(RENDERERS[renderer]), site) as page:
        yield page


def open_with(page: Page, site: Site, renderer: str) -> None:
    open_viewer(page, site, renderer="gl" if renderer == "gl" else "auto")
    assert page.evaluate("lightbox.pane.renderer.kind") == renderer


def assert_alike(found: Greys, expected: Greys) -> None:
    error = np.abs(found - expected)
    assert error.mean() < 0.5
    assert np.quantile(error, 0.999) < 1.5


@pytest.mark.parametrize(
    ("shape", "bits", "voi"),
    [
        ((1500, 1200), 16, LINEAR_16),
        ((1501, 1203), 15, window(16_384, 20_000)),
        ((1500, 1200), 14, window(8000, 9000, "SIGMOID")),
        ((777, 1301), 12, window(2048, 2500, "LINEAR_EXACT")),
        ((1500, 1200), 12, gamma_table(100, 3800)),
        ((1500, 1200), 10, window(512, 700)),
        ((1500, 1200), 8, window(120, 25)),
    ],
    ids=["16", "15", "14-sigmoid", "12-exact", "12-table", "10", "8-narrow"],
)
def test_fitted_picture_is_the_area_average(
    page: Page,
    site: Site,
    renderer: str,
    shape: tuple[int, int],
    bits: int,
    voi: Voi,
) -> None:
    pixels = radiograph(*shape, bits)
    site.show(pixels, [voi])
    open_with(page, site, renderer)
    assert_alike(shown(page), rendering(pixels, voi, site.size))


@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_turned_picture_with_padding(
    page: Page, site: Site, renderer: str, quarters: int, flipped: bool
) -> None:
    pixels = radiograph(901, 1203, 12)
    pixels[:70, :] = 0
    pixels[:, 1100:] = 0
    site.show(pixels, [LINEAR_12], padding=True)
    open_with(page, site, renderer)
    act(page, *["flip-horizontal"] * flipped, *["rotate"] * quarters)
    expected = turned(pixels, quarters, flipped)
    assert_alike(shown(page), rendering(expected, LINEAR_12, site.size, padding=True))


def test_other_turns_come_to_the_same(page: Page, site: Site, renderer: str) -> None:
    pixels = radiograph(901, 1203, 12)
    site.show(pixels, [LINEAR_12])
    open_with(page, site, renderer)
    act(page, "rotate", "flip-vertical", "rotate", "flip-horizontal")
    expected: Pixels = np.rot90(np.rot90(pixels, -1)[::-1], -1)[:, ::-1]
    assert_alike(shown(page), rendering(expected, LINEAR_12, site.size))


def test_one_to_one_shows_every_stored_value_untouched(
    page: Page, site: Site, renderer: str
) -> None:
    pixels = radiograph(900, 1001, 16)
    site.show(pixels, [LINEAR_16])
    open_with(page, site, renderer)
    act(page, "flip-horizontal", "actual-size")
    view = page.evaluate("lightbox.state.view")
    top, left = -view["y"], -view["x"]
    width, height = site.size
    part = pixels[:, ::-1][top : top + height, left : left + width]
    expected = np.floor(grey(LINEAR_16, part.astype(np.float64)) + 0.5)
    np.testing.assert_array_equal(shown(page), expected)


def test_magnified_picture_is_interpolated(
    page: Page, site: Site, renderer: str
) -> None:
    pixels = radiograph(100, 120, 12)
    site.show(pixels, [LINEAR_12])
    open_with(page, site, renderer)
    assert_alike(shown(page), grey(LINEAR_12, interpolated(pixels, 5)))


def test_image_larger_than_a_texture_is_shown_all_the_same(
    page: Page, site: Site, renderer: str
) -> None:
    pixels = radiograph(40, 20_000, 12)
    site.show(pixels, [LINEAR_12])
    open_viewer(page, site, renderer="gl")
    assert page.evaluate("lightbox.pane.renderer.kind") == "canvas"
    assert_alike(shown(page), rendering(pixels, LINEAR_12, site.size))


def test_software_is_not_asked_to_play_graphics_processor(
    page: Page, site: Site
) -> None:
    site.show(radiograph(300, 300, 12), [LINEAR_12])
    open_viewer(page, site)
    assert page.evaluate("lightbox.pane.renderer.kind") == "canvas"


def test_lost_context_leaves_the_picture_where_it_was(
    page: Page, site: Site, renderer: str
) -> None:
    pixels = radiograph(900, 700, 12)
    site.show(pixels, [LINEAR_12])
    open_with(page, site, renderer)
    act(page, "rotate", "invert")
    before = shown(page)
    page.evaluate(
        "lightbox.pane.renderer.gl?.getExtension('WEBGL_lose_context').loseContext()"
    )
    expect(page.locator("#viewer[data-state=ready]")).to_be_visible()
    page.wait_for_timeout(200)
    assert page.evaluate("lightbox.pane.renderer.kind") == "canvas"
    assert_alike(shown(page), before)
