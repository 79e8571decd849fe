"""What of a DICOM header is kept: a few elements, each with the values it may have.

The rules stand in deidentification/profile.py. A value is kept only if it is one of
those listed: an element that should hold a code holds a name in some files.
"""

from pydicom.dataset import Dataset
from pydicom.uid import UID

from readerstudy.cases.deidentification.policy import Policy
from readerstudy.cases.deidentification.profile import (
    BODY_PARTS,
    PROFILE,
    RULES,
    WINDOWS,
    Kind,
)
from readerstudy.cases.orientation import is_orientation
from readerstudy.cases.radiograph import HeaderValue

# What a refusal may name; anything else may be a name that stands in a wrong place.
_MODALITIES = frozenset(
    [
        "CT",
        "MR",
        "US",
        "XA",
        "RF",
        "MG",
        "NM",
        "PT",
        "PX",
        "IO",
        "OT",
        "SC",
        "ES",
        "GM",
        "SM",
        "XC",
        "SR",
        "PR",
        "KO",
        "DOC",
        "SEG",
        "REG",
        "RTIMAGE",
        "RTDOSE",
        "RTSTRUCT",
        "RTPLAN",
        "DR",
        "HC",
        "ECG",
    ]
)
_PHOTOMETRIC = frozenset(
    [
        "RGB",
        "YBR_FULL",
        "YBR_FULL_422",
        "YBR_PARTIAL_420",
        "YBR_ICT",
        "YBR_RCT",
        "HSV",
        "ARGB",
        "CMYK",
    ]
) | {"PALETTE COLOR"}


def kept_header(
    dataset: Dataset, policy: Policy | None = None
) -> dict[str, HeaderValue]:
    """Return what the profile keeps of a dataset, or puts in its place.

    Without a policy there is no secret: UIDs and dates are dropped.
    """
    kept: dict[str, HeaderValue] = {"profile": PROFILE}
    for rule in RULES:
        value = _kept(dataset, rule.element, rule.kind, rule.values, policy)
        if value is not None:
            kept[rule.element] = value
    return kept


def _kept(
    dataset: Dataset,
    element: str,
    kind: Kind,
    values: frozenset[str],
    policy: Policy | None,
) -> HeaderValue | None:
    text = text_of(dataset, element)
    if kind is Kind.LISTED:
        # The names of windows go with the windows: dicom_header.py.
        is_here = element not in ("WindowCenterWidthExplanation", "VOILUTFunction")
        return text.upper() if is_here and text.upper() in values else None
    if kind is Kind.DIRECTIONS:
        directions = dataset.get(element)
        return list(map(str, directions)) if is_orientation(directions) else None
    if kind is Kind.NUMBER:
        number = dataset.get(element)
        return int(number) if isinstance(number, int) else None
    if kind is Kind.SYNTAX:
        return _syntax(dataset)
    if policy is None or not text:
        return None
    if kind is Kind.UID:
        return policy.uid(text)
    if kind is Kind.DATE:
        return policy.shifted(text, text_of(dataset, "PatientID")) or None
    return None


def _syntax(dataset: Dataset) -> str | None:
    meta = getattr(dataset, "file_meta", None)
    syntax = UID(meta.get("TransferSyntaxUID", "")) if meta else UID("")
    return str(syntax) if syntax.is_transfer_syntax and not syntax.is_private else None


def window_label(explanation: str) -> str:
    """A window's name where it is a usual one, else nothing."""
    return explanation.strip() if explanation.strip().upper() in WINDOWS else ""


def text_of(dataset: Dataset, name: str) -> str:
    """An element's value as stripped text; empty where it is missing or a list."""
    value = dataset.get(name)
    return str(value).strip() if isinstance(value, str | int) else ""


def texts_of(dataset: Dataset, name: str) -> list[str]:
    """All values of an element as stripped texts."""
    value = dataset.get(name)
    values = [value] if isinstance(value, str | int) else value or []
    return [str(each).strip() for each in values]


def modality_word(modality: str) -> str:
    """A modality as a refusal names it."""
    if not modality:
        return "missing"
    return modality if modality in _MODALITIES else "none that is known"


def photometric_word(photometric: str) -> str:
    """A photometric interpretation as a refusal names it."""
    if not photometric:
        return "missing"
    return photometric if photometric in _PHOTOMETRIC else "none that is known"


def body_part_word(part: str) -> str:
    """A body part as a warning names it."""
    return part if part in BODY_PARTS else "none that is known"
