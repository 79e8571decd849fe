"""The worker dies by SIGKILL in the middle of its work, on both brokers; in the end
every report is there exactly once. Everything here runs for real: site commands,
worker, broker, database and the demonstration model."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import PostgreSQL, Redis

ROOT = Path(__file__).resolve().parents[2]
REPORTS = 16
COUNTS = """
import json
from readerstudy.reports.models import Job, Report
from collections import Counter
print(json.dumps({
    "jobs": Counter(Job.objects.values_list("status", flat=True)),
    "attempts": sum(Job.objects.values_list("attempts", flat=True)),
    "reports": Report.objects.count(),
    "cases": Report.objects.values("case").distinct().count(),
}))
"""


class Site:
    """One installation under test: its environment and its commands."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = os.environ | environment

    def run(self, *command: str) -> str:
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def counts(self) -> dict[str, object]:
        said = self.run("manage.py", "shell", "--no-imports", "-c", COUNTS)
        return json.loads(said.splitlines()[-1])

    @contextlib.contextmanager
    def worker(self) -> Iterator["subprocess.Popen[bytes]"]:
        """A worker in a process group of its own, which never outlives the test."""
        log = Path(self.environment["DATA_DIR"]) / "worker.log"
        with log.open("ab") as output:
            worker = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "celery",
                    "-A",
                    "readerstudy",
                    "worker",
                    "--pool",
                    "solo",
                    "--loglevel",
                    "WARNING",
                ],
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            yield worker
        finally:
            kill(worker)


def kill(worker: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


@contextlib.contextmanager
def installation(kind: str, folder: Path) -> Iterator[Site]:
    environment = {
        "DATA_DIR": str(folder),
        "SECRET_KEY": "only-for-this-test",
        "JOB_LEASE_SECONDS": "3",
        "DJANGO_SETTINGS_MODULE": "readerstudy.settings",
    }
    if kind == "embedded":
        environment |= {
            "DATABASE_URL": f"sqlite:///{folder}/readerstudy.sqlite3",
            "BROKER_URL": "filesystem://",
        }
        yield Site(environment)
        return
    with PostgreSQL() as database, Redis() as broker:
        environment |= {"DATABASE_URL": database.url, "BROKER_URL": broker.url}
        yield Site(environment)


def wait_until_some_are_done(site: Site) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        done = site.counts()["jobs"].get("done", 0)
        if done:
            assert done < REPORTS, "the worker was done before it could be killed"
            return
    pytest.fail("the worker wrote nothing within 90 seconds")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["embedded", "postgresql and redis"])
def test_a_killed_worker_loses_and_doubles_no_report(kind, tmp_path):
    with installation(kind, tmp_path) as site:
        site.run("manage.py", "migrate", "-v", "0")
        phantoms = tmp_path / "phantoms"
        site.run(
            "-m",
            "inference.phantom",
            "--count",
            str(REPORTS),
            "--seed",
            "7",
            "--size",
            "256",
            "--out",
            str(phantoms),
        )
        site.run("manage.py", "import_dicom", str(phantoms), "--collection", "crash")
        site.run("manage.py", "precompute", "--source", "cxr_llava")
        with site.worker() as worker:
            wait_until_some_are_done(site)
            kill(worker)
        after_the_kill = site.counts()
        assert after_the_kill["reports"] < REPORTS
        with site.worker():
            site.run("manage.py", "precompute", "--source", "cxr_llava", "--wait")
        counts = site.counts()
        assert counts["jobs"] == {"done": REPORTS}
        assert counts["reports"] == counts["cases"] == REPORTS
