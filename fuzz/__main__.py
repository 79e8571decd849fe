"""Fuzz all parsers for so many inputs, and print a table of what came of it.

    python -m fuzz --runs 100000
    python -m fuzz --runs 100000 --extra /path/to/files

A crash, a hang of more than 5 s or more than 1 GB of memory ends with status 1; the
input is kept in fuzz/found/NAME, from where the tests try it ever after.
"""

import argparse
import os
import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fuzz.targets import SHARES

HERE = Path(__file__).resolve().parent
# Which files of a folder are seeds of which parser.
_EXTRA = {
    "dicom": ("*.dcm", "dicom_*/*"),
    "codecs": ("*.dcm", "dicom_*/*"),
    "picture": ("image_malformed/*", "*.png", "*.jpg"),
    "xml": ("*.xml",),
    "tables": ("*.csv",),
    "labels": ("*.csv",),
    "report": ("*.txt",),
}
_LONGEST = 65_536
SECONDS = 5
MEMORY_MB = 1024


@dataclass(frozen=True)
class Outcome:
    """What came of fuzzing one parser."""

    name: str
    runs: int
    seconds: float
    memory_mb: int
    coverage: int
    failure: str


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=100_000, help="inputs in all")
    parser.add_argument("--seed", type=int, default=0, help="0 draws one")
    parser.add_argument("--only", choices=SHARES, action="append")
    parser.add_argument("--extra", type=Path, default=_test_data())
    asked = parser.parse_args()
    seed = asked.seed or 1 + secrets.randbelow(2**31 - 1)
    say(f"seed {seed}; at most {SECONDS} s and {MEMORY_MB} MB for an input")
    say(f"{'parser':<10}{'inputs':>9}{'s':>8}{'MB':>7}{'edges':>8}  outcome")
    total, failures = 0, 0
    for name in asked.only or SHARES:
        found = fuzzed(name, asked.runs * SHARES[name] // 100, seed, asked.extra)
        say(
            f"{found.name:<10}{found.runs:>9,}{found.seconds:>8.0f}"
            f"{found.memory_mb:>7,}{found.coverage:>8,}  {found.failure or 'well'}"
        )
        total += found.runs
        failures += bool(found.failure)
    say(f"{total:,} inputs, {failures} parsers failed")
    sys.exit(1 if failures else 0)


def fuzzed(name: str, runs: int, seed: int, extra: Path | None = None) -> Outcome:
    """Fuzz one parser in a process of its own."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="readerstudy-fuzz-") as folder:
        grown = Path(folder) / "grown"
        grown.mkdir()
        for number, path in enumerate(_seeds(name, extra)):
            (grown / f"extra-{number}").write_bytes(path.read_bytes()[:_LONGEST])
        kept = HERE / "found" / name
        done = subprocess.run(
            [
                *(sys.executable, "-m", "fuzz.one", name, str(grown)),
                str(HERE / "corpus" / name),
                *([str(kept)] if kept.is_dir() else []),
                *(f"-runs={runs}", f"-seed={seed}", f"-timeout={SECONDS}"),
                *(f"-rss_limit_mb={MEMORY_MB}", f"-max_len={_LONGEST}"),
                *(f"-artifact_prefix={folder}/", "-print_final_stats=1"),
            ],
            cwd=HERE.parent,
            capture_output=True,
            text=True,
            errors="replace",
            env=os.environ | {"DATA_DIR": folder, "OMP_NUM_THREADS": "1"},
        )
        failure = "" if done.returncode == 0 else _kept(name, Path(folder), done)
    return Outcome(
        name=name,
        runs=_number(r"number_of_executed_units: *(\d+)", done.stderr),
        seconds=time.monotonic() - began,
        memory_mb=_number(r"peak_rss_mb: *(\d+)", done.stderr),
        coverage=_number(r".*cov: (\d+)", done.stderr),
        failure=failure,
    )


def _kept(name: str, folder: Path, done: "subprocess.CompletedProcess[str]") -> str:
    """Keep the input that broke a parser; returns what it did."""
    told = re.findall(
        r"(?m)^ *(?:[\w.]+(?:Error|Exception): .*|==\d+== ERROR.*)", done.stderr
    )
    what = (told or [f"it ended with {done.returncode}"])[0].strip()[:120]
    for artifact in sorted(folder.glob("*-*")):
        if artifact.is_file():
            kept = HERE / "found" / name / artifact.name
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(artifact.read_bytes())
            what += f"; kept in {kept.relative_to(HERE.parent)}"
    sys.stderr.write(done.stderr[-6000:])
    return what


def _seeds(name: str, extra: Path | None) -> Iterator[Path]:
    if extra is None:
        return
    for pattern in _EXTRA.get(name, ()):
        found = sorted(path for path in extra.rglob(pattern) if path.is_file())
        yield from found[:100]


def _test_data() -> Path | None:
    folder = os.environ.get("READERSTUDY_TEST_DATA")
    return Path(folder) if folder else None


def _number(pattern: str, text: str) -> int:
    found = re.findall(pattern, text)
    return int(found[-1]) if found else 0


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
