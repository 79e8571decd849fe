"""What every reader of image files returns, and how it says no.

A file becomes a `RadiographFile` as a whole or is `Refused` with a sentence that a
coordinator can act on. Nothing in a RadiographFile identifies a person.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from readerstudy.cases.deidentification.removed import Removal
from readerstudy.cases.frames import Frame

View = Literal["frontal", "lateral", "unknown"]
HeaderValue = str | int | list[float] | list[str]

# Long-leg and whole-spine radiographs stitched from several plates stay below this;
# a decoded frame then needs at most 288 MB.
MAXIMUM_SIDE = 12_000
MAXIMUM_FILE_BYTES = 512 * 1024**2
_QUOTED = re.compile(r"'.*'|\".*\"|b'.*|\[.*\]")


class Refused(Exception):
    """This input is not taken. `reason` is a full sentence for people."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotNow(Exception):
    """The bytes cannot be had at the moment; ask again later.

    Says nothing about the file. `reason` is a full sentence for people.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class RadiographFile:
    """One image file, read and stripped.

    header         allow-listed elements only (deidentify.py); empty for bitmaps
    view           what the file says of itself; may be wrong, so it can be overridden
    view_reason    which element said so, for the record
    body_part      "CHEST", another known part, "OTHER", or "" when the file is silent
    source_sha256  SHA-256 of the file's bytes
    code           the pseudonym asked for, or None
    warnings       sentences for the import's summary
    removal        what a DICOM file held besides; None for pictures
    """

    frame: Frame
    header: dict[str, HeaderValue]
    view: View
    view_reason: str
    body_part: str
    source_sha256: str
    code: str | None
    warnings: tuple[str, ...]
    removal: Removal | None = None


def words_of(problem: BaseException) -> str:
    """What an exception says, without what it quotes: that may be a name."""
    words = _QUOTED.sub("a value", " ".join(str(problem).split()))
    return words[:200].strip(" .") or type(problem).__name__


def refuse_size(rows: int, columns: int) -> None:
    """Raise Refused unless an image of this size may be decoded."""
    if rows < 1 or columns < 1:
        raise Refused(f"It has no pixels ({rows} rows, {columns} columns).")
    if rows > MAXIMUM_SIDE or columns > MAXIMUM_SIDE:
        raise Refused(
            f"It is too large: {rows} x {columns} pixels, "
            f"at most {MAXIMUM_SIDE} x {MAXIMUM_SIDE} are read."
        )


def refuse_bytes(size: int) -> None:
    """Raise Refused unless a file of so many bytes may be read into memory."""
    if size > MAXIMUM_FILE_BYTES:
        raise Refused(
            f"It is too large: {size / 1024**2:.0f} MiB, "
            f"at most {MAXIMUM_FILE_BYTES // 1024**2} MiB are read."
        )
    if size == 0:
        raise Refused("It is empty.")


def file_bytes(source: bytes | Path) -> bytes:
    """Return a file's content, or raise Refused when it cannot or must not be read."""
    if isinstance(source, bytes):
        refuse_bytes(len(source))
        return source
    try:
        refuse_bytes(source.stat().st_size)
        return source.read_bytes()
    except OSError as error:
        raise Refused(f"It cannot be read: {error.strerror or error}.") from error


def sha256(content: bytes) -> str:
    """Return the SHA-256 of some bytes as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()
