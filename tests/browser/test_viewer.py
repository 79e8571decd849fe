"""The radiograph viewer in a real browser, against numpy.

A bare page under the site's content security policy shows frames made here; what the
canvas holds is compared with an independent rendering. No Django, no database.
"""

import base64
import gzip
import io
import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

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
            if self.path == "/frame" and status == 200:
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
    site.size, site.broken = (600, 500), False
    context = chromium.new_context(viewport={"width": 1100, "height": 1150})
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    yield page
    assert page.evaluate("window.violations") == []
    assert failures == []
    context.close()


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


# --- The table of greys ---


@pytest.fixture(scope="module")
def lut_page(chromium: Browser, site: Site) -> Iterator[Page]:
    """Yield one page for all tables: they leave nothing behind."""
    page = chromium.new_page()
    site.show(radiograph(60, 60, 12), [LINEAR_12])
    open_viewer(page, site)
    yield page
    page.close()


def lut_of(page: Page, voi: Voi, options: dict[str, Any]) -> npt.NDArray[np.uint8]:
    text: str = page.evaluate(
        """async ([voi, options]) => {
          const { buildLut } = await import("/viewer/lut.js");
          const table = buildLut(voi, options);
          return btoa(Array.from(table, (grey) => String.fromCharCode(grey)).join(""));
        }""",
        [voi, options],
    )
    return np.frombuffer(base64.b64decode(text), dtype=np.uint8)


@pytest.mark.parametrize(
    "voi",
    [
        window(2048, 4096),
        window(1024.5, 1),
        window(40_000, 1501, "LINEAR"),
        window(700, 0.5, "LINEAR_EXACT"),
        window(32_768, 20_001, "LINEAR_EXACT"),
        window(2000, 1300, "SIGMOID"),
        window(30_000.5, 60_000, "SIGMOID"),
        gamma_table(0, 4096),
        gamma_table(500, 256),
        gamma_table(0, 65_536),
    ],
)
def test_table_of_greys_is_exact(lut_page: Page, voi: Voi) -> None:
    expected = np.floor(grey(voi, np.arange(65_536, dtype=np.float64)) + 0.5)
    np.testing.assert_array_equal(lut_of(lut_page, voi, {}), expected)
    inverted = lut_of(lut_page, voi, {"invert": True, "padding": True})
    assert inverted[0] == 0
    np.testing.assert_array_equal(inverted[1:], 255 - expected[1:])


@pytest.mark.parametrize(
    ("voi", "greys"),
    [
        # The standard's own example: 0 and 4095 are the ends of centre 2048, width
        # 4096, and the middle lies at 2047.5.
        (window(2048, 4096), {0: 0, 2047: 127, 2048: 128, 4095: 255, 9000: 255}),
        (window(2048, 1), {2047: 0, 2048: 255}),
        (window(50, 100, "LINEAR_EXACT"), {0: 0, 50: 128, 100: 255, 101: 255}),
        (window(100, 40, "SIGMOID"), {80: 30, 100: 128, 120: 225}),
        (
            {"kind": "table", "first": 10, "values": [7, 99, 200], "label": ""},
            {0: 7, 10: 7, 11: 99, 12: 200, 65_535: 200},
        ),
    ],
)
def test_table_of_greys_has_the_values_worked_out_by_hand(
    lut_page: Page, voi: Voi, greys: dict[int, int]
) -> None:
    table = lut_of(lut_page, voi, {})
    assert {value: int(table[value]) for value in greys} == greys


# --- The picture ---


@pytest.mark.parametrize(
    ("shape", "bits", "voi"),
    [
        ((1500, 1200), 16, LINEAR_16),
        ((1500, 1200), 12, LINEAR_12),
        ((777, 1301), 12, window(2048, 2500, "LINEAR_EXACT")),
        ((1500, 1200), 12, window(1900, 1200, "SIGMOID")),
        ((1500, 1200), 12, gamma_table(100, 3800)),
        ((1500, 1200), 8, window(128, 256)),
        ((1500, 1200), 8, window(120, 25)),
    ],
    ids=["16bit", "12bit", "exact", "sigmoid", "table", "8bit", "8bit-narrow"],
)
def test_fitted_picture_is_the_area_average(
    page: Page, site: Site, shape: tuple[int, int], bits: int, voi: Voi
) -> None:
    pixels = radiograph(*shape, bits)
    site.show(pixels, [voi])
    open_viewer(page, site)
    error = np.abs(shown(page) - rendering(pixels, voi, site.size))
    assert error.mean() < 0.5
    assert np.quantile(error, 0.999) < 1.5


