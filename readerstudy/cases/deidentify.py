"""What of a DICOM header is kept: a short list of elements, each checked for its form.

Everything else - names, dates, UIDs, free text, private elements - is dropped, so what
nobody thought of is dropped too. Compare DICOM PS3.15, Table E.1-1.
"""

import re

from pydicom.dataset import Dataset

from readerstudy.cases.radiograph import HeaderValue

PROFILE = "readerstudy-allow-list/1"
# A code string of DICOM: nothing that a name or a sentence would fit into.
_CODE = re.compile(r"[A-Z0-9_ ]{1,16}")
_UID = re.compile(r"[0-9.]{1,64}")
_CODES = (
    "Modality",
    "BodyPartExamined",
    "ViewPosition",
    "ImageLaterality",
    "Laterality",
    "PhotometricInterpretation",
    "PresentationLUTShape",
    "PresentationIntentType",
    "PixelIntensityRelationship",
    "RescaleType",
    "LossyImageCompression",
)
_WHOLE_NUMBERS = ("BitsStored", "BitsAllocated", "PixelRepresentation")


def kept_header(dataset: Dataset) -> dict[str, HeaderValue]:
    """Return the allow-listed elements of a dataset that have the form they should."""
    kept: dict[str, HeaderValue] = {"profile": PROFILE}
    for name in _CODES:
        text = text_of(dataset, name).upper()
        if _CODE.fullmatch(text):
            kept[name] = text
    for name in _WHOLE_NUMBERS:
        value = dataset.get(name)
        if isinstance(value, int):
            kept[name] = int(value)
    meta = getattr(dataset, "file_meta", None)
    syntax = str(meta.get("TransferSyntaxUID", "")) if meta else ""
    if _UID.fullmatch(syntax):
        kept["TransferSyntaxUID"] = syntax
    return kept


def text_of(dataset: Dataset, name: str) -> str:
    """An element's value as stripped text; empty where it is missing or a list."""
    value = dataset.get(name)
    return str(value).strip() if isinstance(value, str | int) else ""
