"""A phantom as a DICOM file: a DX image, 12 bit, as a detector would send it.

Nothing in a file depends on when or where it was written, so that one seed and size
always give the same bytes.
"""

import uuid
from pathlib import Path
from typing import BinaryIO

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.sequence import Sequence
from pydicom.uid import (
    UID,
    DigitalXRayImageStorageForPresentation,
    ExplicitVRLittleEndian,
)

from inference.phantom.phantom import Phantom

BITS = 12
DAY = "20000101"
MOMENT = "120000"
NAMESPACE = uuid.UUID("6d1a3f0e-0f7b-5c0a-9a53-7c1f5f4a2b90")


def write_dicom(phantom: Phantom, target: str | Path | BinaryIO) -> None:
    """Write a phantom to a path or an open binary file; a file there is replaced."""
    dcmwrite(target, dataset_of(phantom), enforce_file_format=True)


def dataset_of(phantom: Phantom) -> Dataset:
    """The phantom as a dataset with file meta information, ready to be written."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    _describe_object(dataset, phantom)
    _describe_patient(dataset, phantom)
    _describe_exposure(dataset, phantom)
    _add_pixels(dataset, phantom)
    return dataset


def uid_of(*parts: str | int) -> UID:
    """A UID under the root for UUIDs, the same for the same parts."""
    name = "/".join(str(part) for part in parts)
    return UID(f"2.25.{uuid.uuid5(NAMESPACE, name).int}")


def _describe_object(dataset: Dataset, phantom: Phantom) -> None:
    """Identify image, series and study."""
    size = phantom.pixels.shape[0]
    findings = "+".join(str(finding) for finding in phantom.findings)
    image = uid_of("image", phantom.seed, size, findings)
    dataset.SOPClassUID = DigitalXRayImageStorageForPresentation
    dataset.SOPInstanceUID = image
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = image
    dataset.StudyInstanceUID = uid_of("study", phantom.seed)
    dataset.SeriesInstanceUID = uid_of("series", phantom.seed)
    dataset.StudyID = str(phantom.seed)
    dataset.SeriesNumber = 1
    dataset.InstanceNumber = 1
    dataset.AccessionNumber = ""
    dataset.ImageType = ["DERIVED", "PRIMARY"]
    dataset.StudyDate = dataset.ContentDate = dataset.AcquisitionDate = DAY
    dataset.StudyTime = dataset.ContentTime = dataset.AcquisitionTime = MOMENT
    dataset.StudyDescription = "Drawn chest phantom"
    dataset.SeriesDescription = "Chest PA, drawn, not a radiograph"
    dataset.ReferringPhysicianName = ""


def _describe_patient(dataset: Dataset, phantom: Phantom) -> None:
    """Name a patient that no one can take for a person."""
    dataset.PatientName = f"PHANTOM^{phantom.seed}"
    dataset.PatientID = f"PHANTOM-{phantom.seed}"
    dataset.PatientBirthDate = ""
    dataset.PatientSex = "O"
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = "Drawn by a program; there is no patient"


def _describe_exposure(dataset: Dataset, phantom: Phantom) -> None:
    """Say how the chest faces the detector and how large its pixels are."""
    spacing = f"{phantom.spacing_mm:.6f}"
    region = Dataset()
    region.CodeValue = "43799004"
    region.CodingSchemeDesignator = "SCT"
    region.CodeMeaning = "Thoracic cavity"
    dataset.Modality = "DX"
    dataset.PresentationIntentType = "FOR PRESENTATION"
    dataset.Manufacturer = "Drawn phantom"
    dataset.BodyPartExamined = "CHEST"
    dataset.AnatomicRegionSequence = Sequence([region])
    dataset.ViewPosition = "PA"
    dataset.ImageLaterality = "U"
    # The patient's left is at the right of the image, the feet at its bottom.
    dataset.PatientOrientation = ["L", "F"]
    dataset.DetectorType = "DIRECT"
    dataset.ImagerPixelSpacing = [spacing, spacing]
    dataset.BurnedInAnnotation = "NO"
    dataset.LossyImageCompression = "00"


def _add_pixels(dataset: Dataset, phantom: Phantom) -> None:
    """Add the pixels, uint16 [rows, columns], and how to look at them."""
    dataset.Rows, dataset.Columns = phantom.pixels.shape
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsAllocated = 16
    dataset.BitsStored = BITS
    dataset.HighBit = BITS - 1
    dataset.PixelRepresentation = 0
    dataset.PixelIntensityRelationship = "LOG"
    dataset.PixelIntensityRelationshipSign = -1
    dataset.RescaleIntercept = 0
    dataset.RescaleSlope = 1
    dataset.RescaleType = "US"
    dataset.PresentationLUTShape = "IDENTITY"
    dataset.WindowCenter = f"{phantom.centre:g}"
    dataset.WindowWidth = f"{phantom.width:g}"
    pixels = phantom.pixels.astype("<u2").tobytes()
    dataset.PixelData = pixels + b"\0" * (len(pixels) % 2)
