"""What fuzzing found, and what it begins with, is read or refused ever after."""

import subprocess
import sys
from pathlib import Path

import pytest

from fuzz import seeds
from fuzz.targets import SHARES, attempt

FUZZ = Path(seeds.__file__).parent
KEPT = sorted(path for path in FUZZ.glob("*/*/*") if path.parts[-3] != "parsers")


@pytest.mark.parametrize("name", SHARES)
def test_every_input_that_is_kept_is_read_or_refused(name):
    kept = [path for path in KEPT if path.parent.name == name]
    assert len(kept) > 1
    for path in kept:
        attempt(name, path.read_bytes())


def test_all_inputs_together_equally_fill_a_hundred_and_stay_small():
    assert sum(SHARES.values()) == 100
    assert {path.parent.name for path in KEPT} == set(SHARES)
    assert sum(path.stat().st_size for path in KEPT) < 300_000


@pytest.mark.slow(seconds=60)
def test_a_minute_of_fuzzing_finds_nothing():
    """The short form of `make fuzz`: the parsers that no child stands before."""
    words = ["--runs", "3000", "--seed", "1"]
    for name in ("dicom", "tables", "labels", "reads"):
        words += ["--only", name]
    done = subprocess.run(
        [sys.executable, "-m", "fuzz", *words],
        cwd=FUZZ.parent,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    assert done.stdout.rstrip().endswith("0 parsers failed")
    assert done.stdout.count("well") == 4
