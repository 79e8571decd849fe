"""How many reports a worker stores a second, batch size by batch size, in one run.

    .venv/bin/python -m benchmarks.worker --batch 1 16

Everything is real: site, broker, database, worker and model. The worker first writes a
few reports to load the model and warm up; then time runs from the first claim to the
last stored report. Needs the test set of packages.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from inference.phantom.dicom import write_dicom
from inference.phantom.phantom import draw
from tests.installation import KINDS, Site, installation, wait_until

PATIENCE_SECONDS = 3600.0
SET_UP = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
for name in ("warm", "timed"):
    call_command("import_dicom", {folder!r} + "/" + name, "--collection", name)
print("0")
"""
ANEW = """
from readerstudy.reports.models import Job, Report
Job.objects.all().delete()
from tests.lifted import lifted
with lifted("reports_report"):
    Report.objects.all().delete()
print("0")
"""
ASK = """
from django.core.management import call_command
call_command("precompute", "--source", "cxr_llava", "--collection", {name!r})
print("0")
"""
TIMED = """
from django.db.models import Max, Min
from readerstudy.reports.models import Job
jobs = Job.objects.filter(case__collection__name="timed", status="done")
span = jobs.aggregate(first=Min("started_at"), last=Max("finished_at"))
print((span["last"] - span["first"]).total_seconds())
"""


def main(words: Sequence[str] | None = None) -> int:
    """Print one line for each batch size, the first being what others are held to."""
    arguments = _arguments(words)
    with (
        tempfile.TemporaryDirectory(prefix="readerstudy-bench-") as folder,
        installation(arguments.kind, Path(folder)) as site,
    ):
        site.environment["LOG_LEVEL"] = "WARNING"
        if arguments.checkpoint:
            site.environment["CXR_LLAVA_CHECKPOINT"] = arguments.checkpoint
        _draw(Path(folder) / "films", arguments)
        site.shell(SET_UP.format(folder=f"{folder}/films"))
        _say(f"{arguments.reports} reports, {arguments.kind}")
        _say("batch  seconds  reports/s  against the first")
        first = 0.0
        for batch in arguments.batch:
            seconds = _timed(site, batch)
            rate = arguments.reports / seconds
            first = first or rate
            _say(f"{batch:5d}  {seconds:7.1f}  {rate:9.2f}  {rate / first:17.1f}")
    return 0


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.worker")
    parser.add_argument("--batch", type=int, nargs="+", default=[1, 16])
    parser.add_argument("--reports", type=int, default=64, help="how many are timed")
    parser.add_argument("--size", type=int, default=512, help="pixels of a phantom")
    parser.add_argument("--checkpoint", help="folder or hub id; else the bundled one")
    parser.add_argument("--kind", choices=KINDS, default=KINDS[0])
    arguments = parser.parse_args(words)
    if min(arguments.batch) < 1 or arguments.reports < 1:
        parser.error("Batches and reports are whole numbers from 1.")
    return arguments


def _draw(folder: Path, arguments: argparse.Namespace) -> None:
    counts = {"warm": max(arguments.batch), "timed": arguments.reports}
    for start, (name, count) in enumerate(counts.items()):
        (folder / name).mkdir(parents=True)
        for seed in range(start * 10_000, start * 10_000 + count):
            with (folder / name / f"{seed}.dcm").open("wb") as file:
                write_dicom(draw(seed, size=arguments.size), file)


def _timed(site: Site, batch: int) -> float:
    """Seconds for the timed reports with batches of this size."""
    site.environment["CXR_LLAVA_BATCH"] = str(batch)
    site.shell(ANEW)
    with site.worker():
        for name in ("warm", "timed"):
            site.shell(ASK.format(name=name))
            wait_until(lambda: _is_done(site), "every report", PATIENCE_SECONDS)
    return float(site.shell(TIMED))


def _is_done(site: Site) -> bool:
    states = {state for (state,) in site.rows("SELECT status FROM reports_job")}
    if "failed" in states:
        ((reason,),) = site.rows("SELECT max(failure) FROM reports_job")
        sys.exit(f"A report could not be written: {reason}")
    return states == {"done"}


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
