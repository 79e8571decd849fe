"""The reading page of a real site: the first radiograph, and from Enter to the next.

    .venv/bin/python -m benchmarks.reading --cases 20 --json reading.json

Site, database and browser are real; the radiographs are drawn, of 3000 x 3000 pixels
of 16 bits. Two readers take turns case by case, so that what else the machine does
falls on both: Rosa goes on within the page, which has fetched and prepared what comes
next; Ravi's browser is kept from fetching ahead, so each of his cases is a whole new
page. Needs the test set of packages and Chromium.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Error, Page, sync_playwright

from benchmarks.viewers.films import SIDE, dicom
from benchmarks.viewers.machine import machine
from benchmarks.viewers.measuring import SOFTWARE_GL, browser
from tests.installation import Site, installation
from tests.servers import free_port

SET_UP = """
import json
from pathlib import Path
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("import_dicom", {folder!r}, "--collection", "phantoms", verbosity=0)
from django.urls import reverse
from readerstudy.cases.models import Collection
from tests import worlds
from tests.people import person, sign_in
made = Collection.objects.get(name="phantoms")
for source in ("ground_truth", "cxr_llava"):
    worlds.add_reports(made, source)
readers = [person(name) for name in ("Rosa", "Ravi")]
study = worlds.open_study(readers=readers, distance={distance})
print(json.dumps({{
    "next": reverse("grading:next", args=[study.code]),
    "sessions": [sign_in(one.user).cookies["sessionid"].value for one in readers],
}}))
"""
# The key's moment outlives a change of page; "painted" is the page's own mark.
LISTEN = """
window.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  const moment = performance.timeOrigin + event.timeStamp;
  sessionStorage.setItem("bench.pressed", String(moment));
}, true);
"""
PAINTED = """() => performance.getEntriesByName("reading:painted").map(
  ({ startTime }) => ({ since: startTime, at: performance.timeOrigin + startTime }))"""
PRESSED = "Number(sessionStorage.getItem('bench.pressed'))"
PATIENCE_SECONDS = 60
FIRST_VISITS = 6
# How long a case is looked at before the key; readers take longer.
LOOK_SECONDS = 2.0


def main(words: Sequence[str] | None = None) -> int:
    """Print the median, the 95th percentile and the ratio of the two ways."""
    arguments = _arguments(words)
    with (
        tempfile.TemporaryDirectory(prefix="readerstudy-bench-") as name,
        installation("embedded", Path(name)) as site,
    ):
        site.environment |= {"SECURE_COOKIES": "no", "LOG_LEVEL": "WARNING"}
        world = _world(site, Path(name), arguments.cases)
        port = free_port()
        with (
            site.web(port),
            sync_playwright() as playwright,
            browser(playwright, SOFTWARE_GL) as chromium,
        ):
            about = machine(chromium.version)
            address = f"http://127.0.0.1:{port}"
            times = _read(chromium, address, world, arguments.cases)
    about["load_after"] = os.getloadavg()[0]
    _report(about, times, arguments)
    return 0


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reading")
    parser.add_argument("--cases", type=int, default=20, help="submitted by each way")
    parser.add_argument("--json", type=Path, help="also write the results to this file")
    arguments = parser.parse_args(words)
    if arguments.cases < 2:
        parser.error("Cases are whole numbers from 2.")
    return arguments


def _world(site: Site, folder: Path, cases: int) -> dict[str, Any]:
    """A study of one radiograph more than is submitted: the last one is looked at."""
    films = folder / "films"
    films.mkdir()
    for seed in range(cases + 1):
        (films / f"{seed:03d}.dcm").write_bytes(dicom(seed))
    _tell(f"importing {cases + 1} radiographs of {SIDE} x {SIDE} pixels")
    distance = max(1, cases // 2)
    world: dict[str, Any] = site.shell(
        SET_UP.format(folder=str(films), distance=distance)
    )
    for file in films.iterdir():
        file.unlink()
    return world


def _read(
    chromium: Browser, address: str, world: dict[str, Any], cases: int
) -> dict[str, list[float]]:
    """Milliseconds of each kind."""
    sessions, start = world["sessions"], address + world["next"]
    times: dict[str, list[float]] = {"first": [], "in the page": [], "reloaded": []}
    for visit in range(FIRST_VISITS + 1):
        page = _page(chromium, address, sessions[0])
        milliseconds = _first(page, start)
        page.context.close()
        # The very first visit also wakes the site.
        if visit:
            times["first"].append(milliseconds)
    rosa, ravi = (_page(chromium, address, session) for session in sessions)
    ravi.route("**/following/", lambda route: route.abort())
    for page in (rosa, ravi):
        _first(page, start)
    for number in range(cases):
        _tell(f"case {number + 1} of {cases}")
        times["in the page"].append(_next(rosa))
        times["reloaded"].append(_next(ravi))
    for page in (rosa, ravi):
        page.context.close()
    return times


def _page(chromium: Browser, address: str, session: str) -> Page:
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    cookie = {"name": "sessionid", "value": session, "url": address}
    context.add_cookies([cookie])  # type: ignore[list-item]
    context.add_init_script(LISTEN)
    return context.new_page()


def _first(page: Page, address: str) -> float:
    """From navigation to the first full image, in a browser that knows no script."""
    page.goto(address, wait_until="commit")
    return float(_painted(page, after=0)["since"])


def _next(page: Page) -> float:
    """From the Enter that submits to the next radiograph, whole and painted."""
    time.sleep(LOOK_SECONDS)
    before = _seen(page)
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    pressed = float(_ask(page, PRESSED))
    painted = float(_painted(page, after=pressed)["at"])
    if _seen(page) == before:
        sys.exit("The page says that it has painted, but shows the radiograph before.")
    return painted - pressed


def _seen(page: Page) -> bytes:
    """The radiograph as it stands on the screen."""
    return page.locator("#viewer canvas.viewer-canvas").first.screenshot()


def _painted(page: Page, *, after: float) -> dict[str, float]:
    """The first mark after this moment; a page's policy forbids other ways to wait."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        marks: list[dict[str, float]] = _ask(page, PAINTED)
        for mark in marks:
            if mark["at"] > after:
                return mark
        time.sleep(0.02)
    sys.exit(f"No radiograph was painted within {PATIENCE_SECONDS} s at {page.url}.")


