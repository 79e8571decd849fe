"""One viewer in one fresh Chromium: times, memory, and what is to be seen.

Pages are asked again and again from outside: a policy without eval forbids
Playwright's own way of waiting for a function.
"""

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright

from benchmarks.viewers.films import STAGE
from tests.chromium import installed

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
]
# Chromium gives no GL at all to a page on a machine without a GPU unless asked.
SOFTWARE_GL, NO_WEBGL = "software GL", "no WebGL"
MODES = {
    SOFTWARE_GL: ["--enable-unsafe-swiftshader"],
    NO_WEBGL: ["--disable-3d-apis"],
}
PATIENCE_SECONDS = 60
MB = 1e6


class NotMeasured(Exception):
    """This viewer could not be measured; the message says why."""


@dataclass(frozen=True)
class Heap:
    """MB after a collection: objects, and the stores of array buffers beside them."""

    objects: float
    buffers: float


@contextmanager
def browser(playwright: Playwright, mode: str) -> Iterator[Browser]:
    """A Chromium of its own: no cache, no compiled scripts, no warm GL."""
    launched = playwright.chromium.launch(
        executable_path=installed(), args=[*ARGUMENTS, *MODES[mode]]
    )
    try:
        yield launched
    finally:
        launched.close()


def new_page(browser: Browser) -> Page:
    return browser.new_page(viewport={"width": STAGE, "height": STAGE + 100})


def first_image(page: Page, address: str) -> float:
    """Milliseconds from navigation to the painted image. Raises NotMeasured."""
    page.goto(address, wait_until="commit")
    return float(wait_for(page, "shown"))


def wait_for(page: Page, name: str) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        bench: dict[str, Any] | None = page.evaluate("window.bench ?? null")
        if bench and bench["error"]:
            raise NotMeasured(f"The page failed: {bench['error']}")
        if bench and bench[name] is not None:
            return bench[name]
        time.sleep(0.02)
    raise NotMeasured(f"Nothing was {name} within {PATIENCE_SECONDS} s.")


def drag(page: Page, moves: int) -> list[float]:
    """Milliseconds of each frame while the window is dragged."""
    frames: list[float] = page.evaluate(
        "([stage, moves]) => window.drag(stage, moves)", ["#stage", moves]
    )
    return frames


def heap(page: Page) -> Heap:
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.enable")
    session.send("HeapProfiler.collectGarbage")
    usage = session.send("Runtime.getHeapUsage")
    session.detach()
    return Heap(usage["usedSize"] / MB, usage.get("backingStorageSize", 0) / MB)


def seen(page: Page) -> NDArray[np.float64]:
    """What stands on the stage, greys [960, 960]."""
    clip = {"x": 0, "y": 0, "width": STAGE, "height": STAGE}
    image = Image.open(io.BytesIO(page.screenshot(clip=clip)))  # type: ignore[arg-type]
    return np.asarray(image.convert("L"), dtype=np.float64)


def grey_error(page: Page, greys: NDArray[np.float64]) -> float:
    """Mean absolute difference in grey levels of 255."""
    return float(np.abs(seen(page) - greys).mean())
