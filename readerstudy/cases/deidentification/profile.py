"""The header profile: every element of a DICOM file of which anything is kept, and why.

It is an allow-list. Whatever has no rule here is removed, so what nobody thought of is
removed too: names, numbers, free text, private elements, curves, overlays, icons,
embedded documents. The actions are those of DICOM PS3.15, Table E.1-1, of the Basic
Application Level Confidentiality Profile.
"""

from dataclasses import dataclass
from enum import Enum

PROFILE = "readerstudy-basic/4"


class Kind(Enum):
    """What a rule does with the value of its element; the value says it in words."""

    LISTED = "kept if it is a listed value"
    DIRECTIONS = "kept if it is two directions"
    NUMBER = "kept if it is a whole number"
    SYNTAX = "kept if DICOM defines it"
    PIXELS = "read as numbers to make the picture"
    PSEUDONYM = "replaced by a pseudonym where cases are coded by it, else removed"
    DATE = "shifted where the collection shifts dates, else removed"
    UID = "replaced by another UID, the same for the same original"


@dataclass(frozen=True)
class Rule:
    """What is kept of one element.

    action   the code of PS3.15, Table E.1-1, for what is done here: K keep, C clean,
             D replace by a dummy value, U replace by a consistent UID. Where a value
             does not satisfy the rule it is removed, X.
    """

    element: str
    kind: Kind
    action: str
    reason: str
    values: frozenset[str] = frozenset()


CHEST = frozenset({"CHEST", "THORAX", "LUNG", "LUNGS", "RIBCAGE", "RIB", "HEART"})
BODY_PARTS = CHEST | frozenset(
    [
        "ABDOMEN",
        "ANKLE",
        "ARM",
        "CALCANEUS",
        "CLAVICLE",
        "COCCYX",
        "CSPINE",
        "ELBOW",
        "EXTREMITY",
        "FEMUR",
        "FINGER",
        "FOOT",
        "FOREARM",
        "HAND",
        "HIP",
        "HUMERUS",
        "JAW",
        "KNEE",
        "LEG",
        "LSPINE",
        "NECK",
        "PELVIS",
        "SACRUM",
        "SCAPULA",
        "SHOULDER",
        "SKULL",
        "SPINE",
        "STERNUM",
        "TOE",
        "TSPINE",
        "WRIST",
        "WHOLEBODY",
    ]
)
_SIDES = frozenset("LRUB")
_VIEWS = frozenset(
    ["PA", "AP", "LL", "RL", "LAT", "LATERAL", "LLD", "RLD", "LLO", "RLO"]
)
_RESCALED = frozenset(
    {"OD", "HU", "US", "MGML", "Z_EFF", "PCT", "LOG_E REL", "P-VALUES", "P REL"}
)
# What makers call the windows of a radiograph. It is free text, so no other is shown.
WINDOWS = frozenset(
    {
        *("NORMAL", "STANDARD", "DEFAULT", "HARDER", "SOFTER", "HARD", "SOFT"),
        *("SHARP", "SMOOTH", "FLAT", "CONTRAST", "HIGH", "LOW", "USER", "AUTO"),
        *("CHEST", "THORAX", "LUNG", "LUNGS", "BONE", "MEDIASTINUM", "SOFT TISSUE"),
        *(f"WINDOW{number}" for number in range(1, 10)),
    }
)


def _listed(element: str, reason: str, values: frozenset[str]) -> Rule:
    return Rule(element, Kind.LISTED, "C", reason, values)


def _pixels(element: str, reason: str) -> Rule:
    return Rule(element, Kind.PIXELS, "K", reason)


_GREYS = "the grey levels are decoded by it"
_SHOWN = "the radiograph is shown through it"
_SIZE = "distances are measured by it"
_PADDING = "the surround is told from the patient by it"

RULES = (
    _listed("Modality", "only CR and DX are taken", frozenset({"CR", "DX"})),
    _listed("BodyPartExamined", "tells a chest from other parts", BODY_PARTS),
    _listed("ViewPosition", "tells a frontal view from a lateral one", _VIEWS),
    _listed("ImageLaterality", "letters at the edges of the picture", _SIDES),
    _listed("Laterality", "letters at the edges of the picture", _SIDES),
    _listed(
        "PhotometricInterpretation",
        "says whether small values are black or white",
        frozenset({"MONOCHROME1", "MONOCHROME2"}),
    ),
    _listed("PresentationLUTShape", _SHOWN, frozenset({"IDENTITY", "INVERSE"})),
    _listed(
        "PresentationIntentType",
        "says how far the picture is processed",
        frozenset({"FOR PRESENTATION", "FOR PROCESSING"}),
    ),
    _listed(
        "PixelIntensityRelationship",
        "says what the grey levels mean",
        frozenset({"LIN", "LOG", "DISP"}),
    ),
    _listed("RescaleType", "says what the grey levels mean", _RESCALED),
    _listed(
        "LossyImageCompression",
        "says whether detail was lost",
        frozenset({"00", "01"}),
    ),
    _listed("WindowCenterWidthExplanation", "names a window", WINDOWS),
    _listed("VOILUTFunction", _SHOWN, frozenset({"LINEAR", "LINEAR_EXACT", "SIGMOID"})),
    Rule(
        "PatientOrientation",
        Kind.DIRECTIONS,
        "C",
        "letters at the edges of the picture",
    ),
    *(
        Rule(element, Kind.NUMBER, "K", _GREYS)
        for element in ("BitsStored", "BitsAllocated", "PixelRepresentation")
    ),
    Rule("TransferSyntaxUID", Kind.SYNTAX, "K", "says how the pixels were stored"),
    *(
        _pixels(element, _GREYS)
        for element in (
            *("PixelData", "Rows", "Columns", "SamplesPerPixel", "NumberOfFrames"),
            *("HighBit", "RescaleSlope", "RescaleIntercept", "ModalityLUTSequence"),
        )
    ),
    *(
        _pixels(element, _SHOWN)
        for element in ("WindowCenter", "WindowWidth", "VOILUTSequence")
    ),
    *(
        _pixels(element, _SIZE)
        for element in (
            *("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing"),
            "PixelSpacingCalibrationType",
        )
    ),
    _pixels("PixelPaddingValue", _PADDING),
    _pixels("PixelPaddingRangeLimit", _PADDING),
    *(
        Rule(element, Kind.PSEUDONYM, "D", "files of one case are found by it")
        for element in ("PatientID", "AccessionNumber")
    ),
    *(
        Rule(element, Kind.DATE, "C", "says in which order radiographs were taken")
        for element in ("StudyDate", "AcquisitionDate")
    ),
    *(
        Rule(element, Kind.UID, "U", "radiographs of one examination are found by it")
        for element in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
    ),
)
BY_ELEMENT = {rule.element: rule for rule in RULES}
