"""One CR or DX DICOM file to a RadiographFile, or a sentence why not.

Sources: DICOM PS3.3 C.7.6.3 (image pixel), C.11.1 and C.11.2 (modality and VOI LUT),
C.7.5.1.1.2 (padding), C.8.7.10 and 10.7.1.3 (pixel spacing).
"""

import hashlib
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from readerstudy.cases.decoding import DAMAGED, parse, stored_values
from readerstudy.cases.deidentify import kept_header, text_of
from readerstudy.cases.frames import SpacingKind
from readerstudy.cases.greyscale import (
    ModalityTable,
    NothingButPadding,
    Rescale,
    build_frame,
)
from readerstudy.cases.radiograph import (
    RadiographFile,
    Refused,
    View,
    file_bytes,
    refuse_size,
    sha256,
)
from readerstudy.cases.voi import FileTable, FileVoi, Window, is_valid

MODALITIES = ("CR", "DX")
_CHEST = {"CHEST", "THORAX", "LUNG", "LUNGS", "RIBCAGE", "RIB", "HEART"}
_VIEWS: dict[str, View] = {
    "PA": "frontal",
    "AP": "frontal",
    "LL": "lateral",
    "RL": "lateral",
    "LAT": "lateral",
    "LATERAL": "lateral",
    "LLD": "unknown",
    "RLD": "unknown",
}
Pseudonym = Callable[[str], str]


def read_dicom(
    source: bytes, *, code_element: str = "", pseudonym: Pseudonym | None = None
) -> RadiographFile:
    """Read one file whole. Raises Refused.

    code_element  PatientID or AccessionNumber: its pseudonym becomes the case's code
    """
    content = file_bytes(source)
    try:
        dataset = parse(content)
        _refuse_unless_radiograph(dataset)
        return _radiograph(dataset, content, code_element, pseudonym)
    except Refused:
        raise
    except NothingButPadding as problem:
        raise Refused(str(problem)) from problem
    except DAMAGED as problem:
        words = " ".join(str(problem).split())[:200] or type(problem).__name__
        raise Refused(f"It is no readable DICOM file: {words}.") from problem


def _refuse_unless_radiograph(dataset: Dataset) -> None:
    """Refuse in the order in which a person would notice."""
    if not any(name in dataset for name in ("SOPClassUID", "Modality", "PixelData")):
        raise Refused("It is not a DICOM file.")
    modality = text_of(dataset, "Modality").upper()
    if modality and modality not in MODALITIES:
        raise Refused(f"Its modality is {modality[:16]}; only CR and DX are taken.")
    if "PixelData" not in dataset:
        raise Refused("It holds no pixel data.")
    if _whole(dataset, "NumberOfFrames", 1) != 1:
        raise Refused("It holds several frames; a radiograph has one.")
    photometric = text_of(dataset, "PhotometricInterpretation")
    if _whole(dataset, "SamplesPerPixel", 1) != 1:
        raise Refused(f"It is a colour image ({photometric[:16]}), not a radiograph.")
    if photometric not in ("MONOCHROME1", "MONOCHROME2"):
        raise Refused(
            f"Its photometric interpretation is {photometric[:16] or 'missing'}; "
            "a radiograph is MONOCHROME1 or MONOCHROME2."
        )
    refuse_size(_whole(dataset, "Rows", 0), _whole(dataset, "Columns", 0))
    if _whole(dataset, "BitsAllocated", 0) not in (8, 16):
        raise Refused("Its pixels have neither 8 nor 16 bits allocated.")


def _whole(dataset: Dataset, name: str, missing: int) -> int:
    """A whole number of the header; raises Refused where it is none."""
    value = dataset.get(name)
    if value is None or value == "":
        return missing
    try:
        return int(value)
    except (TypeError, ValueError):
        raise Refused(f"Its element {name} is no whole number.") from None


