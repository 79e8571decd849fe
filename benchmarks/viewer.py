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
from typing import Any

from playwright.sync_api import Error, Playwright, sync_playwright

from benchmarks.viewers.films import cases, films
from benchmarks.viewers.machine import machine
from benchmarks.viewers.measuring import MODES, SOFTWARE_GL, NotMeasured, browser
from benchmarks.viewers.others import VERSIONS, NotToBeHad, build, weight
from benchmarks.viewers.serving import OURS, OURS_GL, STATIC, Served, serving
from benchmarks.viewers.sums import NAMES, Results, of_times
from benchmarks.viewers.visits import session, visit

DIFFERENT_CASES = 4


def main(words: Sequence[str] | None = None) -> int:
    """Print the table, and write the JSON where it is asked for."""
    arguments = _arguments(words)
    results = Results()
    results.weights[OURS] = weight((STATIC / "viewer").glob("*.js"))
    served = Served(films() | cases(DIFFERENT_CASES))
    others = _others(arguments, served, results)
    with serving(served), sync_playwright() as playwright:
        with browser(playwright, SOFTWARE_GL) as chromium:
            about = machine(chromium.version)
        for number in range(arguments.runs):
            _tell(f"run {number + 1} of {arguments.runs}")
            for mode in MODES:
                forced = [OURS_GL] if mode == SOFTWARE_GL else []
                for viewer in (OURS, *others, *forced):
                    _measure(playwright, served, results, mode, viewer, arguments)
    about["load_after"] = os.getloadavg()[0]
    _report(results, about, arguments)
    return 0 if OURS in results.samples.get(SOFTWARE_GL, {}) else 1


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.viewer")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--moves", type=int, default=60, help="of the mouse in a drag")
    parser.add_argument("--presses", type=int, default=10, help="of Enter, in each run")
    parser.add_argument(
        "--scratch",
        type=Path,
        default=Path(tempfile.gettempdir()) / "readerstudy-other-viewers",
        help="where npm puts the other viewers; kept for the next time",
    )
    parser.add_argument("--alone", action="store_true", help="only our viewer")
    parser.add_argument("--json", type=Path, help="also write the results to this file")
    arguments = parser.parse_args(words)
    if min(arguments.runs, arguments.moves, arguments.presses) < 1:
        parser.error("Runs, moves and presses are whole numbers from 1.")
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
    results.weights |= built.weights
    return list(VERSIONS)


def _measure(
    playwright: Playwright,
    served: Served,
    results: Results,
    mode: str,
    viewer: str,
    arguments: argparse.Namespace,
) -> None:
    """One viewer once; one that fails is named, and the others go on."""
    try:
        figures, engine = visit(playwright, served, mode, viewer, arguments.moves)
        if viewer == OURS:
            names = [name for name in served.films if name.startswith("case")]
            times = session(playwright, served, mode, names, arguments.presses)
            figures |= of_times("next", times)
    except (NotMeasured, Error) as problem:
        results.missing[f"{NAMES[viewer]}, {mode}, in some run"] = str(problem)
        return
    results.engines.setdefault(mode, {})[viewer] = engine
    results.add(mode, viewer, figures)


def _report(
    results: Results, about: dict[str, Any], arguments: argparse.Namespace
) -> None:
    _say(
        f"{about['processor']}, {about['cores']} cores, {about['memory_gb']} GB, "
        f"Chromium {about['chromium']}, {about['measured_at']}."
    )
    _say(
        f"Load {about['load_before']:.1f} before, {about['load_after']:.1f} after. "
        f"Medians of {arguments.runs} runs (lowest-highest); / is ours by theirs."
    )
    for line in results.lines():
        _say(line)
    for viewer, scripts in results.weights.items():
        _say(
            f"Scripts of {NAMES[viewer]}: {scripts.plain / 1000:.0f} kB, "
            f"{scripts.packed / 1000:.0f} kB as gzip."
        )
    for what, why in results.missing.items():
        _say(f"Not measured: {what}. {why}")
    if arguments.json:
        chosen = ("runs", "moves", "presses")
        settings = {name: getattr(arguments, name) for name in chosen}
        document = {"machine": about, "versions": NAMES, "settings": settings}
        text = json.dumps(document | results.as_json(), indent=1)
        arguments.json.write_text(text + "\n")


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
