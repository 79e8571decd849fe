"""What of a DICOM header is kept: a few elements, each with the values it may have.

Everything else - names, dates, UIDs, free text, private elements - is dropped, so what
nobody thought of is dropped too. A value is kept only if it is one of those listed
here: an element that should hold a code holds a name in some files. Compare DICOM
PS3.15, Table E.1-1.
"""

import hmac
from collections.abc import Callable
from hashlib import sha256

from pydicom.dataset import Dataset
from pydicom.uid import UID

from readerstudy.cases.orientation import is_orientation
from readerstudy.cases.radiograph import HeaderValue

PROFILE = "readerstudy-allow-list/3"
Pseudonym = Callable[[str], str]

CHEST = frozenset({"CHEST", "THORAX", "LUNG", "LUNGS", "RIBCAGE", "RIB", "HEART"})
_BODY_PARTS = CHEST | {
    *("ABDOMEN", "ANKLE", "ARM", "CALCANEUS", "CLAVICLE", "COCCYX", "CSPINE", "ELBOW"),
    *("EXTREMITY", "FEMUR", "FINGER", "FOOT", "FOREARM", "HAND", "HIP", "HUMERUS"),
    *(
        "JAW",
        "KNEE",
        "LEG",
        "LSPINE",
        "NECK",
        "PELVIS",
        "SACRUM",
        "SCAPULA",
        "SHOULDER",
    ),
    *("SKULL", "SPINE", "STERNUM", "TOE", "TSPINE", "WRIST", "WHOLEBODY"),
}
_SIDES = frozenset({"L", "R", "U", "B"})
_VALUES: dict[str, frozenset[str]] = {
    "Modality": frozenset({"CR", "DX"}),
    "BodyPartExamined": frozenset(_BODY_PARTS),
    "ViewPosition": frozenset(
        {"PA", "AP", "LL", "RL", "LAT", "LATERAL", "LLD", "RLD", "LLO", "RLO"}
    ),
    "ImageLaterality": _SIDES,
    "Laterality": _SIDES,
    "PhotometricInterpretation": frozenset({"MONOCHROME1", "MONOCHROME2"}),
    "PresentationLUTShape": frozenset({"IDENTITY", "INVERSE"}),
    "PresentationIntentType": frozenset({"FOR PRESENTATION", "FOR PROCESSING"}),
    "PixelIntensityRelationship": frozenset({"LIN", "LOG", "DISP"}),
    "RescaleType": frozenset(
        {"OD", "HU", "US", "MGML", "Z_EFF", "PCT", "LOG_E REL", "P-VALUES", "P REL"}
    ),
    "LossyImageCompression": frozenset({"00", "01"}),
}
_WHOLE_NUMBERS = ("BitsStored", "BitsAllocated", "PixelRepresentation")
# What makers call the windows of a radiograph. It is free text, so no other is shown.
_WINDOWS = frozenset(
    {
        *("NORMAL", "STANDARD", "DEFAULT", "HARDER", "SOFTER", "HARD", "SOFT"),
        *("SHARP", "SMOOTH", "FLAT", "CONTRAST", "HIGH", "LOW", "USER", "AUTO"),
        *("CHEST", "THORAX", "LUNG", "LUNGS", "BONE", "MEDIASTINUM", "SOFT TISSUE"),
        *(f"WINDOW{number}" for number in range(1, 10)),
    }
)


def kept_header(dataset: Dataset) -> dict[str, HeaderValue]:
    """Return the allow-listed elements of a dataset that have a listed value."""
    kept: dict[str, HeaderValue] = {"profile": PROFILE}
    for name, values in _VALUES.items():
        text = text_of(dataset, name).upper()
        if text in values:
            kept[name] = text
    directions = dataset.get("PatientOrientation")
    if is_orientation(directions):
        kept["PatientOrientation"] = [str(each) for each in directions]
    for name in _WHOLE_NUMBERS:
        value = dataset.get(name)
        if isinstance(value, int):
            kept[name] = int(value)
    meta = getattr(dataset, "file_meta", None)
    syntax = UID(meta.get("TransferSyntaxUID", "")) if meta else UID("")
    if syntax.is_transfer_syntax and not syntax.is_private:
        kept["TransferSyntaxUID"] = str(syntax)
    return kept


def window_label(explanation: str) -> str:
    """A window's name where it is a usual one, else nothing."""
    return explanation.strip() if explanation.strip().upper() in _WINDOWS else ""


def text_of(dataset: Dataset, name: str) -> str:
    """An element's value as stripped text; empty where it is missing or a list."""
    value = dataset.get(name)
    return str(value).strip() if isinstance(value, str | int) else ""


def pseudonym(key: str, value: str) -> str:
    """A code, the same for the same value, that leads nowhere without the key."""
    digest = hmac.new(key.encode(), value.encode(), sha256)
    return f"P{digest.hexdigest()[:12]}"