def _radiograph(
    dataset: Dataset, content: bytes, code_element: str, pseudonym: Pseudonym | None
) -> RadiographFile:
    if (
        not hasattr(dataset, "file_meta")
        or "TransferSyntaxUID" not in dataset.file_meta
    ):
        _assume_syntax(dataset)
    stored = stored_values(dataset, content)
    if stored.ndim != 2:
        raise Refused("Its pixel data are not one grey image.")
    bits = _whole(dataset, "BitsStored", 16)
    high = _whole(dataset, "HighBit", bits - 1)
    if not 1 <= bits <= 16 or high >= _whole(dataset, "BitsAllocated", 16):
        raise Refused(f"Its bits stored ({bits}) and high bit ({high}) make no sense.")
    stored = stored >> max(0, high + 1 - bits)
    warnings: list[str] = []
    spacing, kind = _spacing(dataset)
    frame = build_frame(
        stored,
        bits=bits,
        modality=_modality(dataset, warnings),
        turned=text_of(dataset, "PhotometricInterpretation") == "MONOCHROME1",
        padding=_padding(dataset),
        vois=_vois(dataset),
        spacing_mm=spacing,
        spacing_kind=kind,
    )
    body_part = _body_part(dataset, warnings)
    position = text_of(dataset, "ViewPosition").upper()
    uid = text_of(dataset, "SOPInstanceUID")
    return RadiographFile(
        frame=frame,
        header=kept_header(dataset),
        view=_VIEWS.get(position, "unknown"),
        view_reason=f"ViewPosition {position[:16]}" if position in _VIEWS else "",
        body_part=body_part,
        laterality=text_of(dataset, "ImageLaterality")[:1],
        sop_digest=hashlib.sha256(uid.encode()).hexdigest() if uid else "",
        source_sha256=sha256(content),
        code=_code(dataset, code_element, pseudonym),
        warnings=tuple(warnings),
    )


def _assume_syntax(dataset: Dataset) -> None:
    """A file without meta information: the encoding found, uncompressed."""
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import (
        ExplicitVRBigEndian,
        ExplicitVRLittleEndian,
        ImplicitVRLittleEndian,
    )

    implicit, little = dataset.original_encoding
    syntax = ImplicitVRLittleEndian
    if implicit is False:
        syntax = ExplicitVRLittleEndian if little else ExplicitVRBigEndian
    if not hasattr(dataset, "file_meta"):
        dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax


def _modality(dataset: Dataset, warnings: list[str]) -> Rescale | ModalityTable:
    sequence = dataset.get("ModalityLUTSequence")
    if sequence:
        first, _, entries = _table(sequence[0])
        return ModalityTable(first, entries)
    slope = _number(dataset.get("RescaleSlope"), 1.0)
    intercept = _number(dataset.get("RescaleIntercept"), 0.0)
    if slope == 0:
        warnings.append("Its rescale slope is 0 and was left out.")
        return Rescale()
    return Rescale(slope, intercept)


def _padding(dataset: Dataset) -> tuple[int, int] | None:
    value = dataset.get("PixelPaddingValue")
    if not isinstance(value, int):
        return None
    limit = dataset.get("PixelPaddingRangeLimit", value)
    other = limit if isinstance(limit, int) else value
    return min(value, other), max(value, other)


def _vois(dataset: Dataset) -> list[FileVoi]:
    """Tables before windows, each in the order of the file; unusable ones left out."""
    vois: list[FileVoi] = []
    for item in dataset.get("VOILUTSequence") or ():
        first, bits, entries = _table(item)
        vois.append(
            FileTable(first, entries, bits, text_of(item, "LUTExplanation")[:64])
        )
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
            str(names[number])[:64] if number < len(names) else "",
        )
        if is_valid(window):
            vois.append(window)
    return vois


def _table(item: Dataset) -> tuple[int, int, np.ndarray[Any, np.dtype[np.uint16]]]:
    """First mapped value, bits and entries of a lookup table of DICOM."""
    count, first, bits = (int(value) for value in item.LUTDescriptor)
    data = item.LUTData
    if isinstance(data, bytes):
        entries = np.frombuffer(data, dtype="<u2" if len(data) > count else "u1")
    else:
        entries = np.atleast_1d(np.asarray(data))
    entries = entries[: count or 65536].astype(np.uint16)
    if not len(entries) or not 1 <= bits <= 16:
        raise Refused("One of its lookup tables is empty or has no sensible depth.")
    return first, bits, entries


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


def _spacing(
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


def _body_part(dataset: Dataset, warnings: list[str]) -> str:
    part = text_of(dataset, "BodyPartExamined").upper()
    if not part:
        return ""
    if part in _CHEST:
        return "CHEST"
    warnings.append(f"Its body part is {part[:16]}: this may be no chest radiograph.")
    return "OTHER"


def _code(dataset: Dataset, element: str, pseudonym: Pseudonym | None) -> str | None:
    if not element or pseudonym is None:
        return None
    value = text_of(dataset, element)
    if not value:
        raise Refused(f"Its {element} is empty, so it gives the case no code.")
    return pseudonym(value)
