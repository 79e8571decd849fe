"""What a radiograph and a read cost: processor time, and bytes that stay.

    .venv/bin/python -m benchmarks.costs --radiographs 8 --readers 100

A real site on PostgreSQL. Drawn radiographs of 3,000 x 3,000 pixels of 16 bits, with
noise like a detector's, come in by the product's own command. Reads are stored as
load/growth.py stores them, with their events; bytes are those of the whole database,
with indexes. What a report costs is measured by benchmarks/worker.py, what a read costs
a running site by `make load`. Needs the test set of packages.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.viewers.films import dicom
from load.modes import MAKE
from load.site import stored
from tests.installation import Site

SIZE = "SELECT pg_database_size(current_database())"
TAKE_IN = """
import json, time
from resource import RUSAGE_CHILDREN, getrusage
from django.core.management import call_command
begun = time.process_time()
call_command("import_dicom", {folder!r}, "--collection", "measured", verbosity=0)
apart = getrusage(RUSAGE_CHILDREN)
print()
print(json.dumps([time.process_time() - begun, apart.ru_utime + apart.ru_stime]))
"""
GROW = "import json; from load.growth_world import {0}; print(json.dumps({0}({1})))"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures as JSON."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--radiographs", type=int, default=8)
    words.add_argument("--readers", type=int, default=100)
    asked = words.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="readerstudy-costs-") as name:
        folder = Path(name)
        films = folder / "films"
        films.mkdir()
        for number in range(asked.radiographs):
            (films / f"{number}.dcm").write_bytes(dicom(number))
        (folder / "site").mkdir()
        with stored(folder / "site") as (site, _, _):
            found = _radiographs(site, films, asked.radiographs)
            found |= _reads(site, asked.readers)
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    return 0


def _radiographs(site: Site, films: Path, count: int) -> dict[str, Any]:
    before = site.rows(SIZE)[0][0]
    here, apart = site.shell(TAKE_IN.format(folder=str(films)))
    media = Path(site.environment["MEDIA_ROOT"])
    size = sum(each.stat().st_size for each in media.rglob("*") if each.is_file())
    arrived = sum(each.stat().st_size for each in films.iterdir())
    return {
        "radiographs": count,
        "processor_ms_a_radiograph": round(1000 * (here + apart) / count),
        "arrived_bytes_a_radiograph": arrived // count,
        "media_bytes_a_radiograph": size // count,
        "database_bytes_a_radiograph": (site.rows(SIZE)[0][0] - before) // count,
    }


def _reads(site: Site, readers: int) -> dict[str, Any]:
    site.shell(MAKE.format(readers=8, cases=60, side=64))
    site.shell(GROW.format("begin", "10"))
    before = site.rows(SIZE)[0][0]
    reads = "SELECT count(*) FROM grading_grade"
    first = site.rows(reads)[0][0]
    site.shell(GROW.format("grow", readers))
    count = site.rows(reads)[0][0] - first
    return {
        "reads": count,
        "database_bytes_a_read": (site.rows(SIZE)[0][0] - before) // count,
    }


if __name__ == "__main__":
    sys.exit(main())
