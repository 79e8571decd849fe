"""Every figure of speed in one table: python -m benchmarks

    make bench                          all of them, about an hour
    make bench ONLY="labeler scoring"   these; the others stay as they were measured

The rows are kept in docs/reference/benchmarks.json, each with its machine, versions and
date, and docs/reference/benchmarks.md is written from all of them. Ends with 1 where a
measurement failed; its earlier rows stay.
"""

import argparse
import json
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.measurements import MEASUREMENTS, Measurement
from benchmarks.viewers.machine import machine

REFERENCE = Path(__file__).resolve().parents[1] / "docs" / "reference"
KEPT, PAGE = REFERENCE / "benchmarks.json", REFERENCE / "benchmarks.md"
PACKAGES = ("Django", "numpy", "torch", "transformers", "pydicom", "playwright")
HEAD = """\
# Benchmarks

Every figure of speed that this project gives, beside the peers that run here. `make
bench` measures all of it and writes this page; `make bench ONLY="labeler scoring"`
measures some of it anew. A figure and its peer's are of one run on one machine and
compare; figures of different days may not, for other work on a machine slows it. Where
the unit names the processor, its seconds are counted and not those of the clock. What
is measured and why: [the viewer](../explanation/viewer.md), [the
load](../explanation/load.md), [the worker](../explanation/worker.md), [hostile
files](../explanation/hostile-files.md), [the labeler](labeler.md), [scores of
findings](finding-scores.md), [de-identification](deidentification.md).

| | What | Unit | Ours | Peer | Theirs | Ours / theirs | Run |
|---|---|---|---|---|---|---|---|
"""


def main(words: Sequence[str] | None = None) -> int:
    """Measure what is asked for, keep the rows and write the page."""
    arguments = _arguments(words)
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    failed = []
    for name in arguments.only or MEASUREMENTS:
        each = MEASUREMENTS[name]
        _tell(f"{name}: about {each.minutes} minutes on two cores")
        try:
            kept[name] = measured(each, arguments.peers)
        except (OSError, ValueError, KeyError) as problem:
            failed.append(name)
            _tell(f"{name} failed: {problem}")
        KEPT.write_text(json.dumps(kept, indent=1) + "\n")
        PAGE.write_text(page(kept))
    _tell(f"failed: {', '.join(failed)}" if failed else f"{PAGE} is written")
    return int(bool(failed))


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("only", nargs="*", metavar="NAME", help=", ".join(MEASUREMENTS))
    peers = Path(".data/.peers")
    parser.add_argument("--peers", type=Path, default=peers, help="for Label Studio")
    arguments = parser.parse_args(words)
    if unknown := set(arguments.only) - set(MEASUREMENTS):
        parser.error(f"Nothing is called {', '.join(sorted(unknown))}.")
    return arguments


def measured(measurement: Measurement, peers: Path) -> dict[str, Any]:
    """The rows of a measurement, and on what they were measured."""
    about = machine("")
    with tempfile.TemporaryDirectory(prefix="readerstudy-bench-") as folder:
        file = Path(folder) / "figures.json"
        words = [
            word.format(json=file, peers=peers.resolve())
            for word in measurement.command
        ]
        # Some end with 1 where they were slower than they promise: a figure as well.
        done = subprocess.run(
            [sys.executable, *words], stdout=subprocess.PIPE, text=True, check=False
        )
        rows = [asdict(row) for row in measurement.rows(done.stdout, file)]
    return {
        "date": about["measured_at"][:10],
        "machine": f"{about['processor']}, {about['cores']} cores, "
        f"{about['memory_gb']} GB",
        "load": round(about["load_before"], 1),
        "versions": {"Python": platform.python_version()}
        | {name: version(name) for name in PACKAGES},
        "command": " ".join(["python", *measurement.command]),
        "rows": rows,
    }


def page(kept: dict[str, Any]) -> str:
    """The page, of all rows that were ever kept."""
    there = {name: kept[name] for name in MEASUREMENTS if name in kept}
    lines = [
        _line(name, number, row)
        for number, (name, run) in enumerate(there.items(), 1)
        for row in run["rows"]
    ]
    missing = [name for name in MEASUREMENTS if name not in kept]
    ends = [f"Not measured yet: {', '.join(missing)}."] if missing else []
    return HEAD + "\n".join([*lines, "", "## Runs", "", *_runs(there), *ends]) + "\n"


def _line(name: str, number: int, row: dict[str, Any]) -> str:
    theirs, ratio = row["theirs"], ""
    if theirs:
        ratio = _plain(row["ours"] / theirs)
    cells = [name, row["what"], row["unit"], _plain(row["ours"]), row["peer"]]
    cells += ["" if theirs is None else _plain(theirs), ratio, str(number)]
    return f"| {' | '.join(cells)} |"


def _plain(value: float) -> str:
    """Three figures that count, without an exponent."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _runs(there: dict[str, Any]) -> Iterator[str]:
    for number, run in enumerate(there.values(), 1):
        versions = ", ".join(f"{name} {its}" for name, its in run["versions"].items())
        command = run["command"].replace("{json}", "FILE").replace("{peers}", "FOLDER")
        yield (
            f"{number}. {run['date']}, {run['machine']}, load {run['load']} before: "
            f"`{command}`. {versions}."
        )
    yield ""


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
