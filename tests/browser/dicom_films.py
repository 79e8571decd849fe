"""Radiographs as DICOM files, and how the standard wants them shown: numpy and pydicom.

The rendering follows PS3.3: modality LUT (C.11.1, by pydicom), VOI (C.11.2), polarity
(C.7.6.3.1.2), padding (C.7.5.1.1.2). It knows nothing of the site's code.
"""

import io
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pydicom
from pydicom.dataset import Dataset
from pydicom.pixels import apply_modality_lut

from tests.browser.viewer_reference import Greys, rendering
from tests.cases.films import content_of, film


@dataclass(frozen=True)
class Film:
    """How a test file is made: its pixel depth, and further elements."""

    bits: int = 12
    signed: bool = False
    photometric: str = "MONOCHROME2"
    padding: int | None = None
    elements: dict[str, Any] = field(default_factory=dict)

    def content(self) -> bytes:
        """Return the bytes of the file."""
        elements = dict(self.elements)
        values = chest(self.bits, signed=self.signed)
        if self.padding is not None:
            values[:80, :] = values[:, :90] = self.padding
            elements["PixelPaddingValue"] = self.padding
        return content_of(
            film(
                values,
                bits=self.bits,
                signed=self.signed,
                photometric=self.photometric,
                **elements,
            )
        )


def chest(bits: int, *, signed: bool = False) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Stored values [1100, 950] over all that the bits allow: waves, an edge, noise."""
    rows, columns = np.mgrid[:1100, :950] / 1100
    shade = 0.5 + 0.3 * np.sin(9 * columns) * np.cos(7 * rows) + 0.15 * (columns > rows)
    shade = shade + np.random.default_rng(7).normal(0, 0.02, shade.shape)
    low = -(2 ** (bits - 1)) if signed else 0
    return np.clip(shade * 2**bits, 1, 2**bits - 1).astype(np.int64) + low


def table_of(bits: int, first: int, entries: int, *, power: float = 1.6) -> Dataset:
    """An item of a VOI or a modality LUT sequence with a curve of its own."""
    item = Dataset()
    item.LUTDescriptor = [entries, first, bits]
    curve = (np.arange(entries) / (entries - 1)) ** power * (2**bits - 1)
    item.LUTData = np.round(curve).astype("<u2").tobytes()
    item["LUTData"].VR = "OW"
    item["LUTDescriptor"].VR = "US"
    return item


def rendered(content: bytes, size: tuple[int, int]) -> Greys:
    """Return the greys of a file's first VOI, fitted to a canvas of this size."""
    dataset = pydicom.dcmread(io.BytesIO(content))
    stored = dataset.pixel_array
    modality = np.asarray(apply_modality_lut(stored, dataset), dtype=np.float64)
    padded = np.zeros(stored.shape, dtype=bool)
    if "PixelPaddingValue" in dataset:
        padded = stored == dataset.PixelPaddingValue
    # `rendering` takes 0 for padding, so the image's values are moved away from it.
    moved = np.where(padded, 0.0, modality - modality.min() + 1)
    voi = _moved(_first_voi(dataset, modality[~padded]), modality.min() - 1)
    return rendering(
        moved,
        voi,
        size,
        padding=bool(padded.any()),
        invert=dataset.PhotometricInterpretation == "MONOCHROME1",
    )


def _first_voi(dataset: Dataset, present: Greys) -> dict[str, Any]:
    """Tables before windows; without either, the 0.5 to the 99.5 percentile."""
    sequence = dataset.get("VOILUTSequence")
    if sequence:
        item = sequence[0]
        entries, first, bits = (int(value) for value in item.LUTDescriptor)
        raw = item.LUTData
        data = np.frombuffer(raw, "<u2") if isinstance(raw, bytes) else np.array(raw)
        greys = data[: entries or 65536] / (2**bits - 1) * 255
        return {"kind": "table", "first": first, "values": greys}
    if dataset.get("WindowCenter", "") != "":
        return {
            "kind": "window",
            "centre": _first(dataset.WindowCenter),
            "width": _first(dataset.WindowWidth),
            "function": dataset.get("VOILUTFunction") or "LINEAR",
        }
    low, high = np.percentile(present, [0.5, 99.5])
    return {
        "kind": "window",
        "centre": (low + high) / 2,
        "width": high - low,
        "function": "LINEAR_EXACT",
    }


def _first(value: Any) -> float:
    return float(np.atleast_1d(value)[0])


def _moved(voi: dict[str, Any], by: float) -> dict[str, Any]:
    """The same VOI for values that are smaller by so much."""
    name = "first" if voi["kind"] == "table" else "centre"
    return voi | {name: voi[name] - by}
