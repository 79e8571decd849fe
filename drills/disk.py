"""The disk of the media store, which can be filled to its last byte and freed again."""

import errno
import os
import resource
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

BYTES = 96 * 1024**2
BLOCK = b"\0" * 65536
FILLER = "drill-filler"
# The limit of one file where no small disk can be had: no radiograph fits.
SMALL_FILE = 4096


class Disk(ABC):
    """Where the media store lies; `words` says how it is filled."""

    words: str

    @abstractmethod
    def fill(self) -> None:
        """Let nothing more be written."""

    @abstractmethod
    def free(self) -> None:
        """Make room again."""


class SmallDisk(Disk):
    """A tmpfs of its own, which root may mount."""

    words = f"a tmpfs of {BYTES // 1024**2} MB, filled to its last byte"

    def __init__(self, folder: Path) -> None:
        self._filler = folder / FILLER

    def fill(self) -> None:
        with self._filler.open("ab", buffering=0) as filler:
            try:
                while filler.write(BLOCK):
                    pass
            except OSError as problem:
                if problem.errno != errno.ENOSPC:
                    raise

    def free(self) -> None:
        self._filler.unlink(missing_ok=True)


class SmallFiles(Disk):
    """Without root: web and worker may write no file longer than a few bytes."""

    words = f"a limit of {SMALL_FILE} bytes for every file that web and worker write"

    def __init__(self, writers: Callable[[], list[int]]) -> None:
        self._writers = writers
        self._limited: list[int] = []

    def fill(self) -> None:
        for pid in self._writers():
            with suppress(ProcessLookupError):
                _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (SMALL_FILE, most))
                self._limited.append(pid)

    def free(self) -> None:
        for pid in self._limited:
            with suppress(ProcessLookupError):
                _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, most))
        self._limited.clear()


@contextmanager
def disk_at(folder: Path, writers: Callable[[], list[int]]) -> Iterator[Disk]:
    """Prepare a folder as the media store's disk.

    writers  returns the processes that write there
    """
    folder.mkdir(parents=True)
    if os.geteuid() == 0 and _mounted(folder):
        try:
            yield SmallDisk(folder)
        finally:
            # Lazily: a process that was killed a moment ago may still hold it.
            subprocess.run(["umount", "--lazy", str(folder)], check=False)  # noqa: S607
        return
    yield SmallFiles(writers)


def _mounted(folder: Path) -> bool:
    mount = ["mount", "-t", "tmpfs", "-o", f"size={BYTES}", "readerstudy-drill"]
    done = subprocess.run([*mount, str(folder)], capture_output=True, check=False)
    return done.returncode == 0
