"""From the values in a file to the canonical frame, in one step.

Stored values have at most 16 bits, so modality LUT, polarity, padding and shift are one
table of 65,536 entries, looked up once per pixel: exact, and cheap in memory.
Sources: DICOM PS3.3 C.7.6.3.1 (photometric interpretation), C.11.1 (modality LUT),
C.7.5.1.1.2 (pixel padding).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from readerstudy.cases.frames import MAXIMUM, Frame, SpacingKind, histogram
from readerstudy.cases.voi import ENTRIES, FileVoi, in_frame_units


class NothingButPadding(ValueError):
    """No pixel of the image is a pixel of the patient."""


@dataclass(frozen=True)
class Rescale:
    """modality value = slope * stored value + intercept; slope is never 0."""

    slope: float = 1.0
    intercept: float = 0.0

    def of(self, stored: NDArray[np.float64]) -> NDArray[np.float64]:
        return self.slope * stored + self.intercept

    def steps(self) -> tuple[float, ...]:
        """Modality units that one frame unit may stand for, the best one first."""
        whole = float(self.slope).is_integer() and float(self.intercept).is_integer()
        return (1.0, abs(self.slope)) if whole else (abs(self.slope),)


@dataclass(frozen=True, eq=False)
class ModalityTable:
    """A Modality LUT: entries for the stored values first, first + 1, ..."""

    first: int
    entries: NDArray[np.uint16]

    def of(self, stored: NDArray[np.float64]) -> NDArray[np.float64]:
        place = np.clip(stored - self.first, 0, len(self.entries) - 1)
        return self.entries[place.astype(np.int64)].astype(np.float64)

    def steps(self) -> tuple[float, ...]:
        return (1.0,)


@dataclass(frozen=True)
class Grid:
    """Which modality values the frame can hold: low, low + step, ... up to high."""

    low: float
    high: float
    step: float


def _lay_grid(
    steps: Sequence[float],
    nominal: NDArray[np.float64],
    present: NDArray[np.float64],
    capacity: int,
) -> Grid:
    """Choose the grid: whole modality values where they fit, else scaled.

    The nominal range (all values the bits allow) is preferred to the range present in
    this image: then an unsigned image keeps its stored values.
    """
    for step in steps:
        for values in (nominal, present):
            low, high = float(values.min()), float(values.max())
            if (high - low) / step <= capacity:
                return Grid(low, high, step)
    low, high = float(present.min()), float(present.max())
    return Grid(low, high, (high - low) / capacity)


def _codes(stored: NDArray[np.integer]) -> NDArray[np.uint16]:
    """The bit patterns of stored values: an index into tables of 65,536."""
    if stored.dtype.kind == "i":
        return stored.astype(np.int16, copy=False).view(np.uint16)
    return stored.astype(np.uint16, copy=False)


def _meanings(signed: bool) -> NDArray[np.float64]:
    """The stored value that each bit pattern means."""
    patterns = np.arange(ENTRIES, dtype=np.uint16)
    return (patterns.view(np.int16) if signed else patterns).astype(np.float64)


def _nominal(
    meanings: NDArray[np.float64], *, bits: int, signed: bool
) -> NDArray[np.bool_]:
    if signed:
        half = 2 ** (bits - 1)
        return np.asarray((meanings >= -half) & (meanings < half))
    return np.asarray(meanings < 2**bits)


def build_frame(
    stored: NDArray[np.integer],
    *,
    bits: int,
    modality: Rescale | ModalityTable | None = None,
    turned: bool = False,
    padding: tuple[int, int] | None = None,
    vois: Sequence[FileVoi] = (),
    spacing_mm: tuple[float, float] | None = None,
    spacing_kind: SpacingKind | None = None,
    eight_bit: bool = False,
) -> Frame:
    """Return the canonical frame of decoded stored values [rows, columns].

    stored    8 or 16 bits, signed or unsigned; `bits` of them carry the value
    turned    the smallest value is to be white (MONOCHROME1)
    padding   first and last stored value (both included) that mean "no image"
    vois      the file's VOIs in modality units
    eight_bit  the values are the greys 0 to 255 of a picture, shown as they are
    Raises NothingButPadding.
    """
    modality = modality or Rescale()
    signed = stored.dtype.kind == "i"
    codes = _codes(stored)
    meanings = _meanings(signed)
    used = histogram(codes) > 0
    blank = np.zeros(ENTRIES, dtype=np.bool_)
    if padding is not None:
        blank = (meanings >= padding[0]) & (meanings <= padding[1])
    if not (used & ~blank).any():
        raise NothingButPadding("It holds nothing but padding.")

    padded = bool((used & blank).any())
    lowest = 1 if padded else 0
    values = modality.of(meanings)
    # A decoder may hand out values beyond the bits that the header claims.
    allowed = _nominal(meanings, bits=bits, signed=signed) | (used & ~blank)
    grid = _lay_grid(
        modality.steps(), values[allowed], values[used & ~blank], MAXIMUM - lowest
    )
    slope = -grid.step if turned else grid.step
    intercept = (grid.high if turned else grid.low) - slope * lowest
    with np.errstate(over="ignore"):
        places = np.rint((values - intercept) / slope)
    table = np.clip(places, lowest, MAXIMUM).astype(np.uint16)
    if padded:
        table[blank] = 0
    pixels = table[codes]
    return Frame(
        pixels=pixels,
        padding=pixels == 0 if padded else None,
        windows=tuple(
            in_frame_units(voi, slope=slope, intercept=intercept) for voi in vois
        ),
        slope=slope,
        intercept=intercept,
        spacing_mm=spacing_mm,
        spacing_kind=spacing_kind,
        eight_bit=eight_bit,
    )
