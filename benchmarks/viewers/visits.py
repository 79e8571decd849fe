"""What is done with one viewer in one browser: looked at, dragged, weighed, gone on."""

import time

from playwright.sync_api import Playwright

from benchmarks.viewers.films import Film
from benchmarks.viewers.measuring import (
    NotMeasured,
    browser,
    drag,
    first_image,
    grey_error,
    heap,
    new_page,
    wait_for,
)
from benchmarks.viewers.serving import OURS, Served
from benchmarks.viewers.sums import of_times

# An image that is off by more is no image: the viewer spoke before it had painted.
MOST_OFF = 20
# Readers look at a radiograph for longer before they go on.
LOOK_SECONDS = 0.5


def visit(
    playwright: Playwright, served: Served, mode: str, viewer: str, moves: int
) -> tuple[dict[str, float], str]:
    """Return the figures of one visit, and what drew. Raises NotMeasured."""
    raw, mono, table = (served.films[name] for name in ("raw16", "mono1", "voilut"))
    with browser(playwright, mode) as chromium:
        page = new_page(chromium)

        def opened(film: Film) -> tuple[float, float]:
            address = f"{served.address}/view/{viewer}?film={film.name}"
            milliseconds = first_image(page, address)
            return milliseconds, grey_error(page, film.greys)

        figures: dict[str, float] = {}
        figures["first_cold_ms"], figures["error_raw16"] = opened(raw)
        if figures["error_raw16"] > MOST_OFF:
            raise NotMeasured("It said that the image was shown before it was.")
        bench = page.evaluate("window.bench")
        if bench["preview"] is not None:
            figures["preview_ms"] = bench["preview"]
        figures |= of_times("frame", drag(page, moves))
        weight = heap(page)
        figures |= {"objects_mb": weight.objects, "buffers_mb": weight.buffers}
        figures["first_warm_ms"], figures["error_mono1"] = opened(mono)
        _, figures["error_voilut"] = opened(table)
    return figures, bench["engine"]


def session(
    playwright: Playwright, served: Served, mode: str, names: list[str], presses: int
) -> list[float]:
    """Milliseconds from each press of Enter until the next radiograph is painted.

    Each is fetched and prepared while the one before it is looked at.
    """
    films = "&".join(f"film={name}" for name in names)
    with browser(playwright, mode) as chromium:
        page = new_page(chromium)
        first_image(page, f"{served.address}/view/{OURS}?{films}")
        times = []
        for press in range(presses):
            wait_for(page, "ready")
            time.sleep(LOOK_SECONDS)
            page.keyboard.press("Enter")
            times.append(float(wait_for(page, "next")))
            film = served.films[names[(press + 1) % len(names)]]
            if press < len(names) and grey_error(page, film.greys) > MOST_OFF:
                raise NotMeasured("After the key stood another radiograph.")
    return times
