"""Ends a process group when whoever started it has died; run as a program of its own.

A worker that is killed outright ends nothing itself. This program reads its standard
input, which ends when its starter does.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def watched(group: int) -> Iterator[None]:
    """End this process group should this process die in the meantime."""
    with subprocess.Popen(
        [sys.executable, "-I", __file__, str(group)],
        stdin=subprocess.PIPE,
        env={},
        start_new_session=True,
    ) as watch:
        try:
            yield
        finally:
            watch.kill()


def _main() -> None:
    sys.stdin.buffer.read()
    with suppress(ProcessLookupError):
        os.killpg(int(sys.argv[1]), signal.SIGKILL)


if __name__ == "__main__":
    _main()
