"""Which pixel values are shown how bright: windows and lookup tables (VOI).

A VOI (value of interest) maps a value to a grey of 0..255. The three window functions
are those of DICOM PS3.3, C.11.2.1.2 and C.11.2.1.3; a table is C.11.2.1.1. The file's
VOI is in modality units, ours in units of the stored frame: `in_frame_units` moves one
to the other, through shift, scale and a turned polarity, so that the picture stays.
static/viewer/lut.js computes the same greys for the reader.
"""

from dataclasses import dataclass
from math import ceil
from typing import Literal

import numpy as np
from numpy.typing import NDArray

ENTRIES = 65536

WindowFunction = Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"]


@dataclass(frozen=True)
class Window:
    """Centre and width, in units of whatever they are applied to."""

    centre: float
    width: float
    function: WindowFunction = "LINEAR"
    explanation: str = ""


@dataclass(frozen=True)
class LookupTable:
    """Greys 0..255 of the frame values first, first + 1, ...; the ends go on."""

    first: int
    values: tuple[int, ...]
    explanation: str = ""


@dataclass(frozen=True, eq=False)
class FileTable:
    """A VOI LUT as the file has it: entries 0..2^bits-1 of modality values."""

    first: int
    entries: NDArray[np.uint16]
    bits: int
    explanation: str = ""


Voi = Window | LookupTable
FileVoi = Window | FileTable


def is_valid(window: Window) -> bool:
    """Whether DICOM allows this width: at least 1 for LINEAR, else above 0."""
    if not np.isfinite([window.centre, window.width]).all():
        return False
    if window.function == "LINEAR":
        return window.width >= 1
    return window.width > 0


def grey_table(voi: Voi) -> NDArray[np.uint8]:
    """Return the grey 0..255 of each of the 65,536 frame values, rounded half up."""
    values = np.arange(ENTRIES, dtype=np.float64)
    greys = _table_greys(voi) if isinstance(voi, LookupTable) else _greys(voi, values)
    return np.floor(greys + 0.5).astype(np.uint8)


def _table_greys(table: LookupTable) -> NDArray[np.float64]:
    place = np.arange(ENTRIES) - table.first
    entries = np.asarray(table.values, dtype=np.float64)
    return entries[np.clip(place, 0, len(entries) - 1)]


def _greys(window: Window, values: NDArray[np.float64]) -> NDArray[np.float64]:
    if window.function == "SIGMOID":
        # Beyond +-700 the result is 0 or 255 to the last bit; exp would overflow.
        exponent = -4 * (values - window.centre) / window.width
        return 255 / (1 + np.exp(np.clip(exponent, -700, 700)))
    if window.function == "LINEAR":
        return _ramp(values, window.centre - 0.5, window.width - 1)
    return _ramp(values, window.centre, window.width)


def _ramp(
    values: NDArray[np.float64], middle: float, extent: float
) -> NDArray[np.float64]:
    """A straight ramp from 0 to 255; an extent of 0 is a threshold."""
    if extent == 0:
        return np.where(values > middle, 255.0, 0.0)
    return np.clip(((values - middle) / extent + 0.5) * 255, 0, 255)


def in_frame_units(voi: FileVoi, *, slope: float, intercept: float) -> Voi:
    """Turn a VOI of modality values into one of frame values.

    modality value = slope * frame value + intercept. A negative slope is a turned
    polarity: the greys come out as 255 minus those of the file, which is what
    MONOCHROME1 asks for.
    """
    if isinstance(voi, FileTable):
        return _table_in_frame_units(voi, slope, intercept)
    if voi.function != "LINEAR":
        centre = (voi.centre - intercept) / slope
        return Window(centre, voi.width / abs(slope), voi.function, voi.explanation)
    middle = (voi.centre - 0.5 - intercept) / slope
    extent = (voi.width - 1) / abs(slope)
    if extent == 0 and slope < 0:
        # A threshold shows its middle black; turned, that value has to be white.
        middle = ceil(middle) - 0.5
    return Window(middle + 0.5, extent + 1, "LINEAR", voi.explanation)


def _table_in_frame_units(
    table: FileTable, slope: float, intercept: float
) -> LookupTable:
    modality = slope * np.arange(ENTRIES, dtype=np.float64) + intercept
    place = np.rint(modality).astype(np.int64) - table.first
    last = len(table.entries) - 1
    greys = table.entries[np.clip(place, 0, last)] / (2**table.bits - 1) * 255
    if slope < 0:
        greys = 255 - greys
    covered = np.flatnonzero((place >= 0) & (place <= last))
    if covered.size:
        # One value more on either side, where the end entries begin to go on.
        start, stop = max(covered[0] - 1, 0), min(covered[-1] + 2, ENTRIES)
    else:
        start, stop = 0, ENTRIES
    values = np.floor(greys[start:stop] + 0.5).astype(np.uint8)
    return LookupTable(int(start), tuple(values.tolist()), table.explanation)
