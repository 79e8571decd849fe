"""Which case a cell means: tables name cases by code, by file, by path or as Open-i."""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import TypeVar

from readerstudy.cases.names import composed, stem_of

Known = TypeVar("Known")

RULES = {
    "exact": "The code itself",
    "stem": "The name of a file, its ending left away",
    "path": "A path: the file's name or one of its folders",
    "openi": "An Open-i name, such as CXR3030_IM-1405 or 3030",
}
# No name of a case or a file is longer.
_LONGEST_NAME = 1_000
_PICTURE = re.compile(r"(\.(png|jpe?g|dcm|dicom))+$", re.IGNORECASE)
_NAMED = re.compile(r"CXR(\d{1,9})(?![0-9])", re.IGNORECASE)
_NUMBERED = re.compile(r"(\d{1,9})(_|\.|$)")


def case_of(
    cell: str, rule: str, known: Mapping[str, Known], *, before: str, after: str
) -> Known | None:
    """The case that a cell means by a rule, or None.

    before, after  what stands before and after the code and is no part of it
    """
    for name in names_in(cell, rule):
        bare = name.removeprefix(before).removesuffix(after)
        if bare in known:
            return known[bare]
    return None


def names_in(cell: str, rule: str) -> Iterator[str]:
    """What could be a code in a cell, the likeliest first."""
    if len(cell) > _LONGEST_NAME:
        return
    text = composed(cell)
    parts = [part for part in text.replace("\\", "/").split("/") if part]
    if rule == "exact" or not parts:
        yield text
    elif rule == "stem":
        yield from _stems(parts[-1])
    elif rule == "path":
        yield from _stems(parts[-1])
        yield from reversed(parts)
    else:
        yield from _openi(parts)


def _stems(file: str) -> Iterator[str]:
    yield stem_of(PurePosixPath(file))
    yield _PICTURE.sub("", file)


def _openi(parts: list[str]) -> Iterator[str]:
    for part in reversed(parts):
        if found := _NAMED.match(part):
            yield f"CXR{int(found[1])}"
    # A bare number within a path counts images; alone it is the study's.
    if found := _NUMBERED.match(parts[0] if len(parts) == 1 else ""):
        yield f"CXR{int(found[1])}"
