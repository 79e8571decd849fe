"""Finding processes in /proc, and ending them without a word. Linux only."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from drills.supervised import NAME

PROC = Path("/proc")


def children(pid: int) -> list[int]:
    """The processes that a process has started and that have not ended."""
    found: list[int] = []
    for listing in PROC.glob(f"{pid}/task/*/children"):
        with suppress(OSError):
            found += [int(child) for child in listing.read_text().split()]
    return found


def supervised(supervisor: int) -> dict[str, int]:
    """The running processes of a supervisor by their names in its plan."""
    found = {}
    for pid in children(supervisor):
        name = _environment(pid).get(NAME)
        # Before it becomes its command it is the supervisor's own script.
        if name and "supervisor.py" not in words(pid):
            found[name] = pid
    return found


def words(pid: int) -> str:
    """A process's command line; empty where it has ended."""
    with suppress(OSError):
        return (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""


def _environment(pid: int) -> dict[str, str]:
    pairs: Iterator[list[str]] = iter(())
    with suppress(OSError):
        text = (PROC / str(pid) / "environ").read_bytes().decode(errors="replace")
        pairs = (each.split("=", 1) for each in text.split("\0") if "=" in each)
    return dict(pairs)


def kill(pid: int) -> None:
    """SIGKILL to one process."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def kill_with_children(pid: int) -> None:
    """SIGKILL to a process and to whatever it has started."""
    doomed = [pid, *children(pid)]
    for each in doomed:
        kill(each)
