"""What a DICOM file held that is not kept: element by element, never a value.

Every place is looked into: the file's meta information, nested sequences, private
groups, overlays, and bytes behind the dataset. An element's tag and representation
are told; a private one's creator only where it is one that DICOM's makers use.
"""

import struct
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# pydicom has no public list of the private creators that are known.
from pydicom._private_dict import private_dictionaries
from pydicom.datadict import dictionary_VR, keyword_for_tag
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag, Tag
from pydicom.valuerep import VR

from readerstudy.cases.deidentification.profile import BY_ELEMENT, Kind
from readerstudy.cases.deidentification.trailing import Surplus

REMOVED, REPLACED = "removed", "replaced"
MOST_ELEMENTS = 2000
MOST_DEPTH = 12
_REPRESENTATIONS = {str(each.value) for each in VR}
# Where they are read, something else may be wrong with a file; it is told there.
_UNREADABLE = (
    *(ValueError, TypeError, LookupError, AttributeError, ArithmeticError),
    *(AssertionError, EOFError, OSError, RuntimeError, NotImplementedError),
    *(BytesLengthException, struct.error),
)


@dataclass(frozen=True, order=True)
class Element:
    """One element that a file held; `within` names the sequence that it stood in."""

    tag: str
    within: str
    name: str
    vr: str
    action: str


@dataclass(frozen=True)
class Removal:
    """What was removed from one file or replaced in it.

    elements   with how often each occurred
    further    how many more there were than are listed
    trailing   bytes behind the picture
    dates      what the collection does with dates
    """

    elements: tuple[tuple[Element, int], ...]
    further: int = 0
    trailing: int = 0
    dates: str = "dropped"

    def as_json(self) -> list[list[Any]]:
        """A row per element: tag, within, name, vr, action, count."""
        return [
            [each.tag, each.within, each.name, each.vr, each.action, count]
            for each, count in self.elements
        ]


# These have no tag of their own.
_PREAMBLE = Element("", "", "preamble of 128 bytes", "", REMOVED)
_COMMENTS = Element(
    "(7FE0,0010)", "PixelData", "comments within the compressed picture", "", REMOVED
)
_NOTHING = Surplus(preamble=False, comments=0, trailing=0)


def removal_of(
    dataset: Dataset,
    kept: Mapping[str, object],
    *,
    is_coded: str = "",
    surplus: Surplus = _NOTHING,
    dates: str = "dropped",
) -> Removal:
    """Compare a dataset with what is kept of it.

    kept       the header that is stored
    is_coded   the element whose pseudonym is the case's code
    surplus    what the file has beside header and picture
    """
    found = Counter(_found(dataset, kept, is_coded))
    if surplus.preamble:
        found[_PREAMBLE] = 1
    if surplus.comments:
        found[_COMMENTS] = surplus.comments
    meta = getattr(dataset, "file_meta", None)
    if meta is not None:
        found.update(_found(meta, kept, is_coded))
    listed = sorted(found.items())
    return Removal(
        elements=tuple(listed[:MOST_ELEMENTS]),
        further=sum(count for _, count in listed[MOST_ELEMENTS:]),
        trailing=surplus.trailing,
        dates=dates,
    )


def _found(
    dataset: Dataset, kept: Mapping[str, object], is_coded: str
) -> Iterator[Element]:
    for tag in list(dataset.keys()):
        action = _action(dataset, tag, kept, is_coded)
        if action:
            yield _element(dataset, tag, "", action)
        yield from _nested(dataset, tag, action, 1)


def _action(
    dataset: Dataset, tag: BaseTag, kept: Mapping[str, object], is_coded: str
) -> str:
    """Removed, replaced, or "" for what is kept as it is."""
    keyword = "" if tag.is_private else keyword_for_tag(tag)
    if tag.element == 0 or keyword == "FileMetaInformationVersion":
        return ""  # lengths and versions of the encoding, no content
    rule = BY_ELEMENT.get(keyword)
    if rule is None:
        return REMOVED
    if rule.kind is Kind.PIXELS:
        return ""
    if rule.kind is Kind.PSEUDONYM:
        return REPLACED if is_coded == keyword else REMOVED
    if rule.kind in (Kind.DATE, Kind.UID):
        return REPLACED if keyword in kept else REMOVED
    if keyword in ("VOILUTFunction", "WindowCenterWidthExplanation"):
        return "" if _is_listed(dataset, tag, rule.values) else REMOVED
    return "" if keyword in kept else REMOVED


def _is_listed(dataset: Dataset, tag: BaseTag, values: frozenset[str]) -> bool:
    try:
        value = dataset[tag].value
    except _UNREADABLE:
        return False
    words = [value] if isinstance(value, str) else list(value or ())
    return all(str(word).strip().upper() in values for word in words)


def _nested(dataset: Dataset, tag: BaseTag, action: str, depth: int) -> Iterator[Any]:
    """The elements in the items of a sequence; of a table that is read, its texts."""
    if depth > MOST_DEPTH or _vr(dataset, tag) not in ("SQ", "UN"):
        return
    try:
        value = dataset[tag].value
    except _UNREADABLE:
        return
    if not isinstance(value, Sequence):
        return
    within = _name(dataset, tag)
    for item in value:
        for inner in list(item.keys()):
            if inner.element == 0:
                continue
            is_table = keyword_for_tag(inner) in ("LUTDescriptor", "LUTData")
            if action or not is_table:
                yield _element(item, inner, within, REMOVED)
            yield from _nested(item, inner, REMOVED, depth + 1)


def _element(dataset: Dataset, tag: BaseTag, within: str, action: str) -> Element:
    return Element(
        tag=f"({tag.group:04X},{tag.element:04X})",
        within=within,
        name=_name(dataset, tag),
        vr=_vr(dataset, tag),
        action=action,
    )


def _vr(dataset: Dataset, tag: BaseTag) -> str:
    """The value representation, where it is one of DICOM's."""
    held = dataset.get_item(tag)
    vr = str(getattr(held, "VR", None) or "")
    if not vr or (vr == "UN" and not tag.is_private):
        try:
            vr = dictionary_VR(tag)
        except KeyError:
            vr = "UN"
    return vr if vr in _REPRESENTATIONS else "UN"


def _name(dataset: Dataset, tag: BaseTag) -> str:
    """An element's keyword; of a private one, whose it is."""
    if not tag.is_private:
        return keyword_for_tag(tag) or "unknown"
    if tag.is_private_creator:
        return f"private creator ({_known(dataset, tag)})"
    return f"private ({_known(dataset, Tag(tag.group, tag.element >> 8))})"


def _known(dataset: Dataset, tag: BaseTag) -> str:
    """A private creator's name if it is a known one; else it may name a person."""
    held = dataset.get_item(tag) if tag in dataset else None
    value = held.value if held is not None else None
    if isinstance(held, RawDataElement) and isinstance(value, bytes):
        value = value.decode("ascii", "replace")
    name = str(value or "").strip(" \0")
    return name if name in private_dictionaries else "unknown creator"
