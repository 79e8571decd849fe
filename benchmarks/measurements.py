"""What is measured for the table of benchmarks: a command each, and its rows.

A command ends with what it prints, or writes JSON where its words have {json}.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Row:
    """One figure, with its unit; of a peer too where one was run beside it."""

    what: str
    unit: str
    ours: float
    peer: str = ""
    theirs: float | None = None


@dataclass(frozen=True)
class Measurement:
    """A command of Python, how its rows are found, and about how long it takes."""

    command: tuple[str, ...]
    rows: Callable[[str, Path], Iterator[Row]]
    minutes: int


def _numbers(pattern: str, said: str) -> list[tuple[float, ...]]:
    """The numbers of every place that fits; ValueError where none does."""
    found = [
        tuple(float(number.replace(",", "")) for number in match.groups())
        for match in re.finditer(pattern, said, re.MULTILINE)
    ]
    if not found:
        raise ValueError(f"nothing like {pattern!r} was said")
    return found


def _read(file: Path) -> Any:
    return json.loads(file.read_text())


def model(said: str, file: Path) -> Iterator[Row]:
    line = r"^ *(\d+) +([\d,]+) +([\d,]+) +([\d.]+) "
    for batch, _, tokens, reports in _numbers(line, said):
        yield Row(f"model alone, batches of {batch:.0f}", "reports/s", reports)
        yield Row(f"model alone, batches of {batch:.0f}", "tokens/s", tokens)


def worker(said: str, file: Path) -> Iterator[Row]:
    for batch, _, reports, _ in _numbers(
        r"^ *(\d+) +([\d.]+) +([\d.]+) +([\d.]+)$", said
    ):
        what = f"worker with site and broker, batches of {batch:.0f}"
        yield Row(what, "reports/s", reports)


def viewer(said: str, file: Path) -> Iterator[Row]:
    from benchmarks.viewers.serving import OURS
    from benchmarks.viewers.sums import FIGURES, NAMES

    for mode, found in _read(file)["modes"].items():
        ours = found["figures"][OURS]
        for figure, words in FIGURES.items():
            if not ours.get(figure):
                continue
            what, _, unit = words.rpartition(", ")
            value = ours[figure]["median"]
            beside = [name for name in found["ratios"] if figure in _of(found, name)]
            for name in beside:
                theirs = _of(found, name)[figure]["median"]
                yield Row(f"{what} ({mode})", unit, value, NAMES[name], theirs)
            if not beside:
                yield Row(f"{what} ({mode})", unit, value)


def _of(found: dict[str, Any], viewer: str) -> dict[str, Any]:
    """A viewer's figures, without those that it has none of."""
    figures = found["figures"][viewer]
    return {name: each for name, each in figures.items() if each}


def reading(said: str, file: Path) -> Iterator[Row]:
    figures = _read(file)["figures"]
    inside, whole = figures["in the page"], figures["reloaded"]
    yield Row(
        "first radiograph of the reading page", "ms", figures["first"]["median_ms"]
    )
    for name, words in (("median_ms", "median"), ("p95_ms", "p95")):
        what = f"Enter to the next case, {words}"
        yield Row(what, "ms", inside[name], "the same by a whole page", whole[name])


def load(said: str, file: Path) -> Iterator[Row]:
    found = _read(file)
    ours, theirs = found["saturation"], found.get("peer")
    beside = (lambda value: ("Label Studio", value(theirs))) if theirs else None

    def row(what: str, unit: str, value: Callable[[Any], float]) -> Row:
        return Row(what, unit, value(ours), *(beside(value) if beside else ()))

    yield row("32 readers", "grades/s", lambda run: run["grades_per_second"])
    yield row("a grade: site and database", "processor ms", _work)
    for what, times in sorted(ours["milliseconds"].items()):
        yield Row(f"32 readers, {what}, p95", "ms", times["p95"])
    unhurried = found["pace"]["milliseconds"]
    for what, times in sorted(unhurried.items()):
        yield Row(f"200 readers at their pace, {what}, p95", "ms", times["p95"])


