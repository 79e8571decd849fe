"""DICOM and 16-bit pictures to the 8-bit greys that a model is trained on.

The rule is that of a study's import: the first VOI of the file (a table before a
window), else a window over the 0.5 to the 99.5 percentile of the image; MONOCHROME1
turned, padding black. It is written here anew, in plain numpy, since the site's frames
also serve a viewer; a test holds the two against each other.
Sources: DICOM PS3.3 C.7.6.3.1 (photometric interpretation), C.7.5.1.1.2 (padding),
C.11.1 and C.11.2 (modality and VOI LUT).
"""

import math
import struct
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.pixels.processing import apply_modality_lut, apply_voi
from pydicom.uid import (
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

Values = NDArray[np.float64]
Greys = NDArray[np.uint8]

PERCENTILES = (0.5, 99.5)
# What pydicom and its decoders raise for damaged or unsupported content.
_DAMAGED = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    RecursionError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    BytesLengthException,
    InvalidDicomError,
)


def render_dicom(path: Path) -> Greys:
    """Return a radiograph [rows, columns] as 8-bit greys, air dark.

    Raises ValueError, in a sentence, for what is no readable grey image of one frame.
    """
    with warnings.catch_warnings():
        # pydicom warns of small faults in headers that do not touch the picture.
        warnings.simplefilter("ignore")
        try:
            dataset = pydicom.dcmread(path, force=True)
            photometric = _photometric(dataset)
            _assume_syntax(dataset)
            stored = np.asarray(dataset.pixel_array)
            return _rendered(stored, dataset, turned=photometric == "MONOCHROME1")
        except _Unfit as problem:
            raise ValueError(str(problem)) from problem
        except _DAMAGED as problem:
            words = " ".join(str(problem).split())[:200].strip(" .")
            raise ValueError(
                "This DICOM file is damaged or its pixel data are not supported: "
                f"{words or type(problem).__name__}."
            ) from problem


def render_deep(samples: NDArray[Any]) -> Greys:
    """Return grey levels of more than 8 bits [rows, columns] as 8-bit ones.

    A picture says nothing of how it wants to be shown, so the percentiles decide.
    """
    values = np.asarray(samples, dtype=np.float64)
    return _greys(_ramp(values, *_between_percentiles(values)))


class _Unfit(Exception):
    """A readable DICOM file that holds no radiograph; the text is the sentence."""


def _photometric(dataset: Dataset) -> str:
    if "PixelData" not in dataset:
        raise _Unfit("This is no DICOM file with an image in it.")
    photometric = str(dataset.get("PhotometricInterpretation", ""))
    if photometric not in ("MONOCHROME1", "MONOCHROME2"):
        raise _Unfit(
            f"Its photometric interpretation is {photometric[:16] or 'missing'}; a "
            "radiograph is MONOCHROME1 or MONOCHROME2."
        )
    if int(dataset.get("NumberOfFrames") or 1) != 1:
        raise _Unfit("It holds several frames; a radiograph has one.")
    return photometric


def _assume_syntax(dataset: Dataset) -> None:
    """A file without meta information: the encoding found, uncompressed."""
    if "TransferSyntaxUID" in getattr(dataset, "file_meta", ()):
        return
    implicit, little = dataset.original_encoding
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = (
        ImplicitVRLittleEndian
        if implicit
        else ExplicitVRLittleEndian
        if little
        else ExplicitVRBigEndian
    )


def _rendered(stored: NDArray[Any], dataset: Dataset, *, turned: bool) -> Greys:
    """Grey levels of stored values [rows, columns]."""
    if stored.ndim != 2 or not stored.size:
        raise _Unfit("Its pixel data are not one grey image.")
    blank = _padding(stored, dataset)
    if blank.all():
        raise _Unfit("It holds nothing but padding.")
    values = np.asarray(apply_modality_lut(stored, dataset), dtype=np.float64)
    shown = _shown(values, dataset, ~blank)
    greys = _greys(255 - shown if turned else shown)
    greys[blank] = 0
    return greys


def _shown(values: Values, dataset: Dataset, image: NDArray[np.bool_]) -> Values:
    """Brightness 0 to 255 of modality values by the first VOI, else by percentiles."""
    sequence = dataset.get("VOILUTSequence")
    if sequence:
        looked_up = np.asarray(
            apply_voi(np.rint(values).astype(np.int64), dataset, index=0)
        )
        # Some tables need more bits than they say.
        bits = max(int(sequence[0].LUTDescriptor[2]), int(looked_up.max()).bit_length())
        return looked_up.astype(np.float64) / (2**bits - 1) * 255
    window = _window(dataset)
    if window is None:
        return _ramp(values, *_between_percentiles(values[image]))
    centre, width, function = window
    if function == "SIGMOID":
        # Beyond +-700 the result is 0 or 255 to the last bit; exp would overflow.
        power = np.clip(-4 * (values - centre) / width, -700, 700)
        return np.asarray(255 / (1 + np.exp(power)), dtype=np.float64)
    if function == "LINEAR":
        centre, width = centre - 0.5, width - 1
    return _ramp(values, centre, width)


def _window(dataset: Dataset) -> tuple[float, float, str] | None:
    """Centre, width and function of the first window whose width DICOM allows."""
    function = str(dataset.get("VOILUTFunction") or "LINEAR").upper()
    if function not in ("LINEAR", "LINEAR_EXACT", "SIGMOID"):
        function = "LINEAR"
    centres, widths = (
        _numbers(dataset, "WindowCenter"),
        _numbers(dataset, "WindowWidth"),
    )
    for centre, width in zip(centres, widths, strict=False):
        least = width >= 1 if function == "LINEAR" else width > 0
        if math.isfinite(centre) and math.isfinite(width) and least:
            return centre, width, function
    return None


def _numbers(dataset: Dataset, name: str) -> list[float]:
    value = dataset.get(name)
    if value is None or value == "":
        return []
    several = [value] if isinstance(value, str | int | float) else list(value)
    return [float(one) for one in several]


def _padding(stored: NDArray[Any], dataset: Dataset) -> NDArray[np.bool_]:
    """Which pixels are no image."""
    value = dataset.get("PixelPaddingValue")
    if not isinstance(value, int):
        return np.zeros(stored.shape, dtype=np.bool_)
    limit = dataset.get("PixelPaddingRangeLimit", value)
    ends = sorted(_as_stored(int(one), dataset) for one in (value, limit))
    return np.asarray((stored >= ends[0]) & (stored <= ends[1]), dtype=np.bool_)


def _as_stored(value: int, dataset: Dataset) -> int:
    """A 16-bit number read with the sign of the pixels; many files have it wrong."""
    if dataset.get("PixelRepresentation") == 1:
        return value - 65536 if value > 32767 else value
    return value % 65536


def _between_percentiles(values: Values) -> tuple[float, float]:
    """Middle and extent of the ramp over the percentiles of the values."""
    low, high = (float(one) for one in np.percentile(values, PERCENTILES))
    return (low + high) / 2, high - low


def _ramp(values: Values, middle: float, extent: float) -> Values:
    """A straight ramp from 0 to 255; an extent of 0 is a threshold."""
    if extent == 0:
        return np.where(values > middle, 255.0, 0.0)
    return np.clip(((values - middle) / extent + 0.5) * 255, 0, 255)


def _greys(shown: Values) -> Greys:
    """Rounded half up."""
    return np.floor(shown + 0.5).astype(np.uint8)
