"""A small server on this machine for the pages, their scripts and the films.

Scripts may be kept by the browser, films may not: so a second visit has warm scripts
and a new film, as a second reading session has.
"""

import contextlib
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from benchmarks.viewers.films import Film

PAGES = Path(__file__).parent / "pages"
STATIC = Path(__file__).resolve().parents[2] / "static"
OURS = "ours"
OURS_GL = "ours-gl"
TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".wasm": "application/wasm",
}
# The site's own policy (settings.py), and what the others need beyond it.
STRICT = (
    "default-src 'self'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
LOOSER = STRICT.replace(
    "script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'"
).replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>{name}</title><link rel="icon" href="data:,">{head}
<link rel="stylesheet" href="/pages/page.css">
<script type="module" src="{script}"></script></head>
<body class="{room}">{body}<div id="stage"></div></body></html>"""
# What the site's own reading page has for its viewer (_viewer_head.html), so that ours
# is measured as readers get it.
OUR_STYLES = ("readerstudy.css", "viewer/viewer.css")
STYLE = '<link rel="stylesheet" href="/static/{}">'
EARLY = '<script type="module" src="/static/viewer/early.js"></script>'
PRELOAD = '<link rel="modulepreload" href="/static/viewer/{}">'
NOT_OF_THE_PAGE = ("early.js", "popout.js", "popout_page.js")
FILM = (
    '<ul class="reading-images" hidden><li data-label="frontal" '
    'data-meta="/films/{0}/meta" data-preview="/films/{0}/preview" '
    'data-frame="/films/{0}/frame"></li></ul>'
)


@dataclass
class Served:
    """The films by name, the folder of the other viewers, and where all of it is."""

    films: dict[str, Film] = field(default_factory=dict)
    built: Path | None = None
    address: str = ""

    def answer(self, path: str) -> tuple[str, bytes, dict[str, str]] | None:
        """Return kind, content and further headers of a path, or None."""
        path, _, query = path.partition("?")
        root, _, rest = path.removeprefix("/").partition("/")
        if root == "view":
            policy = STRICT if rest.startswith(OURS) else LOOSER
            page = _page(rest, parse_qs(query)["film"][0])
            return "text/html", page, {"Content-Security-Policy": policy}
        if root == "films":
            return self._film(*rest.split("/"))
        folder = {"static": STATIC, "pages": PAGES, "built": self.built}.get(root)
        file = folder / rest if folder else None
        if file is None or not file.is_file():
            return None
        kept = {"Cache-Control": "public, max-age=3600"}
        kind = TYPES.get(file.suffix, "application/octet-stream")
        return kind, file.read_bytes(), kept

    def _film(self, name: str, part: str) -> tuple[str, bytes, dict[str, str]] | None:
        film = self.films.get(name)
        if film is None:
            return None
        fresh = {"Cache-Control": "no-store"}
        if part == "meta":
            return "application/json", film.meta, fresh
        binary = "application/octet-stream"
        if part in ("preview", "frame"):
            pixels: bytes = getattr(film, part)
            return binary, pixels, fresh | {"Content-Encoding": "gzip"}
        return ("application/dicom", film.dicom, fresh) if part == "dicom" else None


def _page(name: str, film: str) -> bytes:
    ours = name.startswith(OURS)
    script = f"/pages/{OURS}.js" if ours else f"/built/{name}/{name}.js"
    page = PAGE.format(
        name=name,
        head=_our_head() if ours else "",
        script=script,
        room="reading-room" if ours else "",
        body=FILM.format(film) if ours else "",
    )
    return page.encode()


def _our_head() -> str:
    modules = sorted(file.name for file in (STATIC / "viewer").glob("*.js"))
    wanted = [name for name in modules if name not in NOT_OF_THE_PAGE]
    styles = [STYLE.format(style) for style in OUR_STYLES]
    return "".join([*styles, EARLY, *(PRELOAD.format(name) for name in wanted)])


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that is closed leaves its connections; that is no error."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextlib.contextmanager
def serving(served: Served) -> Iterator[Served]:
    """Serve until the block ends; `address` is filled in."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            answer = served.answer(self.path)
            kind, body, headers = answer or ("text/plain", b"", {})
            self.send_response(200 if answer else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self.wfile.write(body)

        def log_message(self, format: str, *arguments: Any) -> None:
            """Keep the output to the table."""

    server = _Server(("127.0.0.1", 0), Handler)
    served.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
