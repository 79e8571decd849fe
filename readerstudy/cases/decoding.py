"""Stored pixel values out of a DICOM dataset.

Decoders break on damaged files in ways that Python cannot catch; reading.py therefore
calls all of this in a process of its own.
"""

import io
import struct
import warnings
import zlib

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.pixels.utils import pixel_array
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, RLELossless

from readerstudy.cases.radiograph import Refused, refuse_bytes, words_of

_BLOCK_BYTES = 16 * 1024**2
# What pydicom and its plugins raise for damaged or unsupported content.
DAMAGED = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    zlib.error,
    AssertionError,
    EOFError,
    OSError,
    RuntimeError,
    NotImplementedError,
    MemoryError,
    RecursionError,
    StopIteration,
    struct.error,
    InvalidDicomError,
    BytesLengthException,
)


def parse(content: bytes) -> Dataset:
    """Parse a file, with or without preamble; raises Refused or one of DAMAGED."""
    _refuse_endless(content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pydicom.dcmread(io.BytesIO(content), force=True)


def _refuse_endless(content: bytes) -> None:
    """Raise Refused where a deflated dataset inflates to more than a file may have.

    Parsing inflates it whole. The dataset begins after the file's meta information,
    whose length stands in its first element (PS3.10, 7.1).
    """
    begin = 144 + int.from_bytes(content[140:144], "little")
    if DeflatedExplicitVRLittleEndian.encode() not in content[144:begin]:
        return
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    rest, size = content[begin:], 0
    while rest and not inflater.eof:
        size += len(inflater.decompress(rest, _BLOCK_BYTES))
        refuse_bytes(size)
        rest = inflater.unconsumed_tail


def stored_values(dataset: Dataset, *, bits: int, high: int) -> NDArray[np.integer]:
    """Return the stored values [rows, columns] of a single-frame image; or Refused.

    bits, high   how many bits carry the value, and the number of their highest
    """
    syntax = UID(dataset.file_meta.TransferSyntaxUID)
    # Other codecs carry the value alone, and pydicom mends their sign.
    has_whole_words = not syntax.is_encapsulated or syntax == RLELossless
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            stored = np.asarray(
                pixel_array(dataset, raw=True, correct_unused_bits=not has_whole_words)
            )
    except DAMAGED as problem:
        raise Refused(_sentence(problem, syntax)) from problem
    return _carried(stored, bits=bits, high=high) if has_whole_words else stored


def _carried(
    words: NDArray[np.integer], *, bits: int, high: int
) -> NDArray[np.integer]:
    """The bits that carry the value; others may hold anything (PS3.5, 8.1.1).

    A right shift of signed numbers takes the sign along.
    """
    width = 8 * words.dtype.itemsize
    shifted: NDArray[np.integer] = (words << (width - 1 - high)) >> (width - bits)
    return shifted


def _sentence(problem: BaseException, syntax: UID) -> str:
    if isinstance(problem, MemoryError):
        return "Its pixel data take more memory than a radiograph needs."
    words = words_of(problem)
    if isinstance(problem, NotImplementedError) or any(
        sign in words
        for sign in ("missing dependencies", "GDCM does not support", "no pixel data d")
    ):
        return (
            f"Its pixel data come as {syntax.name}, which is not decoded here. Convert "
            "the file to Explicit VR Little Endian and import that."
        )
    return f"Its pixel data are damaged or not supported: {words}."
