"""Where uploaded bytes wait for a worker: MEDIA_ROOT/intake/<delivery>/<file>.

Both are numbers: no name from outside is ever part of a path. How many bytes of a file
are there is what its row says; what a killed process wrote beyond that does not count.
"""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.exceptions import ValidationError

from readerstudy.cases import archives
from readerstudy.cases.intake.models import DeliveredFile

BLOCK_BYTES = 1024**2
# The disk, this account's share of it, or a file of this size is at its end.
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class DiskFull(ValidationError):
    """Nothing more is taken before somebody makes room."""

    def __init__(self) -> None:
        super().__init__(
            "The server's disk is nearly full, so nothing more is taken. What has come "
            "is kept: ask the administrator for room, then go on."
        )


def folder_of(delivery: int) -> Path:
    """The folder of a delivery, there or not."""
    return Path(settings.MEDIA_ROOT) / "intake" / str(delivery)


def folders() -> list[Path]:
    """The folders of deliveries that have staged bytes."""
    place = folder_of(0).parent
    found = place.iterdir() if place.is_dir() else iter(())
    return [folder for folder in found if folder.name.isdecimal()]


def path_of(file: DeliveredFile) -> Path:
    """Where the bytes of an upload lie, or will."""
    return folder_of(file.delivery_id) / str(file.pk)


def free_bytes() -> int:
    """What may still be written before the disk counts as full."""
    place = Path(settings.MEDIA_ROOT)
    place.mkdir(parents=True, exist_ok=True)
    return shutil.disk_usage(place).free - settings.INTAKE_KEPT_FREE_BYTES


def refuse_full(wanted: int = 0) -> None:
    """Raise DiskFull unless so many bytes still find room."""
    if free_bytes() < wanted:
        raise DiskFull


@contextmanager
def opened(file: DeliveredFile) -> Iterator[BinaryIO]:
    """The staged bytes of a file, for this process alone.

    Raises DiskFull where the disk fills up meanwhile.
    """
    try:
        with _opened(path_of(file)) as stream:
            yield stream
    except OSError as problem:
        if problem.errno in NO_ROOM:
            raise DiskFull from problem
        raise


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _make(path)
    # Appending would ignore the position; a new file must not empty an old one.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o640)
    with os.fdopen(descriptor, "r+b") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield stream


def _make(path: Path) -> None:
    """Make an empty file whose name survives a power cut as its bytes do."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o640))
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def append(stream: BinaryIO, *, offset: int, blocks: Iterator[bytes], most: int) -> int:
    """Write blocks from an offset on, whatever lay there; returns how many bytes.

    Raises ValidationError, and keeps nothing of them, where they are more than `most`.
    """
    stream.truncate(offset)
    stream.seek(offset)
    written = 0
    for block in blocks:
        written += len(block)
        if written > most:
            stream.truncate(offset)
            raise ValidationError("The file is longer than it was announced to be.")
        stream.write(block)
    stream.flush()
    os.fsync(stream.fileno())
    return written


def remove(file: DeliveredFile) -> None:
    """Forget the bytes of a file; nothing happens where there are none."""
    archives.close_in(path_of(file))
    path_of(file).unlink(missing_ok=True)
    with suppress(OSError):  # other files lie in it
        folder_of(file.delivery_id).rmdir()


def remove_all(delivery: int) -> None:
    """Forget the bytes of all files of a delivery."""
    archives.close_in(folder_of(delivery))
    shutil.rmtree(folder_of(delivery), ignore_errors=True)
