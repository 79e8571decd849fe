"""MIMIC-CXR's layout: studies in folders, text reports, the table of view positions.

files/p10/p10000032/s50414267/02aa804e-....dcm    a radiograph; .jpg in MIMIC-CXR-JPG
files/p10/p10000032/s50414267.txt                 the report of that study
mimic-cxr-2.0.0-metadata.csv                      dicom_id and ViewPosition
"""

import gzip
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from readerstudy.cases.radiograph import (
    MAXIMUM_FILE_BYTES,
    Refused,
    View,
    refuse_bytes,
)
from readerstudy.cases.tables import LONGEST_CELL, read_table

TABLES = ("metadata.csv", "metadata.csv.gz")
PICTURES = (".dcm", ".jpg", ".jpeg", ".png")
_STUDY = re.compile(r"(?:^|/)(p\d{4,12})/(s\d{4,12})(?:/[^/]+|\.txt)$", re.IGNORECASE)
_FRONTAL, _LATERAL = ("PA", "AP"), ("LATERAL", "LL", "RL", "XTABLE LATERAL")

# The sections of a report by the headings that radiologists gave them.
_HEADINGS = {
    "findings": ("findings", "finding"),
    "impression": ("impression", "impressions", "conclusion", "conclusions", "summary"),
    "indication": (
        *("indication", "indications", "history", "clinical history"),
        *("clinical information", "clinical indication", "patient history"),
        *("reason for exam", "reason for examination", "reason for the exam"),
        *("reason for study", "reason for the study"),
    ),
    "comparison": ("comparison", "comparisons", "comparison study"),
}
_SECTION_OF = {
    heading: section for section, names in _HEADINGS.items() for heading in names
}
# A line that opens a section: capitals before a colon, or a known heading in any case.
_HEADING = re.compile(r"^\s*([A-Za-z][A-Za-z0-9 ,/()&'-]{1,60}?)\s*:(.*)$")
# "PA AND LATERAL VIEWS OF THE CHEST:" stands where others write "FINDINGS:".
_OF_THE_CHEST = re.compile(r"\b(chest|views?|radiographs?|portable)\b", re.IGNORECASE)
_TITLE = re.compile(r"^\s*(FINAL REPORT|WET READ:?.*)\s*$")


@dataclass(frozen=True)
class MimicReport:
    """One report by its sections. `text` is the whole where none was made out."""

    indication: str = ""
    findings: str = ""
    impression: str = ""
    text: str = ""


def study_of(name: str) -> str:
    """Patient and study of a file by its path, such as "p10000032/s50414267"; or ""."""
    found = _STUDY.search(name)
    return f"{found[1]}/{found[2]}".lower() if found else ""


def dicom_id(name: str) -> str:
    """The name by which the tables of MIMIC-CXR call a radiograph."""
    return name.rpartition("/")[2].rpartition(".")[0].lower()


def read_report(content: bytes) -> MimicReport:
    """Read one report. Raises Refused."""
    if len(content) > LONGEST_CELL:
        raise Refused(f"It has {len(content)} characters; that is no report.")
    text = content.decode("utf-8", "replace").replace("\r\n", "\n").replace("\0", " ")
    if not text.strip():
        raise Refused("It is empty.")
    sections: dict[str, str] = {}
    for section, part in _parts(text):
        sections[section] = f"{sections.get(section, '')}\n{part}".strip()
    findings = sections.get("findings") or sections.get("views", "")
    impression = sections.get("impression", "")
    whole = "" if findings or impression else _unindented(text)
    return MimicReport(sections.get("indication", ""), findings, impression, whole)


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """Sections with their texts, in the order of the report."""
    section, lines = "", list[str]()
    for line in text.splitlines():
        opened = _opened(line)
        if opened is None:
            lines.append(line)
            continue
        yield section, _unindented("\n".join(lines))
        section, first = opened
        lines = [first]
    yield section, _unindented("\n".join(lines))


def _opened(line: str) -> tuple[str, str] | None:
    """The section that a line opens, and what of its text stands on that line."""
    found = _HEADING.match(line)
    if found is None:
        return None
    heading = " ".join(found[1].split())
    known = _SECTION_OF.get(heading.lower())
    if known:
        return known, found[2]
    # Two sections under one heading: "FINDINGS AND IMPRESSION".
    first = re.split(r" and |/|&", heading.lower())[0].strip()
    if heading.isupper() and first in _SECTION_OF:
        return _SECTION_OF[first], found[2]
    if heading.isupper():
        return ("views" if _is_views(heading) else ""), found[2]
    return None


def _is_views(heading: str) -> bool:
    return bool(_OF_THE_CHEST.search(heading)) and "EXAM" not in heading


def _unindented(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if not _TITLE.match(line)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def read_views(content: bytes, name: str) -> dict[str, View]:
    """Views by dicom_id from a table with the columns dicom_id and ViewPosition.

    Positions that say neither frontal nor lateral are left out. Raises Refused.
    """
    table = read_table(_inflated(content, name), name)
    if not {"dicom_id", "viewposition"} <= set(table.columns):
        raise Refused(f"{name}, row 1: it has no columns dicom_id and ViewPosition.")
    views: dict[str, View] = {}
    for _, row in table.rows():
        if view := view_of(row["viewposition"]):
            views[row["dicom_id"].lower()] = view
    return views


def _inflated(content: bytes, name: str) -> bytes:
    """The table is handed out compressed."""
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        with gzip.open(io.BytesIO(content)) as stream:
            table = stream.read(MAXIMUM_FILE_BYTES + 1)
    except (OSError, EOFError, zlib.error) as problem:
        raise Refused(f"{name} is damaged: {problem}.") from None
    refuse_bytes(len(table))
    return table


def view_of(position: str) -> View | None:
    """What a ViewPosition says; None where it says nothing of use."""
    word = position.strip().upper()
    if word in _LATERAL:
        return "lateral"
    return "frontal" if word.split(" ")[0] in _FRONTAL else None
