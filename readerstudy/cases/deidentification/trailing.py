"""Bytes of a file that are no part of its picture: nothing is read from them, but they
are told of.

Before the header there is room for 128 bytes (PS3.10, 7.1); behind the picture, inside
its element or behind the dataset, there is room for anything.
"""

from dataclasses import dataclass

from pydicom.dataset import Dataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    JPEG2000TransferSyntaxes,
    RLELossless,
)

from readerstudy.cases.deidentification.codestreams import end_of, fragments_of

PREAMBLE = 128
_DELIMITER_BYTES = 8


@dataclass(frozen=True)
class Surplus:
    """What a file has beside header and picture.

    preamble  whether the 128 bytes before the header hold something
    comments  segments of a compressed picture that hold text or data of programs
    trailing  bytes behind the picture
    """

    preamble: bool
    comments: int
    trailing: int


def surplus_of(dataset: Dataset, content: bytes) -> Surplus:
    """What of a file's bytes is neither header nor picture."""
    has_preamble = content[PREAMBLE : PREAMBLE + 4] == b"DICM"
    preamble = has_preamble and content[:PREAMBLE].strip(b"\0") != b""
    comments, trailing = _in_picture(dataset)
    return Surplus(preamble, comments, trailing + _behind_dataset(dataset, content))


def _in_picture(dataset: Dataset) -> tuple[int, int]:
    """Comments within the element of the pixels, and bytes behind the picture in it.

    A decoder takes as many bytes as the picture has.
    """
    value = getattr(dataset.get_item("PixelData"), "value", None)
    if not isinstance(value, bytes) or dataset.get("Rows") is None:
        return 0, 0
    syntax = getattr(dataset.file_meta, "TransferSyntaxUID", None)
    if syntax is None:
        return 0, 0
    cells = int(dataset.Rows) * int(dataset.Columns)
    if syntax.is_encapsulated:
        table, picture = fragments_of(value)
        kind = "jpeg"
        if syntax == RLELossless:
            kind = "rle"
        elif syntax in JPEG2000TransferSyntaxes:
            kind = "jpeg 2000"
        end, comments = end_of(picture, kind, cells)
        return comments, table + _beyond(picture, end)
    expected = cells * int(dataset.BitsAllocated) // 8
    return 0, max(0, len(value) - expected - expected % 2)


def _beyond(picture: bytes, end: int | None) -> int:
    """Bytes behind the end of a picture; one that makes their number even is none."""
    rest = b"" if end is None else picture[end:]
    return 0 if len(rest) == 1 and rest in (b"\0", b"\xff") else len(rest)


def _behind_dataset(dataset: Dataset, content: bytes) -> int:
    """Bytes behind the last element, where that is the picture: too few for another
    element, they are in no list."""
    syntax = getattr(dataset.file_meta, "TransferSyntaxUID", None)
    last = dataset.get_item(max(dataset.keys(), default=0x7FE00010))
    if syntax is None or syntax == DeflatedExplicitVRLittleEndian or last is None:
        return 0
    # An element that was looked at calls its place otherwise.
    place = getattr(last, "value_tell", None) or getattr(last, "file_tell", None)
    value = getattr(last, "value", None)
    if not isinstance(place, int) or not isinstance(value, bytes):
        return 0
    is_open = getattr(last, "is_undefined_length", False) or (
        getattr(last, "length", 0) == 0xFFFFFFFF
    )
    end = place + len(value) + (_DELIMITER_BYTES if is_open else 0)
    return max(0, len(content) - end)
