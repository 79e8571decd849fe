"""Where the pixels of frames lie: files that are named by what they hold.

A file is whole before a row in the database refers to it, and is never changed after.
What an import that was killed left behind is found again, and mended if it was cut,
when the same radiograph comes in once more.
"""

import gzip
import hashlib
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction

from readerstudy.cases.desk.looks import Look, look_of
from readerstudy.cases.frames import (
    Description,
    Frame,
    compressed,
    describe,
    to_bytes,
)
from readerstudy.cases.preview import preview_of, shown_small
from readerstudy.media_store import StoreAway, store

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
    _keep(name, digest, lambda: to_bytes(frame))
    preview, description = preview_of(frame), describe(frame)
    if not store().has(preview_name(digest)):
        _keep_preview(preview, digest)
    return KeptFrame(
        name, digest, description, look_of(shown_small(preview, description))
    )


def name_of(digest: str) -> str:
    """What the file of the frame with this SHA-256 is called in the store."""
    # The name says nothing of where the frame came from.
    return f"{FOLDER}/{digest[:32]}.u16.gz"


def preview_name(digest: str) -> str:
    """What the preview of the frame with this SHA-256 is called in the store."""
    return f"{PREVIEWS}/{digest[:32]}.u16.gz"


def pixels_of(name: str, digest: str) -> bytes | None:
    """Stored pixels, 16 bits each, little-endian; None where they are not those.

    Raises StoreAway where the store does not say.
    """
    try:
        pixels = gzip.decompress(store().get(name))
    except StoreAway:
        raise
    except (OSError, EOFError, zlib.error):
        return None
    return pixels if hashlib.sha256(pixels).hexdigest() == digest else None


def keep_pixels(pixels: bytes, digest: str) -> None:
    """Store pixels that came from another server under what they hold."""
    _keep(name_of(digest), digest, lambda: compressed(pixels))


def _keep(name: str, digest: str, content: Callable[[], bytes]) -> None:
    with frames_held():
        # Pixels that are needed again are no leftovers (leftovers.py).
        is_young = store().make_young(name)
    if is_young and pixels_of(name, digest) is not None:
        return
    made = content()
    with frames_held():
        store().put(name, made)


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
    """Nobody removes a frame meanwhile."""
    with store().alone():
        if store().is_shared_by_machines:
            with transaction.atomic():
                frames_shared()
                yield
        else:
            yield


def keep_preview(frame: Frame, digest: str) -> bytes:
    """Store the preview of a frame and return it as it is sent."""
    return _keep_preview(preview_of(frame), digest)


def _keep_preview(preview: Frame, digest: str) -> bytes:
    content = to_bytes(preview)
    store().put(preview_name(digest), content)
    return content
