"""A bare page with a viewer, served here, and the independent rendering of frames."""

import base64
import gzip
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from playwright.sync_api import Page, expect

STATIC = Path(__file__).resolve().parents[2] / "static"
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data: blob:; object-src 'none'; base-uri 'none'"
)
TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html"}

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>Viewer</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/readerstudy.css"><link rel="stylesheet" href="/size.css">
<script type="module" src="/page.js"></script></head>
<body class="reading-room"><main><h1 class="visually-hidden">Viewer</h1>
<div class="viewer" id="viewer"></div>
<label>Comment <textarea id="comment"></textarea></label></main></body></html>"""

SCRIPT = """
import { Viewer } from "/viewer/viewer.js";
import { keyOf, listen } from "/grading/keymap.js";
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
});
const root = document.getElementById("viewer");
const viewer = new Viewer(root, { metaUrl: "/meta", frameUrl: "/frame", keyOf });
listen((action) => viewer.act(action));
window.viewer = viewer;
viewer.load();
"""

Pixels = npt.NDArray[np.uint16]
Greys = npt.NDArray[np.float64]
Voi = dict[str, Any]


@dataclass
class Site:
    """A server for one page and one radiograph, both exchangeable."""

    address: str = ""
    size: tuple[int, int] = (600, 500)
    meta: dict[str, Any] = field(default_factory=dict)
    frame: bytes = b""
    broken: bool = False

    def show(self, pixels: Pixels, windows: list[Voi], **meta: Any) -> None:
        """Serve a radiograph; windows as the server's meta document has them."""
        rows, columns = pixels.shape
        self.frame = gzip.compress(pixels.astype("<u2").tobytes(), 1)
        self.meta = {
            "rows": rows,
            "columns": columns,
            "windows": windows,
            "auto": {"centre": 2000, "width": 4000},
            "padding": False,
            "spacing": None,
            "maximum": 65535,
        } | meta

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Return status, content type and body of a path."""
        width, height = self.size
        if path == "/":
            return 200, "text/html", PAGE.encode()
        if path == "/page.js":
            return 200, "text/javascript", SCRIPT.encode()
        if path == "/size.css":
            rule = (
                f".viewer {{ --viewer-align: center; width: {width}px; height: auto }}"
                f".viewer-stage {{ flex: none; height: {height}px }}"
            )
            return 200, "text/css", rule.encode()
        if path == "/meta":
            return 200, "application/json", json.dumps(self.meta).encode()
        if path == "/frame":
            status = 404 if self.broken else 200
            return status, "application/octet-stream", self.frame
        file = STATIC / path.removeprefix("/")
        if not file.is_file():
            return 404, "text/plain", b""
        return 200, TYPES[file.suffix], file.read_bytes()


def open_viewer(page: Page, site: Site) -> None:
    page.goto(site.address)
    expect(page.locator("#viewer[data-state=ready]")).to_be_visible(timeout=20_000)


def shown(page: Page) -> Greys:
    """Return what the canvas shows, once the pending frame is painted."""
    page.evaluate("new Promise((done) => requestAnimationFrame(done))")
    url: str = page.evaluate("document.querySelector('canvas').toDataURL()")
    image = Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))
    colours = np.asarray(image.convert("RGB"), dtype=np.float64)
    assert (colours[..., :1] == colours).all(), "the image must be grey"
    return colours[..., 0]


# --- The reference: written from the standard, not from the viewer ---


def grey(voi: Voi, value: Greys) -> Greys:
    """Apply a VOI to stored values, PS3.3 C.11.2.1; greys 0..255, not rounded."""
    if voi["kind"] == "table":
        entries = np.asarray(voi["values"], dtype=np.float64)
        at = np.arange(len(entries)) + voi["first"]
        return np.interp(value, at, entries)
    centre, width = voi["centre"], voi["width"]
    if voi["function"] == "SIGMOID":
        return np.asarray(255 / (1 + np.exp(-4 * (value - centre) / width)))
    if voi["function"] == "LINEAR":
        centre, width = centre - 0.5, width - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        ramp = ((value - centre) / width + 0.5) * 255
    ramp = np.where(value <= centre - width / 2, 0, ramp)
    return np.where(value > centre + width / 2, 255, ramp)


def box_sums(values: Greys, scale: float, offset: int, extent: int) -> Greys:
    """Integrate the first axis over each device pixel, clipped to the image."""
    cumulative = np.concatenate([np.zeros((1, values.shape[1])), values.cumsum(axis=0)])
    edges = (np.arange(extent + 1) - offset) / scale
    edges = np.clip(edges, 0, len(values))
    below = np.minimum(edges.astype(int), len(values) - 1)
    share = (edges - below)[:, None]
    at_edges = cumulative[below] * (1 - share) + cumulative[below + 1] * share
    return np.asarray(np.diff(at_edges, axis=0))


def on_image(length: int, scale: float, offset: int, extent: int) -> Any:
    place = (np.arange(extent) + 0.5 - offset) / scale
    return (place >= 0) & (place < length)


def rendering(
    pixels: Pixels,
    voi: Voi,
    size: tuple[int, int],
    *,
    invert: bool = False,
    padding: bool = False,
) -> Greys:
    """Render a radiograph that is at least as large as the canvas, fitted."""
    width, height = size
    rows, columns = pixels.shape
    scale = min(width / columns, height / rows)
    left = int(np.floor((width - columns * scale) / 2 + 0.5))
    top = int(np.floor((height - rows * scale) / 2 + 0.5))

    def summed(values: Greys) -> Greys:
        down = box_sums(values, scale, top, height)
        return box_sums(down.T, scale, left, width).T

    counted = (pixels != 0) if padding else np.ones(pixels.shape, dtype=bool)
    cover = summed(counted.astype(np.float64))
    whole = summed(np.ones(pixels.shape))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = summed(pixels.astype(np.float64)) / cover
        black = cover < whole / 2
    result = grey(voi, np.nan_to_num(mean))
    if invert:
        result = 255 - result
    inside = np.outer(
        on_image(rows, scale, top, height), on_image(columns, scale, left, width)
    )
    return np.where(inside & ~black, result, 0)


def radiograph(rows: int, columns: int, bits: int) -> Pixels:
    """Return a smooth, noisy, edged image that uses the whole range of `bits`."""
    generator = np.random.default_rng(20_26)
    y, x = np.mgrid[0:rows, 0:columns] / max(rows, columns)
    values = 0.5 + 0.3 * np.sin(9 * x) * np.cos(7 * y) + 0.15 * (x > y)
    values = values + generator.normal(0, 0.02, values.shape)
    clipped: Pixels = np.clip(values * 2**bits, 1, 2**bits - 1).astype(np.uint16)
    return clipped


def window(centre: float, width: float, function: str = "LINEAR") -> Voi:
    return {
        "kind": "window",
        "centre": centre,
        "width": width,
        "function": function,
        "label": "",
    }


def gamma_table(first: int, entries: int) -> Voi:
    values = np.round(255 * (np.arange(entries) / (entries - 1)) ** 1.7)
    return {
        "kind": "table",
        "first": first,
        "values": values.astype(int).tolist(),
        "label": "Table",
    }


LINEAR_12 = window(2048, 3000)
LINEAR_16 = window(32_768, 50_000)
