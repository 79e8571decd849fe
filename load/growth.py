"""What a read costs when a thousand, a hundred thousand, a million are stored.

    make load-growth

Eight readers read on in lists of three thousand reports, each time among more readers
who have read all of theirs. Beside the processor time, which the rest of the machine
disturbs, stands what PostgreSQL itself counts: rows and pages looked at.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from load import figures
from load.crowd import crowd
from load.modes import MAKE, readers_of
from load.reader import Pace
from load.site import answering, stored
from tests.installation import Site

CASES = 1_500
READERS = 8
# So many reads are stored at first: those that the eight have read by then.
FIRST = 1_000
GROW = "import json; from load.growth_world import {0}; print(json.dumps({0}({1})))"
COUNTED = """
SELECT xact_commit, tup_fetched, blks_hit + blks_read FROM pg_stat_database
WHERE datname = current_database()
"""
NAMES = ("transactions", "rows_fetched", "pages_touched")


def main(words: Sequence[str] | None = None) -> int:
    """Print what a read costs at each size."""
    arguments = _arguments(words)
    found: dict[str, Any] = {"about": figures.about(), "sizes": []}
    with (
        tempfile.TemporaryDirectory(prefix="readerstudy-growth-") as name,
        stored(Path(name)) as (site, database, broker),
    ):
        code = MAKE.format(readers=READERS, cases=arguments.cases, side=256)
        begin = min(FIRST // READERS, arguments.cases)
        world = site.shell(code)
        there = int(site.shell(GROW.format("begin", f"{begin}")))
        length = 2 * arguments.cases
        for size in arguments.sizes:
            if more := round((size - there) / length):
                there += int(site.shell(GROW.format("grow", more)))
            with answering(site, database, broker) as running:
                readers = readers_of(world, running.port, Pace())
                outcome, counted = _read(site, running, readers, arguments.seconds)
            there += outcome.grades
            row = {"stored": there} | _row(outcome, counted)
            found["sizes"].append(row)
            _say(json.dumps(row))
            if row["finished"]:
                sys.exit("The lists are read to their end: ask for more --cases.")
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1) + "\n")
    return int(any(row["gave_up"] for row in found["sizes"]))


def _read(
    site: Site, running: Any, readers: Any, seconds: float
) -> tuple[Any, dict[str, float]]:
    before = _counted(site)
    times = {"warm_up": 2.0, "seconds": seconds}
    outcome = asyncio.run(crowd(running, readers, **times))
    after = _counted(site)
    reads = sum(reader.grades for reader in readers)
    return outcome, {
        name: (after[name] - before[name]) / max(1, reads) for name in NAMES
    }


def _counted(site: Site) -> dict[str, int]:
    # The statistics of a connection that stays open are written after a while.
    site.rows("SELECT pg_sleep(1.5)")
    [row] = site.rows(COUNTED)
    return dict(zip(NAMES, row, strict=True))


def _row(outcome: Any, counted: dict[str, float]) -> dict[str, Any]:
    said = figures.figures(outcome)
    kept = ("grades", "grades_per_second", "gave_up", "finished", "load_after")
    return {
        **{name: said[name] for name in kept},
        "processor_ms_per_grade": said["processor_ms_per_grade"],
        **{f"{name}_per_read": round(count, 1) for name, count in counted.items()},
        "p95_ms_of_grade": said["milliseconds"].get("grade", {}).get("p95"),
    }


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m load.growth")
    sizes = [FIRST, 100_000, 1_000_000]
    parser.add_argument("sizes", type=int, nargs="*", default=sizes)
    parser.add_argument("--cases", type=int, default=CASES, help="each read twice")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    return parser.parse_args(words)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
