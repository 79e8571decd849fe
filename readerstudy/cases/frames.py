"""The canonical frame: one radiograph as 16-bit pixels, larger is whiter.

Every radiograph becomes a frame once, at import (greyscale.py). Readers' viewer and
models both start from it, so they see the same picture. `render_8bit` is what a model
sees; `viewer_meta` with the bytes of `to_bytes` is what the reader's viewer gets.
"""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypedDict

import numpy as np
from numpy.typing import NDArray

from readerstudy.cases.voi import ENTRIES, LookupTable, Voi, Window, grey_table

MAXIMUM = 65535
AUTO_PERCENTILES = (0.5, 99.5)
# Counting goes by blocks: numpy widens what it counts to 64 bits.
BLOCK_PIXELS = 4_000_000

SpacingKind = Literal["detector", "calibrated"]


@dataclass(frozen=True, eq=False)
class Frame:
    """One radiograph.

    pixels        uint16 [rows, columns], larger = whiter (MONOCHROME1 is turned)
    padding       bool [rows, columns], True where there is no image, or None. With
                  padding, image pixels are 1..65535 and padding pixels are 0
    windows       the file's VOIs in frame units, tables before windows
    slope, intercept   modality value = slope * pixel + intercept; slope is negative
                  where the polarity was turned
    spacing_mm    distance of rows and of columns in mm, or None when the file is silent
    spacing_kind  "detector" (at the detector, larger than in the patient) or
                  "calibrated"
    eight_bit     the file was a picture of 256 greys, which are shown as they are
    """

    pixels: NDArray[np.uint16]
    padding: NDArray[np.bool_] | None = None
    windows: tuple[Voi, ...] = ()
    slope: float = 1.0
    intercept: float = 0.0
    spacing_mm: tuple[float, float] | None = None
    spacing_kind: SpacingKind | None = None
    eight_bit: bool = False

    @property
    def rows(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def columns(self) -> int:
        return int(self.pixels.shape[1])


class Spacing(TypedDict):
    row_mm: float
    column_mm: float
    kind: str


class ViewerMeta(TypedDict):
    """What the reader's viewer needs beside the pixels; names no source, no date."""

    rows: int
    columns: int
    windows: list[dict[str, Any]]
    auto: dict[str, float]
    padding: bool
    spacing: Spacing | None
    maximum: int


class Description(ViewerMeta):
    """A frame without its pixels, for the database; `from_bytes` takes it back."""

    slope: float
    intercept: float
    eight_bit: bool


def histogram(pixels: NDArray[np.unsignedinteger]) -> NDArray[np.int64]:
    """Count each of the 65,536 values of an unsigned array."""
    counts = np.zeros(ENTRIES, dtype=np.int64)
    flat = pixels.reshape(-1)
    for start in range(0, flat.size, BLOCK_PIXELS):
        block = flat[start : start + BLOCK_PIXELS]
        counts += np.bincount(block, minlength=ENTRIES)
    return counts


def _percentile(counts: NDArray[np.int64], percent: float) -> float:
    """The percentile of counted values, interpolated as numpy.percentile does."""
    cumulated = np.cumsum(counts)
    rank = percent / 100 * (int(cumulated[-1]) - 1)
    below = int(np.searchsorted(cumulated, np.floor(rank), side="right"))
    above = int(np.searchsorted(cumulated, np.ceil(rank), side="right"))
    return float(below + (rank - np.floor(rank)) * (above - below))


def automatic_window(frame: Frame) -> Window:
    """Return the window used when a file brings none.

    A picture of 256 greys is shown as it is. Otherwise the window spans the 0.5 to the
    99.5 percentile of the image pixels; padding is left out.
    """
    first = 0 if frame.padding is None else 1
    if frame.eight_bit:
        return Window(128, 256)
    counts = histogram(frame.pixels)
    counts[:first] = 0
    low, high = (_percentile(counts, percent) for percent in AUTO_PERCENTILES)
    # LINEAR ramps from centre - 0.5 - (width - 1) / 2, PS3.3 C.11.2.1.2.1.
    return Window((low + high) / 2 + 0.5, high - low + 1)


def render_8bit(frame: Frame) -> NDArray[np.uint8]:
    """Return the frame as a model sees it: uint8 [rows, columns], padding black.

    The file's first VOI is used, else `automatic_window`. An 8-bit picture without
    VOI passes through bit-equal.
    """
    voi = frame.windows[0] if frame.windows else automatic_window(frame)
    greys = grey_table(voi)
    if frame.padding is not None:
        greys[0] = 0
    return greys[frame.pixels]


def rendering_of(frame: Frame) -> dict[str, Any]:
    """Return how `render_8bit` renders a frame, for the record of a report.

    rule     "first VOI of the file", "0.5 to 99.5 percentile" or "8-bit picture as is"
    turned   whether the file's smallest value was white
    window   centre, width and function in frame units, or first value and number of
             entries of a table; the frame's description has its entries
    """
    if frame.windows:
        rule, voi = "first VOI of the file", frame.windows[0]
    else:
        low, high = AUTO_PERCENTILES
        percentile = f"{low} to {high} percentile"
        rule = "8-bit picture as is" if frame.eight_bit else percentile
        voi = automatic_window(frame)
    window = _voi_meta(voi, 1)
    window["entries"] = len(window.pop("values", ())) or None
    return {
        "rule": rule,
        "window": {key: value for key, value in window.items() if value is not None},
        "turned": frame.slope < 0,
        "padding": frame.padding is not None,
    }


def _voi_meta(voi: Voi, number: int) -> dict[str, Any]:
    if isinstance(voi, LookupTable):
        return {
            "kind": "table",
            "first": voi.first,
            "values": list(voi.values),
            "label": voi.explanation or f"Table {number}",
        }
    return {
        "kind": "window",
        "centre": voi.centre,
        "width": voi.width,
        "function": voi.function,
        "label": voi.explanation or f"Window {number}",
    }


def _voi_from_meta(meta: Mapping[str, Any]) -> Voi:
    if meta["kind"] == "table":
        return LookupTable(meta["first"], tuple(meta["values"]), meta["label"])
    return Window(meta["centre"], meta["width"], meta["function"], meta["label"])


def viewer_meta(frame: Frame) -> ViewerMeta:
    """Return the JSON that goes to the reader's viewer with the pixels.

    Cost: counts all pixels; store `describe` instead of calling this per request.
    """
    auto = automatic_window(frame)
    spacing: Spacing | None = None
    if frame.spacing_mm is not None:
        row_mm, column_mm = frame.spacing_mm
        kind = frame.spacing_kind or "detector"
        spacing = {"row_mm": row_mm, "column_mm": column_mm, "kind": kind}
    return {
        "rows": frame.rows,
        "columns": frame.columns,
        "windows": [_voi_meta(voi, n) for n, voi in enumerate(frame.windows, 1)],
        "auto": {"centre": auto.centre, "width": auto.width},
        "padding": frame.padding is not None,
        "spacing": spacing,
        "maximum": MAXIMUM,
    }


def describe(frame: Frame) -> Description:
    """Return everything but the pixels; the keys of `viewer_meta` are among it."""
    return {
        **viewer_meta(frame),
        "slope": frame.slope,
        "intercept": frame.intercept,
        "eight_bit": frame.eight_bit,
    }


def to_bytes(frame: Frame) -> bytes:
    """Return the pixels as gzip of little-endian uint16, row by row.

    The same frame always gives the same bytes (no time stamp).
    """
    return compressed(np.ascontiguousarray(frame.pixels, dtype="<u2").tobytes())


def compressed(pixels: bytes) -> bytes:
    """Return pixels as they are stored and sent."""
    return gzip.compress(pixels, compresslevel=4, mtime=0)


def from_bytes(content: bytes, description: Mapping[str, Any]) -> Frame:
    """Return the frame that `to_bytes` and `describe` were made from.

    Raises ValueError when the pixels do not fit the description.
    """
    shape = (description["rows"], description["columns"])
    raw = np.frombuffer(gzip.decompress(content), dtype="<u2")
    if raw.size != shape[0] * shape[1]:
        raise ValueError(f"The frame holds {raw.size} pixels instead of {shape}.")
    pixels = raw.reshape(shape).astype(np.uint16, copy=False)
    spacing = description["spacing"]
    return Frame(
        pixels=pixels,
        padding=pixels == 0 if description["padding"] else None,
        windows=tuple(_voi_from_meta(meta) for meta in description["windows"]),
        slope=description["slope"],
        intercept=description["intercept"],
        spacing_mm=(spacing["row_mm"], spacing["column_mm"]) if spacing else None,
        spacing_kind=spacing["kind"] if spacing else None,
        eight_bit=description["eight_bit"],
    )
