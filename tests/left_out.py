"""Counts what a marker expression leaves out, so that no test is missed in silence.

Under xdist only the workers know; they hand their counts to the controller, each the
same ones. The counts stand before pytest's closing line and in it. So does what was
skipped, with its reason, and what ran a second time on the embedded default.
"""

from collections import Counter
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

MARKERS = ("browser", "gpu", "pacs", "r")
_counts: Counter[str] = Counter()


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    for item in items:
        marked = [name for name in MARKERS if item.get_closest_marker(name)]
        _counts[marked[0] if marked else "other"] += 1


def pytest_sessionfinish(session: pytest.Session) -> None:
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["left_out"] = dict(_counts)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    counted = getattr(node, "workeroutput", {}).get("left_out", {})
    # Every worker collects everything and leaves out the same tests.
    _counts.update(Counter(counted) - _counts)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        terminalreporter.write_line(f"Skipped: {report.nodeid}: {reason}")
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            terminalreporter.write_line(f"Tests that ran {name}: {value}.")
    if not _counts:
        return
    named = ", ".join(f"{count} {name}" for name, count in sorted(_counts.items()))
    terminalreporter.write_line(f"Left out by marker or name: {named}.")
    # Under xdist the closing line would not count them.
    terminalreporter.stats.setdefault(
        "deselected", [SimpleNamespace() for _ in range(_counts.total())]
    )
