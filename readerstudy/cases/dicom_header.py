"""What a DICOM header says of the pixels: padding, modality LUT, VOIs, spacing.

Sources: DICOM PS3.3 C.11.1 and C.11.2 (modality and VOI LUT), C.7.5.1.1.2 (padding),
C.8.7.10 and 10.7.1.3 (pixel spacing). Where files break a rule in a known way, the
intended reading is taken; a comment says which.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from readerstudy.cases.deidentify import text_of, window_label
from readerstudy.cases.frames import SpacingKind
from readerstudy.cases.greyscale import ModalityTable, Rescale
from readerstudy.cases.radiograph import Refused
from readerstudy.cases.voi import FileTable, FileVoi, Window, is_valid


def whole(dataset: Dataset, name: str, missing: int) -> int:
    """A whole number of the header; raises Refused where it is none."""
    value = dataset.get(name)
    if value is None or value == "":
        return missing
    try:
        return int(value)
    except (TypeError, ValueError):
        raise Refused(f"Its element {name} is no whole number.") from None


def padding_of(dataset: Dataset) -> tuple[int, int] | None:
    value = dataset.get("PixelPaddingValue")
    if not isinstance(value, int):
        return None
    limit = dataset.get("PixelPaddingRangeLimit", value)
    ends = [_as_stored(dataset, each) for each in (value, limit) if type(each) is int]
    return min(ends), max(ends)


def _as_stored(dataset: Dataset, value: int) -> int:
    """A 16-bit number read with the sign of the pixels; many files have it wrong."""
    if _is_signed(dataset):
        return value - 65536 if value > 32767 else value
    return value % 65536


def _is_signed(dataset: Dataset) -> bool:
    return whole(dataset, "PixelRepresentation", 0) == 1


def _nominal(dataset: Dataset) -> tuple[int, int]:
    """The lowest and the highest value that the stored bits allow."""
    bits = whole(dataset, "BitsStored", 16)
    if _is_signed(dataset):
        return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    return 0, 2**bits - 1


def modality_of(dataset: Dataset, warnings: list[str]) -> Rescale | ModalityTable:
    sequence = dataset.get("ModalityLUTSequence")
    if sequence:
        highest = _nominal(dataset)[1]
        first, _, entries = _table(sequence[0], dataset, highest=highest)
        return ModalityTable(first, entries)
    slope = _number(dataset.get("RescaleSlope"), 1.0)
    intercept = _number(dataset.get("RescaleIntercept"), 0.0)
    if slope == 0:
        warnings.append("Its rescale slope is 0 and was left out.")
        return Rescale()
    return Rescale(slope, intercept)


def vois_of(
    dataset: Dataset, modality: Rescale | ModalityTable, warnings: list[str]
) -> list[FileVoi]:
    """Tables before windows, each in the order of the file; unusable ones left out."""
    vois: list[FileVoi] = []
    highest = 65535.0
    if isinstance(modality, Rescale):
        highest = float(modality.of(np.array(_nominal(dataset), dtype=float)).max())
    for item in dataset.get("VOILUTSequence") or ():
        try:
            first, bits, entries = _table(item, dataset, highest=highest)
        except (Refused, AttributeError, TypeError, ValueError):
            warnings.append("One of its VOI lookup tables is damaged and was left out.")
            continue
        label = window_label(text_of(item, "LUTExplanation"))
        vois.append(FileTable(first, entries, bits, label))
    centres, widths = _list(dataset, "WindowCenter"), _list(dataset, "WindowWidth")
    names = _list(dataset, "WindowCenterWidthExplanation")
    function: Any = text_of(dataset, "VOILUTFunction").upper() or "LINEAR"
    if function not in ("LINEAR", "LINEAR_EXACT", "SIGMOID"):
        function = "LINEAR"
    for number, (centre, width) in enumerate(zip(centres, widths, strict=False)):
        window = Window(
            _number(centre, math.nan),
            _number(width, math.nan),
            function,
            window_label(str(names[number])) if number < len(names) else "",
        )
        if is_valid(window):
            vois.append(window)
    return vois


def _table(
    item: Dataset, dataset: Dataset, *, highest: float
) -> tuple[int, int, NDArray[np.uint16]]:
    """First mapped value, bits and entries of a lookup table of DICOM.

    highest   the highest value that can be looked up
    """
    count, first, bits = (int(value) for value in item.LUTDescriptor)
    count = count % 65536 or 65536
    if first > max(highest, 32767):
        # A negative number that the file stores as an unsigned one.
        first -= 65536
    data = item.LUTData
    if isinstance(data, bytes):
        is_little = dataset.original_encoding[1] is not False
        found = _entries(data, count, is_little=is_little)
    else:
        found = np.atleast_1d(np.asarray(data))
    entries: NDArray[np.uint16] = found[:count].astype(np.uint16)
    if not len(entries) or not 1 <= bits <= 16:
        raise Refused("Its modality lookup table is empty or has no sensible depth.")
    # Some tables need more bits than they say.
    return first, max(bits, int(entries.max()).bit_length()), entries


def _entries(data: bytes, count: int, *, is_little: bool) -> NDArray[np.integer]:
    """The entries of a table that came as bytes: words, or two entries to a word."""
    order = "<u2" if is_little else ">u2"
    if len(data) > count + 1:
        return np.frombuffer(data[: len(data) // 2 * 2], dtype=order)
    words = np.frombuffer(data + b"\0" * (len(data) % 2), dtype=order)
    return words.astype("<u2").view(np.uint8)


def spacing_of(
    dataset: Dataset,
) -> tuple[tuple[float, float] | None, SpacingKind | None]:
    """Distance of rows and columns, and where it holds."""
    calibrated = bool(text_of(dataset, "PixelSpacingCalibrationType"))
    names = ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing")
    for name in names if calibrated else names[1:] + names[:1]:
        values = [_number(value, 0.0) for value in _list(dataset, name)]
        if len(values) == 2 and min(values) > 0:
            kind: SpacingKind = (
                "calibrated" if calibrated and name == "PixelSpacing" else "detector"
            )
            return (values[0], values[1]), kind
    return None, None


def _list(dataset: Dataset, name: str) -> list[Any]:
    value = dataset.get(name)
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, MultiValue | list) else [value]


def _number(value: Any, missing: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return missing
    return number if math.isfinite(number) else missing