def test_three_thousand_lines_in_a_thousand_and_a_quick_change_of_window(
    page: Page, site: Site
) -> None:
    site.size = (1000, 1000)
    pixels = radiograph(3000, 3000, 16)
    site.show(pixels, [LINEAR_16])
    open_viewer(page, site)
    error = np.abs(shown(page) - rendering(pixels, LINEAR_16, site.size))
    assert error.mean() < 0.5
    times: list[float] = page.evaluate(
        """Array.from({ length: 15 }, () => {
          viewer.shiftWindow(0.01, 0.01);
          viewer.paint();
          return viewer.lastPaintMs;
        })"""
    )
    # Some 10 ms on a quiet machine; the bound leaves room for a busy one.
    assert np.median(times) < 80


def test_padding_stays_black_inverted_or_not(page: Page, site: Site) -> None:
    pixels = radiograph(1500, 1200, 12)
    pixels[:, :131] = 0
    pixels[1400:, :] = 0
    site.show(pixels, [LINEAR_12], padding=True)
    open_viewer(page, site)
    expected = rendering(pixels, LINEAR_12, site.size, padding=True)
    assert np.abs(shown(page) - expected).mean() < 0.5
    page.keyboard.press("i")
    expected = rendering(pixels, LINEAR_12, site.size, padding=True, invert=True)
    inverted = shown(page)
    assert np.abs(inverted - expected).mean() < 0.5
    assert inverted[490:].max() == 0


def test_one_to_one_shows_every_stored_value_untouched(page: Page, site: Site) -> None:
    pixels = radiograph(900, 1001, 16)
    site.show(pixels, [LINEAR_16])
    open_viewer(page, site)
    page.keyboard.press("z")
    picture = shown(page)
    view = page.evaluate("viewer.view")
    assert view["scale"] == 1
    top, left = -view["y"], -view["x"]
    width, height = site.size
    part = pixels[top : top + height, left : left + width].astype(np.float64)
    expected = np.floor(grey(LINEAR_16, part) + 0.5)
    np.testing.assert_array_equal(picture, expected)


def test_magnified_picture_is_interpolated_between_pixel_centres(
    page: Page, site: Site
) -> None:
    pixels = radiograph(100, 120, 12)
    site.show(pixels, [LINEAR_12])
    open_viewer(page, site)
    rows, columns = ((np.arange(count) + 0.5) / 5 - 0.5 for count in (500, 600))
    across = np.array(
        [np.interp(columns, np.arange(120), line) for line in pixels.astype(float)]
    )
    both = np.array([np.interp(rows, np.arange(100), line) for line in across.T]).T
    assert np.abs(shown(page) - grey(LINEAR_12, both)).mean() < 0.5


def test_pixels_that_are_not_square_keep_their_shape(page: Page, site: Site) -> None:
    spacing = {"row_mm": 0.4, "column_mm": 0.2, "kind": "detector"}
    site.show(radiograph(500, 600, 12), [LINEAR_12], spacing=spacing)
    open_viewer(page, site)
    picture = shown(page)
    assert (picture[:, 160:440] > 0).mean() > 0.9
    assert picture[:, :149].max() == 0 and picture[:, 451:].max() == 0


# --- Hands on ---


def state_of(page: Page) -> dict[str, float]:
    page.evaluate("new Promise((done) => requestAnimationFrame(done))")
    state: dict[str, float] = page.evaluate(
        """({ width: viewer.voi.width, level: viewer.voi.centre,
              scale: viewer.view.scale, x: viewer.view.x, y: viewer.view.y,
              invert: Number(viewer.invert) })"""
    )
    return state


