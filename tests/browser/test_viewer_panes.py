"""Several radiographs side by side, the next case made ready, the second window."""

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.viewer_page import Site, act, open_viewer, shown
from tests.browser.viewer_reference import LINEAR_12, radiograph, rendering, window

FRONTAL, LATERAL, PRIOR = (radiograph(900, 700 + extra, 12) for extra in (0, 60, 130))


@pytest.fixture
def three(page: Page, site: Site) -> Page:
    """Give a page with a frontal, a lateral and a prior radiograph."""
    site.show(FRONTAL, [LINEAR_12])
    site.add("lateral", LATERAL, [window(2000, 2500)])
    site.add("prior", PRIOR, [window(1800, 2000)])
    open_viewer(page, site)
    return page


def seen(page: Page) -> list[str]:
    """Return the labels of the panes that are seen, from left to right."""
    stages = page.locator(".viewer-stage:visible").all()
    places = [(stage.bounding_box() or {"x": 0.0})["x"] for stage in stages]
    labels = [stage.locator(".viewer-label").text_content() for stage in stages]
    return [label or "" for _, label in sorted(zip(places, labels, strict=True))]


def test_frontal_hangs_beside_lateral_and_the_prior_comes_when_asked_for(
    three: Page,
) -> None:
    assert seen(three) == ["Frontal", "Lateral"]
    act(three, "swap-prior")
    assert seen(three) == ["Frontal", "Prior"]
    act(three, "swap-prior")
    assert seen(three) == ["Prior", "Frontal"]
    act(three, "swap-prior")
    assert seen(three) == ["Frontal", "Prior"]
    assert three.evaluate("lightbox.state.label") == "frontal"
    act(three, "solo")
    assert three.locator(".viewer-stage:visible").count() == 1
    act(three, "solo")
    assert seen(three) == ["Frontal", "Prior"]


def test_each_pane_shows_its_own_picture(three: Page) -> None:
    expect(three.locator(".viewer-stage[data-state=ready]")).to_have_count(3)
    size = (299, 500)
    for pane, pixels, voi in (
        (0, FRONTAL, LINEAR_12),
        (1, LATERAL, window(2000, 2500)),
    ):
        error = np.abs(shown(three, pane) - rendering(pixels, voi, size))
        assert error.mean() < 0.5


def test_tools_work_on_the_active_pane_alone(three: Page) -> None:
    widths = "lightbox.panes.map((pane) => pane.picture?.voi.width)"
    expect(three.locator(".viewer-stage[data-state=ready]")).to_have_count(3)
    before = three.evaluate(widths)
    act(three, "next-pane", "wider")
    after = three.evaluate(widths)
    assert after[0] == before[0] and after[1] > before[1]
    assert three.evaluate("lightbox.state.label") == "lateral"
    three.locator(".viewer-stage").first.click()
    assert three.evaluate("lightbox.state.label") == "frontal"
    act(three, "invert")
    assert three.evaluate("lightbox.panes.map((pane) => pane.picture?.invert)") == [
        True,
        False,
        False,
    ]


def test_what_hangs_and_how_is_plain_to_a_screen_reader(three: Page) -> None:
    expect(three.locator(".viewer-stage[data-state=ready]")).to_have_count(3)
    act(three, "rotate", "length", "swap-prior")
    found = Axe().run(three).response["violations"]
    assert [each["id"] for each in found] == []
    three.get_by_role("img").nth(1).focus()
    assert three.evaluate("lightbox.state.label") == "prior"


def test_a_fine_screen_gets_every_one_of_its_pixels(
    chromium: Browser, site: Site
) -> None:
    site.size = (600, 500)
    site.show(PRIOR, [LINEAR_12])
    page = chromium.new_page(device_scale_factor=1.5)
    open_viewer(page, site)
    error = np.abs(shown(page) - rendering(PRIOR, LINEAR_12, (900, 750)))
    assert error.mean() < 0.5
    act(page, "actual-size")
    assert page.evaluate("lightbox.state.view.scale") == 1
    page.close()


def test_one_radiograph_offers_no_buttons_for_others(page: Page, site: Site) -> None:
    site.show(FRONTAL, [LINEAR_12])
    open_viewer(page, site)
    expect(page.get_by_role("button", name="next image")).to_have_count(0)
    act(page, "swap-prior", "next-pane", "solo")
    assert page.locator(".viewer-stage:visible").count() == 1
    assert page.evaluate("lightbox.act('no-such-thing')") is False


# --- The next case ---


def test_case_that_was_made_ready_is_there_at_once_and_as_new(
    page: Page, site: Site
) -> None:
    site.size = (1000, 1000)
    first, second = radiograph(1600, 1500, 12), radiograph(3000, 3000, 12)[:, ::-1]
    site.show(first, [LINEAR_12])
    site.add("frontal", second, [LINEAR_12])
    open_viewer(page, site)
    ready = """async () => {
      const next = [fetched("frontal", 1)];
      lightbox.prepare(next);
      await next[0].frame;
      while (!lightbox.preparations.ready.has(next[0])) {
        await new Promise((resume) => setTimeout(resume, 10));
      }
      lightbox.act("wider");
      lightbox.act("rotate");
      happened.length = 0;
      lightbox.show(next);
      const state = lightbox.pane.stage.dataset.state;
      await new Promise((resume) => setTimeout(resume, 100));
      return { state, happened };
    }"""
    told = page.evaluate(ready)
    # It is read in the same turn as it is shown: nothing was waited for.
    assert told["state"] == "ready"
    assert told["happened"] == ["shown"]
    assert page.evaluate("lightbox.state.rotation") == 0
    error = np.abs(shown(page) - rendering(second, LINEAR_12, site.size))
    assert error.mean() < 0.5


def test_case_that_is_shown_before_it_is_ready_comes_as_usual(
    page: Page, site: Site
) -> None:
    site.show(FRONTAL, [LINEAR_12])
    site.add("frontal", LATERAL, [LINEAR_12])
    open_viewer(page, site)
    page.evaluate(
        """() => {
          const next = [fetched("frontal", 1)];
          lightbox.prepare(next);
          lightbox.show(next);
        }"""
    )
    expect(page.locator("#viewer[data-state=ready]")).to_be_visible()
    error = np.abs(shown(page) - rendering(LATERAL, LINEAR_12, site.size))
    assert error.mean() < 0.5
