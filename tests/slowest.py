"""Names the files that take longest, so that a slow one shows on the day it comes.

Set-up, call and tear-down of each file's tests are added up as the clock showed them,
over all test processes; it stands before pytest's closing line. How to go on from
there: docs/how-to/keep-the-tests-quick.md.
"""

from collections import Counter

import pytest

NAMED = 10
# Shorter runs are those of somebody who looks at one file.
LEAST_SECONDS = 60
_seconds: Counter[str] = Counter()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    _seconds[report.nodeid.split("::")[0]] += report.duration


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    whole = sum(_seconds.values())
    if whole < LEAST_SECONDS:
        return
    slowest = ", ".join(
        f"{file.removeprefix('tests/')} {seconds:.0f}"
        for file, seconds in _seconds.most_common(NAMED)
    )
    terminalreporter.write_line(
        f"The slowest files, in seconds of {whole:.0f}: {slowest}."
    )
