"""The Chromium of all browser tests: an installed one, else Playwright's own."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, expect, sync_playwright

# What a page shows may take its time where other test processes have the cores.
PATIENCE_MILLISECONDS = 20_000
ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromiums() -> Iterator[Callable[[list[str]], Browser]]:
    """Start a Chromium with further arguments; one for each set of them."""
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    with sync_playwright() as playwright:
        installed = shutil.which("chromium")
        browsers: dict[str, Browser] = {}

        def start(arguments: list[str]) -> Browser:
            key = " ".join(arguments)
            if key not in browsers:
                browsers[key] = playwright.chromium.launch(
                    executable_path=installed, args=ARGUMENTS + arguments
                )
            return browsers[key]

        yield start
        for browser in browsers.values():
            browser.close()
