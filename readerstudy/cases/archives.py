"""ZIP and tar archives: the names of their members, and the bytes of one at a time.

Nothing is unpacked under a member's name, so no name can lead anywhere, and no member
is held in memory before it is asked for. A child looks into an archive first
(apart/listing.py): what is opened here is known to be of a sensible size.
"""

import atexit
import gzip
import os
import shutil
import zipfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Generic, Literal, TypeVar

from django.conf import settings

from readerstudy.cases.apart import listing
from readerstudy.cases.apart.listing import DAMAGED, MAXIMUM_MEMBERS
from readerstudy.cases.radiograph import (
    Refused,
    file_bytes,
    refuse_bytes,
    words_of,
)

__all__ = ["MAXIMUM_MEMBERS", "TARS", "close_in", "kind_of", "members_of"]

TARS = (".tgz", ".tar.gz", ".tar")
_ZIP_BEGINS = (b"PK\x03\x04", b"PK\x05\x06")
_GZIP_BEGINS = b"\x1f\x8b"
# What a compressed tar may inflate to: no radiographs shrink to a fiftieth.
_MOST_INFLATED = 50
_ANY_INFLATED_BYTES = 1024**3
# So much of the disk stays free when a compressed tar is inflated.
_KEPT_FREE_BYTES = 1024**3
_BLOCK_BYTES = 1024**2
# Archives kept open at a time; an evicted one is opened again when it is needed.
_OPEN_ARCHIVES = 4

# The fixed part of what stands before a member's bytes.
_ZIP_HEADER_BYTES = 30
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

Kind = Literal["ZIP", "tar"]
Reader = Callable[[], bytes]
Members = list[tuple[str, Reader]]
Opened = TypeVar("Opened", zipfile.ZipFile, IO[bytes])


def kind_of(path: Path, name: str = "") -> Kind | None:
    """Which archive a file is; None for any other file. Raises OSError.

    `name` is how people call it, where it does not lie under its own name.
    """
    with path.open("rb") as stream:
        if stream.read(4) in _ZIP_BEGINS:
            return "ZIP"
    return "tar" if (name or path.name).lower().endswith(TARS) else None


def members_of(path: Path, kind: Kind) -> Members:
    """Names and readers of the files in an archive, by name. Raises Refused.

    A reader raises Refused for a member that is damaged, encrypted or too large.
    """
    try:
        members = _zip_members(path) if kind == "ZIP" else _tar_members(path)
    except DAMAGED as problem:
        raise Refused(
            f"It is a damaged {kind} archive: {words_of(problem)}."
        ) from problem
    return [
        (name, partial(_member, read, kind))
        for name, read in sorted(members, key=lambda member: member[0])
    ]


def _member(read: Reader, kind: Kind) -> bytes:
    try:
        content = read()
    except DAMAGED as problem:
        raise Refused(
            f"It is damaged inside its {kind}: {words_of(problem)}."
        ) from problem
    if content[:4] in _ZIP_BEGINS:
        raise Refused("It is an archive inside an archive. Unpack the outer one.")
    return file_bytes(content)


def _zip_members(path: Path) -> Members:
    listing.refuse_zip_apart(path)
    members = _zips.opened(path).infolist()
    _refuse_overlap(members)
    return [
        (each.filename.replace("\\", "/"), partial(_zip_member, path, each))
        for each in members
        if not each.is_dir()
    ]


def _refuse_overlap(members: list[zipfile.ZipInfo]) -> None:
    """Refuse members that share bytes: a few megabytes would unpack without end."""
    end = 0
    for each in sorted(members, key=lambda member: member.header_offset):
        if each.header_offset < end:
            raise Refused("Its members lie over each other, as in no archive of files.")
        end = each.header_offset + _ZIP_HEADER_BYTES + each.compress_size


def _zip_member(path: Path, member: zipfile.ZipInfo) -> bytes:
    if member.flag_bits & 1:
        raise Refused("It is encrypted.")
    # Other methods inflate as much as they like before anything can be counted.
    if member.compress_type not in _METHODS:
        raise Refused("It is packed by a method other than stored and deflate.")
    refuse_bytes(member.file_size)
    with _zips.opened(path).open(member) as stream:
        # By pieces: read at once, all that it really holds is inflated, not what it
        # says; cut to that, its check sum is wrong.
        return b"".join(iter(partial(stream.read, _BLOCK_BYTES), b""))


def _tar_members(path: Path) -> Members:
    stream = _tars.opened(path)
    inflated = Path(f"/proc/{os.getpid()}/fd/{stream.fileno()}")
    return [
        (name, partial(_tar_member, path, offset, size))
        for name, offset, size in listing.tar_members_apart(
            inflated if _is_packed(path) else path
        )
    ]


def _tar_member(path: Path, offset: int, size: int) -> bytes:
    refuse_bytes(size)
    stream = _tars.opened(path)
    stream.seek(offset)
    content = stream.read(size)
    if len(content) < size:
        raise EOFError("it ends too early")
    return content


def _tar_bytes(path: Path) -> IO[bytes]:
    """A tar's bytes; a compressed one is inflated once, into a nameless file.

    That file lies on the disk of DATA_DIR and vanishes with this process, however it
    ends. Members can then be read in any order without inflating anything twice.
    """
    if not _is_packed(path):
        return path.open("rb")
    most = max(_MOST_INFLATED * path.stat().st_size, _ANY_INFLATED_BYTES)
    with gzip.open(path) as blocks, ExitStack() as unfinished:
        inflated = unfinished.enter_context(TemporaryFile(dir=settings.DATA_DIR))
        while block := blocks.read(_BLOCK_BYTES):
            if shutil.disk_usage(settings.DATA_DIR).free < _KEPT_FREE_BYTES:
                raise Refused("There is too little room on the disk to inflate it.")
            if inflated.tell() + len(block) > most:
                raise Refused(
                    f"It inflates to more than {_MOST_INFLATED} times its size, which "
                    "radiographs do not."
                )
            inflated.write(block)
        inflated.flush()
        unfinished.pop_all()
        return inflated


def _is_packed(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(2) == _GZIP_BEGINS


class _Shelf(Generic[Opened]):
    """Archives that are kept open, a few at a time, the last ones used."""

    def __init__(self, opener: Callable[[Path], Opened]) -> None:
        self._opener: Callable[[Path], Opened] = opener
        self._open: dict[tuple[Path, int, int], Opened] = {}
        atexit.register(self._close_to, 0)

    def opened(self, path: Path) -> Opened:
        """An archive, opened on first use and again when the file has changed."""
        status = path.stat()
        key = path, status.st_mtime_ns, status.st_size
        archive = self._open.pop(key, None) or self._opener(path)
        self._open[key] = archive
        self._close_to(_OPEN_ARCHIVES)
        return archive

    def close(self, folder: Path) -> None:
        """Close what lies in a folder, or is it: an open file is never really gone."""
        for key in list(self._open):
            if key[0].is_relative_to(folder):
                self._open.pop(key).close()

    def _close_to(self, left: int) -> None:
        while len(self._open) > left:
            self._open.pop(next(iter(self._open))).close()


_zips = _Shelf(zipfile.ZipFile)
_tars = _Shelf(_tar_bytes)


def close_in(folder: Path) -> None:
    """Close the archives in a folder that is about to be removed, or the one it is."""
    _zips.close(folder)
    _tars.close(folder)