def _work(run: Any) -> float:
    spent = run["processor_ms_per_grade"]
    return float(spent["web"] + spent["postgresql"])


def importing(said: str, file: Path) -> Iterator[Row]:
    found = _read(file)
    peer = "pydicom and Pillow, to PNG, no more"
    rates = found["per_second"], peer, found["least_per_second"]
    yield Row("import of DICOM, 1024 x 1024", "radiographs/processor s", *rates)


def apart(said: str, file: Path) -> Iterator[Row]:
    ((here,),) = _numbers(r"in the same process ([\d.]+) s", said)
    ((child, parent),) = _numbers(r"in a child ([\d.]+) s .* ([\d.]+) s", said)
    what = "300 pictures read in a process apart"
    yield Row(what, "processor s", child + parent, "Pillow in the same process", here)


def burned_in(said: str, file: Path) -> Iterator[Row]:
    ((seconds,),) = _numbers(r"([\d.]+) s a picture", said)
    yield Row("search for burned-in text", "s/radiograph", seconds)


def statistics(said: str, file: Path) -> Iterator[Row]:
    for run in _read(file):
        what = f"result set of {run['rows']:,} reads"
        yield Row(what, "s", run["seconds"])
        yield Row(f"{what}, without the exact tests", "s", run["seconds_without_exact"])
        yield Row(f"{what}, memory", "MB", run["peak_megabytes"])


def scoring(said: str, file: Path) -> Iterator[Row]:
    line = r"^(\d+) draws(?:, (\d+) permutations)? +([\d.]+) s +processor +([\d.]+) s"
    for match in re.finditer(line, said, re.MULTILINE):
        what = f"3,689 studies, 14 labels, 4 models, {match[1]} draws"
        what += f", {match[2]} permutations" if match[2] else ""
        yield Row(what, "processor s", float(match[4]))


def labeler(said: str, file: Path) -> Iterator[Row]:
    ((speed, strict),) = _numbers(r": (\d+) a second, (\d+) with", said)
    yield Row("labeler", "reports/processor s", speed)
    yield Row("labeler, --strict-chexpert", "reports/processor s", strict)
    for letters, seconds in _numbers(r"^one of (\d+) letters: ([\d.]+) s", said):
        yield Row(f"one report of {letters:,.0f} letters", "processor s", seconds)


def record(said: str, file: Path) -> Iterator[Row]:
    ((events, rate),) = _numbers(r"^(\d+) events .* ([\d.]+) events/s", said)
    yield Row(f"verifying a record of {events:,.0f} events", "events/s", rate)


MEASUREMENTS = {
    "model": Measurement(("-m", "inference", "bench"), model, 3),
    "worker": Measurement(("-m", "benchmarks.worker"), worker, 5),
    "viewer": Measurement(("-m", "benchmarks.viewer", "--json", "{json}"), viewer, 15),
    "reading": Measurement(
        ("-m", "benchmarks.reading", "--json", "{json}"), reading, 6
    ),
    "grades": Measurement(
        ("-m", "load", "--peers", "{peers}", "--json", "{json}"), load, 12
    ),
    "import": Measurement(
        ("-m", "benchmarks.importing", "--json", "{json}"), importing, 2
    ),
    "pictures": Measurement(("-m", "benchmarks.reading_apart"), apart, 1),
    "burned-in": Measurement(("-m", "benchmarks.burned_in"), burned_in, 2),
    "statistics": Measurement(
        ("-m", "benchmarks.results", "--json", "{json}"), statistics, 5
    ),
    "scoring": Measurement(("-m", "benchmarks.finding_scores"), scoring, 1),
    "labeler": Measurement(("-m", "benchmarks.labeler"), labeler, 1),
    "record": Measurement(("-m", "benchmarks.verify_record", "20000"), record, 2),
}
