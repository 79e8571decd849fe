"""The drill in its short form: each kind of fault comes once, and nothing is lost.

The order differs from run to run; the seed is printed. `make drill` is the long form.
How fast all is well again is measured there: here other tests run beside it.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FAULTS = {
    "kill -9 web",
    "kill -9 a web worker",
    "kill -9 worker",
    "kill -9 postgresql",
    "kill -9 a backend",
    "kill -9 redis",
    "kill -9 all",
    "readers' lines cut",
    "database lines cut",
    "broker lines cut",
    "disk full",
}


@pytest.mark.slow(seconds=60)
@pytest.mark.timeout(900)
def test_nothing_is_lost_whatever_is_killed(tmp_path: Path) -> None:
    told = tmp_path / "drill.json"
    options = ["--readers", "8", "--seconds", "25", "--pace", "1.5", "--lease", "3"]
    # A process under a wrong clock does not get far while its lines are counted.
    uncounted = {
        name: word
        for name, word in os.environ.items()
        if not name.startswith("COVERAGE_")
    }
    done = subprocess.run(
        [sys.executable, "-m", "drills.faults", *options, "--json", str(told)],
        cwd=ROOT,
        env=uncounted,
        capture_output=True,
        text=True,
        check=False,
    )
    sys.stdout.write(done.stdout)
    assert told.exists(), done.stdout + done.stderr[-3000:]
    found = json.loads(told.read_text())
    broken = {
        each["rule"]: each["problems"]
        for each in found["promises"]
        if each["problems"] and not each["is_timed"]
    }
    assert broken == {}
    assert {event["what"] for event in found["figures"]["events"]} >= FAULTS
    assert found["figures"]["grades_acknowledged"] > 0
    assert found["figures"]["reports_written"] > 0
