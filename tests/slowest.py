"""Names the files that take longest, so that a slow one shows on the day it comes.

Set-up, call and tear-down of each file's tests are added up as the clock showed them,
over all test processes; the table stands before pytest's closing line, under the sum
and what it may be (`[tool.readerstudy.tests]` in pyproject.toml). How to go on from
there: docs/how-to/keep-the-tests-quick.md.
"""

import tomllib
from collections import Counter
from pathlib import Path

import pytest

NAMED = 15
# Shorter runs are those of somebody who looks at one file.
LEAST_SECONDS = 60
ROOT = Path(__file__).resolve().parents[1]
_seconds: Counter[str] = Counter()
_tests: Counter[str] = Counter()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    file = report.nodeid.split("::")[0]
    _seconds[file] += report.duration
    _tests[file] += report.when == "call"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    whole = sum(_seconds.values())
    if whole < LEAST_SECONDS:
        return
    for line in table(whole):
        terminalreporter.write_line(line)


def table(whole: float) -> list[str]:
    """The sum, and a line for each of the slowest files."""
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())
    most = wanted["tool"]["readerstudy"]["tests"]["seconds"]
    over = f", {whole - most:.0f} more than wanted" if whole > most else ""
    lines = [
        f"Test processes took {whole:.0f} s together; {most} are wanted of all{over}.",
        "  seconds  tests  a test  file, the slowest first",
    ]
    for file, seconds in _seconds.most_common(NAMED):
        number = _tests[file]
        lines.append(
            f"{seconds:9.1f} {number:6d} {seconds / max(number, 1):7.2f}"
            f"  {file.removeprefix('tests/')}"
        )
    return lines
