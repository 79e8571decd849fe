"""A small frame of a radiograph, which a reader sees while the whole one is coming."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from readerstudy.cases.frames import Frame, render_8bit
from readerstudy.cases.voi import Window

LONGEST_SIDE = 768


class PreviewSize(TypedDict):
    """Each pixel of a preview stands for `factor` x `factor` pixels of the frame."""

    rows: int
    columns: int
    factor: int


def preview_size(rows: int, columns: int) -> PreviewSize:
    """Return the size of the preview of a frame of this size."""
    factor = -(-max(rows, columns) // LONGEST_SIDE)
    return {
        "rows": -(-rows // factor),
        "columns": -(-columns // factor),
        "factor": factor,
    }


def preview_of(frame: Frame) -> Frame:
    """Return the frame averaged over squares; those at the far edges may be cut.

    Padding takes no part in an average, and a square that is mostly padding is padding.
    """
    size = preview_size(frame.rows, frame.columns)
    factor = size["factor"]
    if factor == 1:
        return frame
    small = np.empty((size["rows"], size["columns"]), dtype=np.uint16)
    starts = np.arange(0, frame.columns, factor)
    for row in range(size["rows"]):
        lines = frame.pixels[row * factor : (row + 1) * factor]
        sums = _sums(lines, starts)
        shares = np.diff(starts, append=frame.columns) * len(lines)
        if frame.padding is None:
            small[row] = (sums + shares // 2) // shares
            continue
        held = _sums(lines != 0, starts)
        means = (sums + held // 2) // np.maximum(held, 1)
        small[row] = np.where(2 * held < shares, 0, means)
    padding = None if frame.padding is None else small == 0
    return Frame(small, padding=padding, windows=frame.windows)


def shown_small(preview: Frame, description: Mapping[str, Any]) -> NDArray[np.uint8]:
    """Return a preview as 8-bit greys, in the window that its whole frame has."""
    auto = description["auto"]
    windows = preview.windows or (Window(auto["centre"], auto["width"]),)
    return render_8bit(replace(preview, windows=windows))


def _sums(
    lines: NDArray[np.uint16] | NDArray[np.bool_], starts: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The sums of all lines over the columns from each start to the next."""
    columns = lines.sum(axis=0, dtype=np.int64)
    sums: NDArray[np.int64] = np.add.reduceat(columns, starts)
    return sums
