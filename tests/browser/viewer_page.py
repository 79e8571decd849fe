"""A bare page with a light box, served here with the radiographs it asks for."""

import base64
import gzip
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect

from readerstudy.cases.frames import Frame
from readerstudy.cases.preview import preview_of, preview_size
from tests.browser.viewer_reference import Greys, Pixels, Voi

STATIC = Path(__file__).resolve().parents[2] / "static"
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data: blob:; object-src 'none'; base-uri 'none'"
)
BINARY = "application/octet-stream"
TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html"}

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>Viewer</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/readerstudy.css">
<link rel="stylesheet" href="/viewer/viewer.css">
<link rel="stylesheet" href="/size.css">
<script type="module" src="/page.js"></script></head>
<body class="reading-room"><main><h1 class="visually-hidden">Viewer</h1>
<div class="viewer" id="viewer"></div>
<label>Comment <textarea id="comment"></textarea></label></main></body></html>"""

SCRIPT = """
import { Lightbox } from "/viewer/lightbox.js";
import { fetchRadiograph } from "/viewer/loader.js";
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
});
window.begin = (options, labels) => {
  const root = document.getElementById("viewer");
  window.happened = [];
  window.lightbox = new Lightbox(root, options);
  for (const name of ["preview", "shown", "changed", "failed"]) {
    window.lightbox.addEventListener(name, ({ detail }) => {
      window.happened.push(detail?.tool ? `${name} ${detail.tool}` : name);
    });
  }
  window.fetched = (label, number = 0) => {
    const of = (part) => `/${number}/${part}`;
    return fetchRadiograph({
      label, meta: of("meta"), preview: of("preview"), frame: of("frame"),
    });
  };
  window.lightbox.show(labels.map((label, number) => window.fetched(label, number)));
};
window.isThere = true;
"""


@dataclass
class Site:
    """A server for one page and the radiographs that hang there; `asked` has every path
    it was asked for."""

    address: str = ""
    size: tuple[int, int] = (600, 500)
    files: dict[str, bytes] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)
    broken: bool = False
    asked: list[str] = field(default_factory=list)

    def show(self, pixels: Pixels, windows: list[Voi], **meta: Any) -> None:
        """Serve one radiograph; windows as the server's meta document has them."""
        self.files.clear()
        self.labels.clear()
        self.asked.clear()
        self.add("frontal", pixels, windows, **meta)

    def add(self, label: str, pixels: Pixels, windows: list[Voi], **meta: Any) -> None:
        """Serve one more radiograph, to hang beside the others."""
        number = len(self.labels)
        self.labels.append(label)
        padding = pixels == 0 if meta.get("padding") else None
        described = {
            "rows": pixels.shape[0],
            "columns": pixels.shape[1],
            "windows": windows,
            "auto": {"centre": 2000, "width": 4000},
            "padding": False,
            "spacing": None,
            "orientation": None,
            "preview": preview_size(*pixels.shape),
            "maximum": 65535,
        } | meta
        small = preview_of(Frame(pixels, padding)).pixels
        self.files |= {
            f"/{number}/meta": json.dumps(described).encode(),
            f"/{number}/preview": gzip.compress(small.astype("<u2").tobytes(), 1),
            f"/{number}/frame": gzip.compress(pixels.astype("<u2").tobytes(), 1),
        }

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Return status, content type and body of a path."""
        self.asked.append(path)
        width, height = self.size
        if path == "/":
            return 200, "text/html", PAGE.encode()
        if path == "/page.js":
            return 200, "text/javascript", SCRIPT.encode()
        if path == "/size.css":
            rule = (
                f".viewer {{ --viewer-align: center; width: {width}px; height: auto }}"
                f".viewer-panes {{ flex: none; height: {height}px }}"
            )
            return 200, "text/css", rule.encode()
        if path in self.files:
            status = 404 if self.broken and path.endswith("/frame") else 200
            kind = "application/json" if path.endswith("/meta") else BINARY
            return status, kind, self.files[path]
        file = STATIC / path.removeprefix("/")
        if not file.is_file():
            return 404, "text/plain", b""
        return 200, TYPES[file.suffix], file.read_bytes()


def begin(page: Page, site: Site, **options: Any) -> None:
    """Open the page and hang the site's radiographs; options are the light box's."""
    page.goto(site.address)
    while not page.evaluate("window.isThere"):
        page.wait_for_timeout(10)
    page.evaluate(
        "([options, labels]) => begin(options, labels)", [options, site.labels]
    )


def open_viewer(page: Page, site: Site, **options: Any) -> None:
    """Open the page and wait until the whole radiograph is shown."""
    begin(page, site, **options)
    expect(page.locator("#viewer[data-state=ready]")).to_be_visible()


def act(page: Page, *names: str) -> None:
    """Do actions by name."""
    for name in names:
        assert page.evaluate("(name) => lightbox.act(name)", name), name


def shown(page: Page, pane: int = 0) -> Greys:
    """Return what a pane's canvas shows, painted now."""
    url: str = page.evaluate(
        """(index) => {
          const pane = lightbox.panes[index];
          pane.paint();
          return pane.canvas.toDataURL();
        }""",
        pane,
    )
    image = Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))
    colours = np.asarray(image.convert("RGB"), dtype=np.float64)
    assert (colours[..., :1] == colours).all(), "the image must be grey"
    return colours[..., 0]
