"""Where the pixels of frames lie: files that are named by what they hold.

A file is whole before a row in the database refers to it, and is never changed after.
What an import that was killed left behind is found again, and mended if it was cut,
when the same radiograph comes in once more.
"""

import fcntl
import gzip
import hashlib
import os
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.core.files.storage import default_storage
from django.db import connection

from readerstudy.cases.desk.looks import Look, look_of
from readerstudy.cases.frames import (
    Description,
    Frame,
    compressed,
    describe,
    to_bytes,
)
from readerstudy.cases.preview import preview_of, shown_small

FOLDER = "frames"
PREVIEWS = "previews"


@dataclass(frozen=True)
class KeptFrame:
    """A frame whose pixels are stored: the file's name, their SHA-256, the rest."""

    name: str
    sha256: str
    description: Description
    look: Look


def keep_frame(frame: Frame) -> KeptFrame:
    """Store a frame's pixels and its preview, unless they are there already."""
    digest = hashlib.sha256(frame.pixels.tobytes()).hexdigest()
    name = name_of(digest)
    path = Path(default_storage.path(name))
    path.parent.mkdir(parents=True, exist_ok=True)
    _make_young(path)
    if not _holds(path, digest):
        _write(path, to_bytes(frame), digest)
    preview, description = preview_of(frame), describe(frame)
    if not preview_path(digest).exists():
        _keep_preview(preview, digest)
    return KeptFrame(
        name, digest, description, look_of(shown_small(preview, description))
    )


def name_of(digest: str) -> str:
    """What the file of the frame with this SHA-256 is called in the media folder."""
    # The name says nothing of where the frame came from.
    return f"{FOLDER}/{digest[:32]}.u16.gz"


def pixels_of(name: str, digest: str) -> bytes | None:
    """Stored pixels, 16 bits each, little-endian; None where they are not those."""
    try:
        pixels = gzip.decompress(Path(default_storage.path(name)).read_bytes())
    except (OSError, EOFError, zlib.error):
        return None
    return pixels if hashlib.sha256(pixels).hexdigest() == digest else None


def keep_pixels(pixels: bytes, digest: str) -> None:
    """Store pixels that came from another server under what they hold."""
    path = Path(default_storage.path(name_of(digest)))
    path.parent.mkdir(parents=True, exist_ok=True)
    _make_young(path)
    if not _holds(path, digest):
        _write(path, compressed(pixels), digest)


def _make_young(path: Path) -> None:
    """Pixels that are needed again are no leftovers (leftovers.py)."""
    with frames_held(), suppress(FileNotFoundError):
        os.utime(path)


def _holds(path: Path, digest: str) -> bool:
    return pixels_of(str(path), digest) is not None


# Any number that no other lock of this program has.
_LOCK = 0x66726D73


def frames_shared() -> None:
    """Let nobody remove a frame before this transaction is over.

    A row that is not committed yet is seen by nobody else on PostgreSQL: who removes
    frames waits for it. On SQLite there is one writing transaction at a time.
    """
    _lock("pg_advisory_xact_lock_shared")


def frames_alone() -> None:
    """Wait until no transaction is about to refer to a frame; the next ones wait."""
    _lock("pg_advisory_xact_lock")


def _lock(function: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [_LOCK])


@contextmanager
def frames_held() -> Iterator[None]:
    """Nobody else writes or removes a frame meanwhile."""
    folder = Path(default_storage.path(FOLDER))
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write(path: Path, content: bytes, digest: str) -> None:
    """Write a file to the disk, alone: two imports may bring the same radiograph."""
    with frames_held():
        if _holds(path, digest):
            return
        with path.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def preview_path(digest: str) -> Path:
    """Where the preview of the frame with this SHA-256 lies, or will."""
    return Path(default_storage.path(f"{PREVIEWS}/{digest[:32]}.u16.gz"))


def keep_preview(frame: Frame, digest: str) -> bytes:
    """Store the preview of a frame and return it as it is sent."""
    return _keep_preview(preview_of(frame), digest)


def _keep_preview(preview: Frame, digest: str) -> bytes:
    content = to_bytes(preview)
    keep_small_file(preview_path(digest), content)
    return content


def keep_small_file(path: Path, content: bytes) -> None:
    """Store what can be made again at any time; it takes its name when it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    Path(stream.name).chmod(0o644)
    Path(stream.name).replace(path)
