"""Open-i's Indiana reports: XML to sections, stratum and image names.

The four sections are kept apart as they stand, XXXX and markup-like text included.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from readerstudy.cases.radiograph import Refused, View
from readerstudy.cases.tables import LONGEST_CELL, read_table

Stratum = Literal["normal", "abnormal", "unknown"]
_UNKNOWN_TERMS = {"no indexing", "technical quality of image unsatisfactory"}
# Reports of Open-i have a tenth of it.
MOST_BYTES = 1024**2
_LONGEST_NAME = 400
_PROJECTIONS: dict[str, View] = {"frontal": "frontal", "lateral": "lateral"}


@dataclass(frozen=True)
class OpeniStudy:
    """One report file.

    code    CXR<n>
    images  canonical image names in the order of the file, see `image_name`
    """

    code: str
    comparison: str
    indication: str
    findings: str
    impression: str
    stratum: Stratum
    images: tuple[str, ...]

    @property
    def has_report(self) -> bool:
        return bool(self.findings or self.impression)


def read_study(content: bytes) -> OpeniStudy:
    """Read one XML file. Raises Refused."""
    if len(content) > MOST_BYTES:
        raise Refused(f"It has {len(content)} bytes; that is no report.")
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except ParseError as problem:
        raise Refused(f"It is no well-formed XML: {problem}.") from problem
    except (DefusedXmlException, ValueError, LookupError) as problem:
        raise Refused(
            "It is XML of a kind that is not read: no DTD, no entities."
        ) from problem
    identity = root.find("uId")
    code = (identity.get("id") or "").strip() if identity is not None else ""
    if root.tag != "eCitation" or not re.fullmatch(r"CXR[0-9]{1,9}", code):
        raise Refused("It is no report of Open-i: it has no uId such as CXR25.")
    sections = _sections(root)
    return OpeniStudy(
        code=code,
        comparison=sections.get("COMPARISON", ""),
        indication=sections.get("INDICATION", ""),
        findings=sections.get("FINDINGS", ""),
        impression=sections.get("IMPRESSION", ""),
        stratum=stratum_of([term.text or "" for term in root.findall("MeSH/major")]),
        images=tuple(
            image_name(image.get("id") or "") for image in root.iter("parentImage")
        ),
    )


def _sections(root: Element) -> dict[str, str]:
    """Texts by label; a label that comes twice has both texts."""
    sections: dict[str, str] = {}
    for element in root.iter("AbstractText"):
        label = (element.get("Label") or "").strip().upper()
        text = "".join(element.itertext()).strip()
        sections[label] = f"{sections.get(label, '')}\n{text}".strip()
        if len(sections[label]) > LONGEST_CELL:
            raise Refused(
                f"Its section {label[:20]} has {len(sections[label])} characters; "
                "that is no report."
            )
    return sections


def stratum_of(major: list[str]) -> Stratum:
    """Normal, abnormal or unknown by the terms that a person chose (MeSH major)."""
    terms = {term.strip().lower() for term in major if term.strip()}
    if terms == {"normal"}:
        return "normal"
    return "abnormal" if terms - _UNKNOWN_TERMS - {"normal"} else "unknown"


def image_name(name: str) -> str:
    """One name for an image, whether Open-i or its Kaggle form named it.

    CXR1000_IM-0003-1001.png and 1000_IM-0003-1001.dcm.png are the same image; the
    first study repeats its number (CXR1_1_IM-...), which Kaggle does not.
    """
    if len(name) > _LONGEST_NAME:
        return name[:_LONGEST_NAME]
    stem = re.sub(r"(\.(png|jpe?g|dcm|dicom))+$", "", name.strip(), flags=re.IGNORECASE)
    stem = re.sub(r"^CXR", "", stem, flags=re.IGNORECASE)
    return "CXR" + re.sub(r"^(\d+)_\1_IM", r"\1_IM", stem)


def read_projections(content: bytes, name: str) -> dict[str, View]:
    """Views by image name from a table with the columns filename and projection.

    Raises Refused, naming the row and column.
    """
    table = read_table(content, name)
    if not {"filename", "projection"} <= set(table.columns):
        raise Refused(f"{name}, row 1: it has no columns filename and projection.")
    views: dict[str, View] = {}
    for number, row in table.rows():
        image, word = image_name(row["filename"]), row["projection"]
        if word.lower() not in _PROJECTIONS:
            raise Refused(
                f"{name}, row {number}, column projection: {word[:20]!r} is neither "
                "Frontal nor Lateral."
            )
        view = _PROJECTIONS[word.lower()]
        if views.setdefault(image, view) != view:
            raise Refused(
                f"{name}, row {number}, column filename: {row['filename']} came before "
                "with another projection."
            )
    return views


def chosen_image(images: Mapping[str, View]) -> str | None:
    """Which image of a case is read: a frontal one, else one that may be frontal.

    Among images of unknown view a name that ends in -1001 is preferred: 93 of 100 such
    images are frontal. A lateral view is never chosen by itself.
    """
    frontal = [name for name, view in images.items() if view == "frontal"]
    unknown = [name for name, view in images.items() if view == "unknown"]
    likely = [name for name in unknown if name.endswith("-1001")]
    return next(iter(frontal + likely + unknown), None)