def _ask(page: Page, expression: str) -> Any:
    """Ask the page; again, where it was just giving way to the next one."""
    try:
        return page.evaluate(expression)
    except Error:
        page.wait_for_load_state("domcontentloaded")
        return page.evaluate(expression)


def _report(
    about: dict[str, Any], times: dict[str, list[float]], arguments: argparse.Namespace
) -> None:
    figures = {
        name: {
            "median_ms": float(np.median(values)),
            "p95_ms": float(np.percentile(values, 95)),
            "samples_ms": values,
        }
        for name, values in times.items()
    }
    inside, whole = figures["in the page"], figures["reloaded"]
    ratios = {name: inside[name] / whole[name] for name in ("median_ms", "p95_ms")}  # type: ignore[operator]
    _say(
        f"{about['processor']}, {about['cores']} cores, Chromium {about['chromium']}, "
        f"{about['measured_at']}, load {about['load_before']:.1f} before and "
        f"{about['load_after']:.1f} after; {arguments.cases} cases a way."
    )
    _say(f"{'':42s}{'median, ms':>12s}{'p95, ms':>12s}")
    for name, words in (
        ("first", "navigation to the first full image"),
        ("in the page", "Enter to the next, within the page"),
        ("reloaded", "Enter to the next, by a whole page"),
    ):
        figure = figures[name]
        _say(f"{words:42s}{figure['median_ms']:12.0f}{figure['p95_ms']:12.0f}")
    line = "within the page / by a whole page"
    _say(f"{line:42s}{ratios['median_ms']:12.3f}{ratios['p95_ms']:12.3f}")
    if arguments.json:
        document = {"machine": about, "figures": figures, "ratios": ratios}
        arguments.json.write_text(json.dumps(document, indent=1) + "\n")


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
