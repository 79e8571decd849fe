"""Small CR files of every kind, made from known stored values."""

import io

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ComputedRadiographyImageStorage, ExplicitVRLittleEndian

Values = NDArray[np.integer]
SHAPE = (70, 65)


def film(
    stored: Values,
    *,
    bits: int = 12,
    allocated: int = 16,
    high: int | None = None,
    signed: bool = False,
    photometric: str = "MONOCHROME2",
    syntax: UID = ExplicitVRLittleEndian,
    **elements: object,
) -> Dataset:
    """A CR dataset whose pixels hold these values in these bits."""
    high = bits - 1 if high is None else high
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.SOPClassUID = ComputedRadiographyImageStorage
    dataset.SOPInstanceUID = "2.25.1"
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.Modality = "CR"
    dataset.Rows, dataset.Columns = stored.shape
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = photometric
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = allocated, bits, high
    dataset.PixelRepresentation = int(signed)
    order = "<" if syntax.is_little_endian else ">"
    words = (stored.astype(np.int64) % 2**bits) << (high + 1 - bits)
    if signed:
        # Files fill the bits above a signed value with its sign.
        filled = stored.astype(np.int64) << (high + 1 - bits)
        words = filled % 2**allocated
    raw = words.astype(f"{order}u{allocated // 8}").tobytes()
    dataset.PixelData = raw + b"\0" * (len(raw) % 2)
    dataset["PixelData"].VR = "OW" if allocated == 16 else "OB"
    for name, value in elements.items():
        setattr(dataset, name, value)
    return dataset


def values(bits: int = 12, *, signed: bool = False, seed: int = 1) -> Values:
    """Random stored values over all that the bits allow."""
    low = -(2 ** (bits - 1)) if signed else 0
    return np.random.default_rng(seed).integers(low, low + 2**bits, SHAPE)


def smooth(bits: int = 12) -> Values:
    """Values without edges, which lossy codecs keep nearly as they are."""
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    shade = (np.sin(rows / 9) + np.cos(columns / 7) + 2) / 4
    return (shade * (2**bits - 1)).astype(np.int64)


def content_of(dataset: Dataset) -> bytes:
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()
