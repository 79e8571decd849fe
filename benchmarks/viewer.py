"""Our viewer beside Cornerstone3D and dwv, measured in one run.

    .venv/bin/python -m benchmarks.viewer --runs 5 --json viewer.json

Every run opens every viewer in a Chromium of its own, with software GL and without
WebGL, one after the other, so that what else the machine does falls on all of them.
The other viewers are fetched by npm into a scratch folder; without npm or network our
viewer is measured alone. Times of one run compare; times of two machines do not.
Needs the test set of packages and Chromium.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Error, Playwright, sync_playwright

from benchmarks.viewers.films import Film, films
from benchmarks.viewers.machine import machine
from benchmarks.viewers.measuring import (
    MODES,
    NotMeasured,
    browser,
    drag,
    first_image,
    grey_error,
    heap,
    new_page,
)
from benchmarks.viewers.others import VERSIONS, NotToBeHad, build
from benchmarks.viewers.serving import OURS, Served, serving
from benchmarks.viewers.sums import NAMES, Results, of_frames

# An image that is off by more is no image: the viewer spoke before it had painted.
MOST_OFF = 20


def main(words: Sequence[str] | None = None) -> int:
    """Print the table, and write the JSON where it is asked for."""
    arguments = _arguments(words)
    results = Results()
    served = Served(films())
    viewers = [OURS, *_others(arguments, served, results)]
    with serving(served), sync_playwright() as playwright:
        with browser(playwright, next(iter(MODES))) as chromium:
            about = machine(chromium.version)
        for number in range(arguments.runs):
            _tell(f"run {number + 1} of {arguments.runs}")
            for mode in MODES:
                for viewer in list(viewers):
                    try:
                        _measure(playwright, served, results, mode, viewer, arguments)
                    except (NotMeasured, Error) as problem:
                        results.missing[f"{NAMES[viewer]}, {mode}"] = str(problem)
    about["load_after"] = [round(load, 2) for load in os.getloadavg()]
    _say(
        f"{about['processor']}, {about['cores']} cores, Chromium {about['chromium']}, "
        f"{about['measured_at']}, load {about['load_before'][0]} before and "
        f"{about['load_after'][0]} after; medians of {arguments.runs} runs "
        "(lowest-highest)"
    )
    for line in results.lines():
        _say(line)
    for what, why in results.missing.items():
        _say(f"Not measured: {what}. {why}")
    if arguments.json:
        settings = {"runs": arguments.runs, "moves": arguments.moves}
        document = {"machine": about, "versions": NAMES, "settings": settings}
        text = json.dumps(document | results.as_json(), indent=1)
        arguments.json.write_text(text + "\n")
    return 0 if OURS in results.samples.get(next(iter(MODES)), {}) else 1


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.viewer")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--moves", type=int, default=60, help="of the mouse in a drag")
    parser.add_argument(
        "--scratch",
        type=Path,
        default=Path(tempfile.gettempdir()) / "readerstudy-other-viewers",
        help="where npm puts the other viewers; kept for the next time",
    )
    parser.add_argument("--alone", action="store_true", help="only our viewer")
    parser.add_argument("--json", type=Path, help="also write the results to this file")
    arguments = parser.parse_args(words)
    if arguments.runs < 1 or arguments.moves < 1:
        parser.error("Runs and moves are whole numbers from 1.")
    return arguments


def _others(
    arguments: argparse.Namespace, served: Served, results: Results
) -> list[str]:
    """Fetch the other viewers, or note why they are left out."""
    if arguments.alone:
        return []
    _tell(f"fetching the other viewers into {arguments.scratch}")
    try:
        built = build(arguments.scratch.resolve())
    except NotToBeHad as problem:
        results.missing["Cornerstone3D and dwv"] = str(problem)
        return []
    served.built = built.folder
    return list(VERSIONS)


def _measure(
    playwright: Playwright,
    served: Served,
    results: Results,
    mode: str,
    viewer: str,
    arguments: argparse.Namespace,
) -> None:
    """One viewer in one browser: cold, dragged, weighed, and warm."""
    with browser(playwright, mode) as chromium:
        page = new_page(chromium)

        def opened(film: Film) -> tuple[float, float]:
            address = f"{served.address}/view/{viewer}?film={film.name}"
            milliseconds = first_image(page, address)
            error, _ = grey_error(page, film.greys)
            return milliseconds, error

        figures: dict[str, float] = {}
        raw, mono, table = served.films.values()
        figures["first_cold_ms"], figures["error_raw16"] = opened(raw)
        if figures["error_raw16"] > MOST_OFF:
            raise NotMeasured("It said that the image was shown before it was.")
        engine: str = page.evaluate("window.bench.engine")
        results.engines.setdefault(mode, {})[viewer] = engine
        figures |= of_frames("frame", drag(page, arguments.moves))
        weight = heap(page)
        figures |= {"objects_mb": weight.objects, "buffers_mb": weight.buffers}
        figures["first_warm_ms"], figures["error_mono1"] = opened(mono)
        _, figures["error_voilut"] = opened(table)
    results.add(mode, viewer, figures)


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
