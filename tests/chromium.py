"""The Chromium of all that drives one: an installed one, else Playwright's own."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

# What a page shows may take its time where other test processes have the cores; the
# first page of a browser that has just started may take longer still.
PATIENCE_MILLISECONDS = 20_000
NAVIGATION_MILLISECONDS = 90_000
# The first is the same engine without windows, and takes a fifth less of the processor.
NAMES = ("chromium-headless-shell", "chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def installed() -> str | None:
    """The one to start, or None where Playwright may look for its own."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def chromiums() -> Iterator[Callable[[list[str]], Browser]]:
    """Start a Chromium with further arguments; one for each set of them."""
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    with sync_playwright() as playwright:
        browsers: dict[str, Browser] = {}

        def start(arguments: list[str]) -> Browser:
            key = " ".join(arguments)
            if key not in browsers:
                browsers[key] = playwright.chromium.launch(
                    executable_path=installed(), args=ARGUMENTS + arguments
                )
            return browsers[key]

        yield start
        for browser in browsers.values():
            browser.close()


def context_of(browser: Browser, **options: Any) -> BrowserContext:
    """A context of its own, whose pages may take their time to load."""
    context = browser.new_context(**options)
    context.set_default_navigation_timeout(NAVIGATION_MILLISECONDS)
    return context
