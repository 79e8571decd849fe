"""Where radiographs, pictures of them and bundles are kept: on a disk or in a bucket.

What is kept is whole or not there, is named by what it holds, and is never changed.
The site writes and reads it by these few words alone; no address leads to it from
outside. What is still on its way in (intake, tables) waits below MEDIA_ROOT.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from django.core.files.storage import FileSystemStorage, storages

# The folders of the store. Everything else below MEDIA_ROOT is on its way.
FOLDERS = ("frames", "previews", "thumbnails", "originals", "bundles")
PRIVATE = ("originals", "arrivals")
_LOCK = "frames/.lock"
_BLOCK = 1024 * 1024


class StoreAway(OSError):
    """The store does not answer: nothing is lost, and it may be asked again."""


@dataclass(frozen=True)
class Stored:
    """Something in the store: its name, and when it was last needed, in Unix time."""

    name: str
    seconds: float


class Store(Protocol):
    """What the site asks of wherever its media are.

    Names are relative, as in `frames/0123....u16.gz`. A name that is not there raises
    FileNotFoundError, a store that does not answer StoreAway.
    """

    # Whether machines write to it that share no disk: the database keeps them apart.
    is_shared_by_machines: bool

    @property
    def where(self) -> str:
        """The store in words, for those who run the site."""

    def put(self, name: str, content: bytes) -> None:
        """Keep bytes under a name, whole and for good once this returns."""

    def put_file(self, name: str, path: Path) -> None:
        """Keep a file as `put` does."""

    def get(self, name: str) -> bytes:
        """The bytes under a name."""

    def opened(self, name: str) -> BinaryIO:
        """The same as a stream, for what is too large for the memory."""

    def has(self, name: str) -> bool:
        """Whether there is something under a name."""

    def remove(self, name: str) -> None:
        """Forget a name; nothing happens where it is not there."""

    def make_young(self, name: str) -> bool:
        """Mark a name as needed now; False where it has to be put instead."""

    def seconds_of(self, name: str) -> float | None:
        """When a name was last needed, in Unix time; None where it is not there."""

    def listed(self, folder: str) -> Iterator[Stored]:
        """What lies in one of FOLDERS, in no order."""

    def alone(self) -> AbstractContextManager[None]:
        """Nobody else on this disk writes or removes a frame meanwhile."""

    def answer(self) -> None:
        """Raise OSError unless the store is there; may be asked often, by anybody."""

    def prove(self) -> None:
        """Raise OSError unless the store takes something; leaves nothing behind.

        Makes the folder or bucket where there is none yet.
        """


def store() -> Store:
    """The store of this site."""
    return cast(Store, storages["default"])


class Disk(FileSystemStorage):
    """The folder MEDIA_ROOT, on a disk that web and workers share."""

    is_shared_by_machines = False

    @property
    def where(self) -> str:
        return "MEDIA_ROOT"

    def put(self, name: str, content: bytes) -> None:
        with self._making(name) as stream:
            stream.write(content)

    def put_file(self, name: str, path: Path) -> None:
        with path.open("rb") as source, self._making(name) as stream:
            while block := source.read(_BLOCK):
                stream.write(block)

    @contextmanager
    def _making(self, name: str) -> Iterator[BinaryIO]:
        """A file that takes its name when it is whole and on the disk."""
        path, is_private = Path(self.path(name)), name.startswith(PRIVATE)
        path.parent.mkdir(
            parents=True, exist_ok=True, mode=0o700 if is_private else 0o777
        )
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as stream:
            try:
                yield cast(BinaryIO, stream)
                stream.flush()
                os.fsync(stream.fileno())
                os.fchmod(stream.fileno(), 0o600 if is_private else 0o644)
                os.replace(stream.name, path)
            except BaseException:
                with suppress(OSError):
                    os.unlink(stream.name)
                raise
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def get(self, name: str) -> bytes:
        return Path(self.path(name)).read_bytes()

    def opened(self, name: str) -> BinaryIO:
        return Path(self.path(name)).open("rb")

    def has(self, name: str) -> bool:
        return Path(self.path(name)).is_file()

    def remove(self, name: str) -> None:
        Path(self.path(name)).unlink(missing_ok=True)

    def make_young(self, name: str) -> bool:
        try:
            os.utime(self.path(name))
        except FileNotFoundError:
            return False
        return True

    def seconds_of(self, name: str) -> float | None:
        try:
            return Path(self.path(name)).stat().st_mtime
        except FileNotFoundError:
            return None

    def listed(self, folder: str) -> Iterator[Stored]:
        place = Path(self.path(folder))
        if not place.is_dir():
            return
        for path in place.iterdir():
            # Another process may remove it in between.
            with suppress(FileNotFoundError):
                if path.is_file():
                    yield Stored(f"{folder}/{path.name}", path.stat().st_mtime)

    @contextmanager
    def alone(self) -> Iterator[None]:
        path = Path(self.path(_LOCK))
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def answer(self) -> None:
        # On a disk to write costs nothing, and a full one answers well.
        self.prove()

    def prove(self) -> None:
        folder = Path(self.path(""))
        folder.mkdir(parents=True, exist_ok=True)
        # It has no name, so that a process that is killed meanwhile leaves none behind.
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"ready")
            probe.flush()
