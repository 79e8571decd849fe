"""The parent's side: children that read one file after another, until one breaks.

A file that takes its child down is refused by itself; the next one gets a new child. A
child is a fresh program, not a copy of this process: what this one has loaded, CUDA
among it, what it holds open and what it knows stay here.
"""

import atexit
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.conf import settings

from readerstudy.cases.apart import line as lines
from readerstudy.cases.apart.child import WALL, Job
from readerstudy.cases.radiograph import Refused

logger = logging.getLogger(__name__)

# So many files are read at once in one process of the site.
AT_ONCE = 2
# What leaks in a decoder leaks into so many files at most.
MOST_FILES = 1000
# An overloaded machine takes long to load numpy and pydicom.
START_SECONDS = 120
# All that a child gets to know of the site's surroundings.
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TZ", "PYTHONPATH", "LD_LIBRARY_PATH")
# Decoders that spin up threads would only wait for each other.
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


_ENDS = {
    -signal.SIGXCPU: "time",
    -signal.SIGALRM: "time",
    # By the kernel, where the machine has run out of memory.
    -signal.SIGKILL: "memory",
}


class Spoiled(Exception):
    """A child that had read other files before has ended: a fresh one is asked.

    It ended by itself for want of questions, or of what those files left in it, or the
    kernel took its memory. What ends a fresh child is the file's own doing.
    """


class Child:
    """One reading process."""

    def __init__(self) -> None:
        self.memory_bytes = settings.PARSER_MEMORY_MB * 1024**2
        self.files = 0
        self._line, far_end = socket.socketpair()
        with far_end:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "readerstudy.cases.apart.child"),
                    *(str(far_end.fileno()), str(self.memory_bytes)),
                ],
                cwd=settings.ROOT,
                env=_environment(),
                pass_fds=[far_end.fileno()],
                stdin=subprocess.DEVNULL,
            )
        try:
            lines.receive(self._line, until=time.monotonic() + START_SECONDS)
        except (TimeoutError, lines.Broken, OSError) as problem:
            self.stop()
            raise RuntimeError(
                "The process that reads files does not start. Is PARSER_MEMORY_MB "
                f"({settings.PARSER_MEMORY_MB}) too small?"
            ) from problem

    def ask(
        self, job: str, words: dict[str, Any], parts: Sequence[lines.Bytes]
    ) -> lines.Message:
        """The answer of a job; raises Spoiled, and what lines.py does."""
        seconds = settings.PARSER_SECONDS
        until = time.monotonic() + seconds * WALL
        self.files += 1
        question = {"job": job, "words": words, "seconds": seconds}
        try:
            lines.send(self._line, question, parts, until=until)
            return lines.receive(self._line, until=until)
        except TimeoutError:
            raise
        except (lines.Broken, OSError):
            if not self.is_fresh and self.end != "time":
                logger.info("a reading process ended (%s)", self.status)
                raise Spoiled from None
            raise

    @property
    def end(self) -> str:
        """Why the kernel ended it: "time", "memory", or anything else, ""."""
        return _ENDS.get(self.status or 0, "")

    @property
    def is_fresh(self) -> bool:
        """Whether it was asked about one file at most."""
        return self.files <= 1

    @property
    def may_go_on(self) -> bool:
        """Whether it can be asked once more under the settings as they are."""
        limit = settings.PARSER_MEMORY_MB * 1024**2
        is_usable = self.files < MOST_FILES and self.memory_bytes == limit
        return is_usable and self._process.poll() is None

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        self._line.close()
        self._process.kill()
        self._process.wait()

    @property
    def status(self) -> int | None:
        """How it ended, as subprocess says it; None while it goes on, after seconds."""
        try:
            return self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return None


class Children:
    """The children of this process; a process that was forked has none yet."""

    def __init__(self) -> None:
        self._idle: list[Child] = []
        self._owner = 0
        self._guard = threading.Lock()
        self._places = threading.BoundedSemaphore(AT_ONCE)

    @contextmanager
    def one(self) -> Iterator[Child]:
        """A child for one question; it is kept for the next one unless it broke."""
        with self._places:
            child = self._taken() or Child()
            try:
                yield child
            except BaseException:
                child.stop()
                raise
            if child.may_go_on:
                with self._guard:
                    self._idle.append(child)
            else:
                child.stop()

    def stop(self) -> None:
        """End those that nobody asks at the moment."""
        while child := self._taken():
            child.stop()

    def _taken(self) -> Child | None:
        with self._guard:
            if self._owner != os.getpid():
                self._idle, self._owner = [], os.getpid()
            while self._idle:
                child = self._idle.pop()
                if child.may_go_on:
                    return child
                child.stop()
        return None


children = Children()
atexit.register(children.stop)


def ask(
    job: Job, words: dict[str, Any] | None = None, *parts: lines.Bytes
) -> lines.Message:
    """Have a job done in a child. Raises Refused, whatever the bytes do there.

    job     a function of a module; it gets `parts` as one, and `words`
    """
    name = f"{job.__module__}:{job.__qualname__}"
    while True:
        try:
            with children.one() as child:
                answer = _answer(child, name, words or {}, parts)
        except Spoiled:
            continue
        return _told(answer)


def _answer(
    child: Child, job: str, words: dict[str, Any], parts: Sequence[lines.Bytes]
) -> lines.Message:
    try:
        answer = child.ask(job, words, parts)
    except TimeoutError:
        raise _late() from None
    except (lines.Broken, OSError):
        if child.end == "time":
            raise _late() from None
        if child.end == "memory":
            raise _greedy() from None
        logger.warning("a file broke its reading process (%s)", child.status)
        raise Refused("It is damaged: its decoder broke on it.") from None
    if _failure(answer) == "MemoryError":
        # Nobody knows what of it the child still holds: raised in here, it ends.
        raise _greedy() if child.is_fresh else Spoiled
    return answer


def _late() -> Refused:
    return Refused(f"It could not be read within {settings.PARSER_SECONDS} seconds.")


def _greedy() -> Refused:
    return Refused(
        f"It takes more memory than the {settings.PARSER_MEMORY_MB} MB that reading a "
        "file may take."
    )


def _failure(answer: lines.Message) -> str:
    said = answer.words.get("failed", "") if isinstance(answer.words, dict) else ""
    return str(said)[:80]


def _told(answer: lines.Message) -> lines.Message:
    """What a job answered. Raises Refused."""
    words = answer.words
    if isinstance(words, dict) and "refused" in words:
        raise Refused(str(words["refused"])[:2000])
    if not isinstance(words, dict) or "answer" not in words:
        where = str(words.get("at", ""))[:200] if isinstance(words, dict) else ""
        logger.warning("a file broke its reader: %s at %s", _failure(answer), where)
        raise Refused("It is damaged: its reader broke on it.")
    return lines.Message(words["answer"], answer.content)


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    return kept | dict.fromkeys(_ONE_THREAD, "1")
