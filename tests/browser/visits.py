"""The end of a visit: what a page sends as it is left is answered before it counts as
over. Else the database would be emptied while the site still stores a draft in it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page

from tests.chromium import context_of

REQUEST_THREAD = "process_request_thread"
PATIENCE_SECONDS = 10
# What a browser says in its console where a page does what its headers forbid.
FORBIDDEN = (
    "Content Security Policy",
    "Trusted",
    "ermissions-Policy",
    "ermissions policy",
)


def leave(page: Page) -> None:
    """Leave the page, close its browser context and wait until the site is idle."""
    context = page.context
    if not page.is_closed():
        # Pages save what was typed when they are left, with a request of their own.
        page.goto("about:blank")
        page.wait_for_timeout(50)
    context.close()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while any(REQUEST_THREAD in one.name for one in threading.enumerate()):
        assert time.monotonic() < deadline, "the site still answers somebody"
        time.sleep(0.02)


@contextmanager
def watched_visit(
    chromium: Browser, address: str, *, width: int, height: int
) -> Iterator[Page]:
    """A fresh browser; afterwards no script failed and no policy was violated."""
    context = context_of(
        chromium, viewport={"width": width, "height": height}, base_url=address
    )
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on(
        "console",
        lambda message: (
            failures.append(message.text)
            if any(words in message.text for words in FORBIDDEN)
            else None
        ),
    )
    yield page
    leave(page)
    assert failures == []
