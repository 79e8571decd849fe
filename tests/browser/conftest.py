"""Pages in a Chromium, and a site that serves the viewer what a test asks for."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.viewer_page import BINARY, POLICY, Site
from tests.chromium import context_of

# WebGL2 in software, which the viewer uses only when it is told to.
SOFTWARE_GL = [
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
WITHOUT_GL = ["--disable-gpu", "--disable-3d-apis"]


@pytest.fixture(scope="session")
def chromium(started: Callable[[list[str]], Browser]) -> Browser:
    return started(["--disable-gpu"])


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    served = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, kind, body = served.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", POLICY)
            self.send_header("Cache-Control", "no-store")
            if kind == BINARY and status == 200:
                self.send_header("Content-Encoding", "gzip")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: Any) -> None:
            """Keep the test output quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.address = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield served
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(chromium: Browser, site: Site) -> Iterator[Page]:
    """Yield a fresh page; afterwards no policy was violated and no script failed."""
    with watched(chromium, site) as page:
        yield page


@contextmanager
def watched(browser: Browser, site: Site) -> Iterator[Page]:
    """Give a fresh page; afterwards no policy was violated and no script failed."""
    site.size, site.broken = (600, 500), False
    context = context_of(browser, viewport={"width": 1100, "height": 1150})
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    yield page
    assert page.evaluate("window.violations") == []
    assert failures == []
    context.close()
