"""The worker dies by SIGKILL in the middle of its work, on both brokers; in the end
every report is there exactly once. Everything here runs for real: site commands,
worker, broker, database and the demonstration model."""

import time
from typing import Any

import pytest

from tests.installation import KINDS, Site, installation, kill

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


def counts_of(site: Site) -> dict[str, Any]:
    return site.shell(COUNTS)


def wait_until_some_are_done(site: Site) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        done = counts_of(site)["jobs"].get("done", 0)
        if done:
            assert done < REPORTS, "the worker was done before it could be killed"
            return
    pytest.fail("the worker wrote nothing within 90 seconds")


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
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
        after_the_kill = counts_of(site)
        assert after_the_kill["reports"] < REPORTS
        with site.worker():
            site.run("manage.py", "precompute", "--source", "cxr_llava", "--wait")
        counts = counts_of(site)
        assert counts["jobs"] == {"done": REPORTS}
        assert counts["reports"] == counts["cases"] == REPORTS
