"""The radiographs that are measured with, as DICOM files and as the site stores them.

Each is drawn, so there is no patient; noise like a detector's keeps compression
honest. What a viewer should show is computed from the stored values with numpy alone,
by none of the site's code.
"""

import io
import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ComputedRadiographyImageStorage, ExplicitVRLittleEndian

from inference.phantom.phantom import draw
from readerstudy.cases.dicom import read_dicom
from readerstudy.cases.frames import Frame, to_bytes, viewer_meta
from readerstudy.cases.preview import preview_of, preview_size

SIDE = 3000
# No whole number of image pixels falls into one of these: a viewer that takes one
# sample of each footprint cannot hit its middle by luck.
STAGE = 960
DRAWN_SIDE = 750
NOISE = 0.002
Greys = NDArray[np.float64]
Stored = NDArray[np.uint16]


@dataclass(frozen=True, eq=False)
class Film:
    """One radiograph.

    dicom   the file that other viewers read
    meta, preview, frame   what this site serves for the same file; pixels are gzip
    greys   float [960, 960], 0..255: what is to be seen where it is shown fitted
    """

    name: str
    dicom: bytes
    meta: bytes
    preview: bytes
    frame: bytes
    greys: Greys


@dataclass(frozen=True)
class Grey:
    """How stored values become grey, as the file says it."""

    bits: int
    elements: dict[str, Any]
    turned: bool = False
    table: Greys | None = field(default=None, compare=False)
    centre: float = 0
    width: float = 0

    def __call__(self, mean: Greys) -> Greys:
        """PS3.3 C.11.1.1 (table) and C.11.2.1.2.1 (LINEAR), not rounded."""
        if self.table is not None:
            grey = np.interp(mean, np.arange(len(self.table)), self.table)
        else:
            grey = ((mean - (self.centre - 0.5)) / (self.width - 1) + 0.5) * 255
            grey = np.clip(grey, 0, 255)
        return 255 - grey if self.turned else grey


def films() -> dict[str, Film]:
    """The three kinds of the comparison."""
    return {
        "raw16": film("raw16", 1, _window(bits=16)),
        "mono1": film("mono1", 2, _window(bits=16, turned=True)),
        "voilut": film("voilut", 3, _sigmoid_table()),
    }


def cases(count: int) -> dict[str, Film]:
    """Radiographs of one kind that follow each other, as in a session."""
    names = {f"case{number}": 10 + number for number in range(count)}
    return {name: film(name, seed, _window(bits=16)) for name, seed in names.items()}


def dicom(seed: int) -> bytes:
    """A radiograph of SIDE x SIDE pixels of 16 bits as a file, one for each seed."""
    grey = _window(bits=16)
    return _dicom(seed, _exposure(seed, grey.bits), grey)


def film(name: str, seed: int, grey: Grey) -> Film:
    stored = _exposure(seed, grey.bits)
    if grey.turned:
        stored = (2**grey.bits - 1 - stored).astype(np.uint16)
    content = _dicom(seed, stored, grey)
    frame = read_dicom(content).frame
    return Film(
        name=name,
        dicom=content,
        meta=json.dumps(_description(frame)).encode(),
        preview=to_bytes(preview_of(frame)),
        frame=to_bytes(frame),
        greys=grey(_averaged(stored)),
    )


def _description(frame: Frame) -> dict[str, Any]:
    """As cases.services.viewer_description, of a radiograph in no database."""
    size = preview_size(frame.rows, frame.columns)
    return {**viewer_meta(frame), "preview": size, "orientation": None}


def _exposure(seed: int, bits: int) -> Stored:
    """A chest of SIDE pixels that uses most of these bits."""
    small = draw(seed, size=DRAWN_SIDE).pixels.astype(np.float64)
    times = SIDE // DRAWN_SIDE
    share = small.repeat(times, axis=0).repeat(times, axis=1) / 4096
    noise = np.random.default_rng(seed).normal(0, NOISE, share.shape)
    values = np.clip((share + noise) * 2**bits, 1, 2**bits - 2)
    return np.asarray(values, dtype=np.uint16)


def _averaged(stored: Stored) -> Greys:
    """The mean stored value behind each pixel of the screen, by area."""
    edges = np.linspace(0, SIDE, STAGE + 1)
    pixels = np.arange(SIDE)
    ends = np.minimum(edges[1:, None], pixels + 1)
    overlap = np.clip(ends - np.maximum(edges[:-1, None], pixels), 0, 1)
    weights = overlap / overlap.sum(axis=1, keepdims=True)
    return np.asarray(weights @ stored @ weights.T, dtype=np.float64)


def _window(*, bits: int, turned: bool = False) -> Grey:
    centre, width = 2.0 ** (bits - 1), 0.8 * 2**bits
    elements = {"WindowCenter": f"{centre:.0f}", "WindowWidth": f"{width:.0f}"}
    return Grey(bits, elements, turned, centre=centre, width=round(width))


def _sigmoid_table() -> Grey:
    """A file with a VOI LUT of 4096 entries of 12 bits, and no window."""
    values = np.arange(4096)
    curve = 1 / (1 + np.exp(-4 * (values - 1900) / 1400))
    entries = np.round(4095 * curve).astype(np.uint16)
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [4096, 0, 12])
    item.LUTExplanation = "Sigmoid"
    item.add_new("LUTData", "US", entries.tolist())
    elements = {"VOILUTSequence": Sequence([item])}
    return Grey(12, elements, table=entries / 4095 * 255)


def _dicom(seed: int, stored: Stored, grey: Grey) -> bytes:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = ComputedRadiographyImageStorage
    dataset.SOPInstanceUID = f"2.25.{1000 + seed}"
    dataset.StudyInstanceUID = f"2.25.{2000 + seed}"
    dataset.SeriesInstanceUID = f"2.25.{3000 + seed}"
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.Modality = "CR"
    dataset.PatientName, dataset.PatientID = "DRAWN^Phantom", f"PHANTOM-{seed}"
    dataset.StudyDate, dataset.StudyTime = "20000101", "120000"
    dataset.SeriesNumber = dataset.InstanceNumber = 1
    dataset.BodyPartExamined, dataset.ViewPosition = "CHEST", "PA"
    dataset.ImagerPixelSpacing = [0.1, 0.1]
    dataset.Rows, dataset.Columns = stored.shape
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME1" if grey.turned else "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored = 16, grey.bits
    dataset.HighBit, dataset.PixelRepresentation = grey.bits - 1, 0
    dataset.RescaleIntercept, dataset.RescaleSlope = 0, 1
    for name, value in grey.elements.items():
        setattr(dataset, name, value)
    dataset.add_new("PixelData", "OW", stored.astype("<u2").tobytes())
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()
