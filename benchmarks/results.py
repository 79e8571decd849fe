"""A result set of up to a million reads: time, memory, and the time of every block.

    .venv/bin/python -m benchmarks.results --json results.json

Ten readers grade two, four or more arms of up to 25,000 cases, with seconds, position,
period and stratum, drawn from the latent model. Every size is computed in a process of
its own, from the bytes of the CSV to the JSON, so that its peak memory is its own. The
time is also shown without the exact tests, whose cost follows the counts and not the
rows. Ends with 1 beyond `--seconds` or `--megabytes` at the largest size.
"""

import argparse
import functools
import importlib
import io
import json
import os
import pkgutil
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from readerstudy.analysis import statistics
from readerstudy.analysis.statistics.planning.latent import Latent, draw

READERS, ARMS = 10, 4
SIZES = (125_000, 250_000, 500_000, 1_000_000)
# The tests whose null distribution is summed up.
EXACT = ("exact_swap_p", "mcnemar")
_SHOWN = 0.05


def reads_csv(rows: int) -> bytes:
    """Tidy reads of ten readers and four arms as CSV."""
    random = np.random.default_rng(7)
    cases = rows // (READERS * ARMS)
    latent = Latent((0.73, 0.78, 0.8, 0.84))
    success = draw(latent, random, replicates=1, cases=cases, readers=READERS)[0]
    case, reader, arm = (each.ravel() for each in np.indices(success.shape))
    # Reports are read in an order of every reader's own, 100 a session.
    position = np.empty(len(case), dtype=np.int64)
    for number in range(READERS):
        own = reader == number
        position[own] = 1 + random.permutation(int(own.sum()))
    better = random.random(len(case)) < 0.6
    letters = np.where(
        success.ravel(), np.where(better, "A", "B"), np.where(better, "C", "D")
    )
    table = pd.DataFrame(
        {
            "reader": np.char.add("R", (reader + 1).astype(str)),
            "case": np.char.add("CXR", (case + 1).astype(str)),
            "arm": np.array(["reference", "first", "second", "third"])[arm],
            "grade": letters,
            "stratum": np.where(case % 2 == 0, "normal", "abnormal"),
            "seconds": random.lognormal(3.5, 0.5, len(case)).round(1),
            "position": position,
            "period": 1 + (position - 1) // 100,
        }
    )
    text = io.StringIO()
    table.to_csv(text, index=False)
    return text.getvalue().encode()


class Clock:
    """Times calls between the modules of the statistics, as a tree of their names.

    In seconds of the processor, so that what else the machine does stays out of it.
    """

    def __init__(self) -> None:
        self.seconds: dict[tuple[str, ...], float] = {}
        self._open: list[str] = []

    def watch(self, package: ModuleType) -> None:
        """Time every function that one module of a package takes from another."""
        names = [
            found.name
            for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
            if ".planning" not in found.name
        ]
        for module in map(importlib.import_module, names):
            for name, value in list(vars(module).items()):
                source = getattr(value, "__module__", "") or ""
                if (
                    callable(value)
                    and not isinstance(value, type)
                    and source.startswith(package.__name__)
                    and source != module.__name__
                ):
                    setattr(module, name, self.timed(name, value))

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def call(*given: Any, **named: Any) -> Any:
            self._open.append(name)
            start = time.process_time()
            try:
                return function(*given, **named)
            finally:
                key = tuple(self._open)
                spent = time.process_time() - start
                self.seconds[key] = self.seconds.get(key, 0.0) + spent
                self._open.pop()

        return call


def measured(path: Path) -> dict[str, Any]:
    """Compute one result set of a CSV; runs in a process of its own."""
    content = path.read_bytes()
    clock = Clock()
    clock.watch(statistics)
    from readerstudy.analysis.statistics.design import Design
    from readerstudy.analysis.statistics.reads_csv import read_csv
    from readerstudy.analysis.statistics.results import result_set

    before = _peak()
    start, worked = time.perf_counter(), time.process_time()
    reads = clock.timed("read_csv", read_csv)(content, name="reads.csv")
    found = result_set(reads, Design(reference="reference", margin=0.1))
    text = clock.timed("as JSON", json.dumps)(found.as_json(), allow_nan=False)
    seconds = time.perf_counter() - start
    worked = time.process_time() - worked
    exact = sum(spent for path, spent in clock.seconds.items() if path[-1] in EXACT)
    return {
        "rows": len(reads),
        "status": found.values["status"],
        "csv_megabytes": len(content) / 1e6,
        "json_megabytes": len(text) / 1e6,
        "seconds": seconds,
        "seconds_without_exact": seconds * (1 - exact / worked),
        "processor_seconds": worked,
        "peak_megabytes": _peak(),
        "peak_megabytes_before": before,
        "blocks": {" > ".join(path): spent for path, spent in clock.seconds.items()},
    }


def _peak() -> float:
    """The most memory that this process has held, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def text_of(runs: list[dict[str, Any]]) -> str:
    """Totals with their growth, then the blocks of every size side by side."""
    lines = [_line("reads", [f"{run['rows']:,}" for run in runs])]
    for name, title in (
        ("seconds", "seconds"),
        ("seconds_without_exact", "  without exact tests"),
        ("processor_seconds", "seconds of the processor"),
        ("peak_megabytes", "peak MB"),
        ("peak_megabytes_before", "  with the CSV alone"),
    ):
        lines.append(_line(title, [f"{run[name]:.2f}" for run in runs]))
    for name in ("seconds", "processor_seconds"):
        values = [run[name] for run in runs]
        grown = [f"x {b / a:.2f}" for a, b in pairwise(values)]
        lines.append(_line(f"growth of {name.replace('_', ' ')}", ["", *grown]))
    lines.append("")
    largest = runs[-1]["blocks"]
    for path in sorted(largest, key=lambda path: _rank(path, largest)):
        if largest[path] < _SHOWN:
            continue
        parts = path.split(" > ")
        title = "  " * (len(parts) - 1) + parts[-1]
        lines.append(
            _line(title, [f"{run['blocks'].get(path, 0.0):.2f}" for run in runs])
        )
    return "\n".join(lines)


def _rank(path: str, blocks: dict[str, float]) -> list[tuple[float, str]]:
    """Slow blocks first, each before its parts."""
    parts = path.split(" > ")
    whole = [" > ".join(parts[: number + 1]) for number in range(len(parts))]
    return [(-blocks[each], each) for each in whole]


def _line(title: str, cells: list[str]) -> str:
    return f"{title:<38}" + "".join(f"{cell:>12}" for cell in cells)


def _alone(rows: int) -> dict[str, Any]:
    with (
        tempfile.TemporaryDirectory() as folder,
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone,
    ):
        path = Path(folder) / "reads.csv"
        path.write_bytes(reads_csv(rows))
        return alone.submit(measured, path).result()


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--megabytes", type=float, default=2000.0)
    parser.add_argument("--json", type=Path, help="write every figure to this file")
    given = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    runs = [_alone(rows) for rows in sorted(given.rows)]
    sys.stdout.write(f"{text_of(runs)}\n")
    if given.json:
        given.json.write_text(json.dumps(runs, indent=1))
    last = runs[-1]
    slow = last["seconds_without_exact"] > given.seconds
    return int(slow or last["peak_megabytes"] > given.megabytes)


if __name__ == "__main__":
    sys.exit(main())
