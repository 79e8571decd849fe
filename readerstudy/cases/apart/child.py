"""The process that reads: it is limited, holds no secret of the site, and may die.

Started by children.py as `python -m readerstudy.cases.apart.child`.
"""

import contextlib
import importlib
import os
import resource
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from typing import Any

from readerstudy.cases.apart import line as lines
from readerstudy.cases.radiograph import Refused

# A child that nobody asks gives its memory back.
IDLE_SECONDS = 60.0
# The clock on the wall stands for a machine that is busy with other work.
WALL = 4
# What the smallest of usual radiographs takes while it is read.
LEAST_BYTES = 32 * 1024**2
READERS = "readerstudy.cases.apart.radiographs"
Job = Callable[[bytearray, dict[str, Any]], tuple[Any, list[lines.Bytes]]]


def main(descriptor: int, memory_bytes: int) -> None:
    """Answer until the other end is gone, or asks nothing for a while."""
    _limit(memory_bytes)
    line = socket.socket(fileno=descriptor)
    # Nearly every file needs these, and so much; a limit that is too small shows here.
    importlib.import_module(READERS)
    bytearray(LEAST_BYTES)
    lines.send(line, "ready")
    while True:
        line.settimeout(IDLE_SECONDS)
        try:
            asked = lines.receive(line)
        except (lines.Broken, OSError):
            return
        line.settimeout(None)
        _wind_up(asked.words["seconds"])
        words, parts = _answered(asked)
        _wind_up(0)
        try:
            lines.send(line, words, parts)
        except OSError:
            return
        del asked, words, parts


def _limit(memory_bytes: int) -> None:
    """Give up what a reader of files does not need."""
    # Ctrl-C is the parent's to answer; the decoders' chatter is nobody's.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.close(nowhere)
    # Where the machine runs out of memory, this process is the one to end.
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")
    for kind, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))


def _wind_up(seconds: int) -> None:
    """Have the kernel end this process after so many seconds; 0 calls that off.

    Neither Python nor the decoder is asked: a parent that died can't help either.
    """
    signal.alarm(seconds * WALL)
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    if seconds:
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
    else:
        resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))


def _answered(asked: lines.Message) -> tuple[Any, list[lines.Bytes]]:
    """A job's answer, its refusal, or how it failed."""
    try:
        words, parts = _job(asked.words["job"])(asked.content, asked.words["words"])
        return {"answer": words}, parts
    except Refused as refusal:
        return {"refused": refusal.reason}, []
    except MemoryError:
        return {"failed": "MemoryError", "at": ""}, []
    except Exception as problem:  # noqa: BLE001  one file's, whatever it is
        place = traceback.extract_tb(problem.__traceback__)[-1]
        where = f"{place.filename}:{place.lineno}"
        return {"failed": type(problem).__name__, "at": where}, []


def _job(name: str) -> Job:
    module, _, function = name.partition(":")
    found: Job = getattr(importlib.import_module(module), function)
    return found


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