def test_every_key_of_the_image_works(page: Page, site: Site) -> None:
    sigmoid = window(1800, 900, "SIGMOID") | {"label": "Lung"}
    site.show(radiograph(1500, 1200, 12), [LINEAR_12, sigmoid])
    open_viewer(page, site)
    fitted = state_of(page)

    page.keyboard.press("ArrowUp")
    assert state_of(page)["level"] < fitted["level"]
    page.keyboard.press("ArrowDown")
    assert state_of(page)["level"] == pytest.approx(fitted["level"])
    page.keyboard.press("Alt+ArrowUp")
    assert state_of(page)["width"] > fitted["width"]
    page.keyboard.press("Alt+ArrowDown")
    assert state_of(page)["width"] == pytest.approx(fitted["width"])
    page.keyboard.press("2")
    assert state_of(page)["width"] == 900
    page.keyboard.press("3")
    assert state_of(page)["width"] == 4000
    page.keyboard.press("5")
    assert state_of(page)["width"] == 4000
    page.keyboard.press("+")
    assert state_of(page)["scale"] == pytest.approx(fitted["scale"] * 1.25)
    page.keyboard.press("-")
    assert state_of(page)["scale"] == pytest.approx(fitted["scale"])
    page.keyboard.press("z")
    assert state_of(page)["scale"] == 1
    page.keyboard.press("f")
    assert state_of(page)["scale"] == fitted["scale"]
    page.keyboard.press("i")
    assert state_of(page)["invert"] == 1
    page.keyboard.press("0")
    assert state_of(page) == fitted


def test_keys_are_inert_while_a_comment_is_typed(page: Page, site: Site) -> None:
    site.show(radiograph(300, 300, 12), [LINEAR_12])
    open_viewer(page, site)
    before = state_of(page)
    page.locator("#comment").focus()
    page.keyboard.type("iz+1")
    assert state_of(page) == before
    assert page.locator("#comment").input_value() == "iz+1"


def test_mouse_sets_the_window_moves_and_zooms_to_the_cursor(
    page: Page, site: Site
) -> None:
    site.show(radiograph(1500, 1200, 12), [LINEAR_12])
    open_viewer(page, site)
    before = state_of(page)
    box = page.locator("canvas").bounding_box()
    assert box is not None
    cursor = (box["x"] + 250, box["y"] + 200)

    page.mouse.move(*cursor)
    page.mouse.down()
    page.mouse.move(cursor[0] + 80, cursor[1] + 40)
    page.mouse.up()
    after = state_of(page)
    assert after["width"] > before["width"] and after["level"] > before["level"]
    assert after["scale"] == before["scale"]

    page.mouse.move(*cursor)
    page.mouse.wheel(0, -400)
    zoomed = state_of(page)
    assert zoomed["scale"] > before["scale"]
    for axis, at in (("x", 250), ("y", 200)):
        point = (at - before[axis]) / before["scale"]
        # Corners lie on whole device pixels, hence half a pixel of play.
        assert zoomed[axis] + point * zoomed["scale"] == pytest.approx(at, abs=0.51)

    page.mouse.down(button="right")
    page.mouse.move(cursor[0] + 30, cursor[1] - 20)
    page.mouse.up(button="right")
    moved = state_of(page)
    assert (moved["x"] - zoomed["x"], moved["y"] - zoomed["y"]) == (30, -20)
    assert moved["width"] == zoomed["width"]


def test_values_and_name_follow_the_picture(page: Page, site: Site) -> None:
    site.show(radiograph(1000, 1200, 12), [LINEAR_12], orientation={"left": "R"})
    open_viewer(page, site)
    expect(page.locator(".viewer-values")).to_have_text(re.compile(r"W 3000\s+L 2048"))
    expect(page.locator(".viewer-values")).to_contain_text("fit 50 %")
    expect(page.locator(".viewer-letter-left")).to_have_text("R")
    expect(page.locator(".viewer-letter-right")).to_be_hidden()
    page.keyboard.press("i")
    name = "Chest radiograph, window 3000, level 2048, zoom 50 percent, inverted"
    expect(page.get_by_role("img", name=name)).to_be_visible()


def test_radiograph_that_fails_to_come_can_be_asked_for_again(
    page: Page, site: Site
) -> None:
    site.show(radiograph(300, 300, 12), [LINEAR_12])
    site.broken = True
    page.goto(site.address)
    notice = page.locator(".viewer-notice")
    expect(notice).to_contain_text("did not send the image (404)")
    site.broken = False
    notice.get_by_role("button", name="Try again").click()
    expect(page.locator("#viewer[data-state=ready]")).to_be_visible()
    expect(notice).to_be_hidden()


def test_frame_of_the_wrong_length_is_refused(page: Page, site: Site) -> None:
    site.show(radiograph(300, 300, 12), [LINEAR_12])
    site.meta["rows"] = 200
    started = time.monotonic()
    page.goto(site.address)
    expect(page.locator(".viewer-notice")).to_contain_text("larger than announced")
    assert time.monotonic() - started < 5, "there is nothing to wait for"
