"""What a radiograph's header and pixels give reason to look at. Flags inform; people
decide: no flag moves, hides or leaves out anything by itself."""

from collections.abc import Mapping
from typing import Any

from readerstudy.cases.deidentification.profile import CHEST
from readerstudy.cases.desk.looks import Look

SMALLEST_SIDE, LARGEST_SIDE = 256, 6000
MOST_ELONGATED = 1.5
# Real radiographs spread over 80 greys and more.
LEAST_SPREAD = 16

# Those that are kept with an image, and those that follow from what people set.
OF_IMAGES = {
    "body_part": "Other body part",
    "size": "Unusual size",
    "shape": "Unusual shape",
    "empty": "Almost empty",
    "inverted": "Perhaps inverted",
    "lost": "Pixels lost",
}
OF_CASES = {
    "lateral": "Lateral view",
    "view_unknown": "View unknown",
    "several": "Several radiographs",
    "several_frontal": "Several frontal",
}
FLAGS = OF_IMAGES | OF_CASES


def image_flags(
    *, header: Mapping[str, Any], rows: int, columns: int, look: Look
) -> dict[str, str]:
    """Return the flags of an image, each with its reason in a sentence."""
    return (
        _by_header(header)
        | _by_size(rows, columns)
        | _by_pixels(look, header.get("PhotometricInterpretation") == "MONOCHROME1")
    )


def _by_header(header: Mapping[str, Any]) -> dict[str, str]:
    part = header.get("BodyPartExamined")
    if not part or part in CHEST:
        return {}
    return {"body_part": f"The header says {part}."}


def _by_size(rows: int, columns: int) -> dict[str, str]:
    flags = {}
    size = f"{columns} \u00d7 {rows} pixels"
    shortest, longest = sorted((rows, columns))
    if shortest < SMALLEST_SIDE or longest > LARGEST_SIDE:
        flags["size"] = (
            f"{size}; a chest radiograph has {SMALLEST_SIDE} to {LARGEST_SIDE} a side."
        )
    if longest > MOST_ELONGATED * shortest:
        ratio = longest / shortest
        flags["shape"] = f"{size}: one side is {ratio:.1f} times the other."
    return flags


def _by_pixels(look: Look, is_monochrome1: bool) -> dict[str, str]:
    if look.spread < LEAST_SPREAD:
        return {"empty": f"Its pixels span {look.spread} of 256 greys."}
    if look.inverted:
        tag = " The file is MONOCHROME1, turned at import." if is_monochrome1 else ""
        return {"inverted": f"Its corners are brighter than its middle.{tag}"}
    return {}


def case_flags(*, view: str, radiographs: int, frontal: int) -> dict[str, str]:
    """Return the flags of a case, each with its reason.

    view          of the radiograph that is read, or empty where none is chosen
    radiographs   how many it has, without those of earlier examinations
    """
    flags = {}
    if view == "lateral":
        flags["lateral"] = "The radiograph that is read is a lateral view."
    if view == "unknown":
        flags["view_unknown"] = "Nothing says what view the radiograph is."
    if radiographs > 1:
        flags["several"] = f"It has {radiographs} radiographs; one is read."
    if frontal > 1:
        flags["several_frontal"] = f"It has {frontal} frontal radiographs; one is read."
    return flags
