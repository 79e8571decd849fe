"""Which side of the patient lies at which edge of the image.

Source: DICOM PS3.3 C.7.6.1.1.1. PatientOrientation names the direction of the rows (to
the right) and of the columns (downwards), each by one to three letters. A view alone
(PA, AP, LL) tells nothing of it: films are stored mirrored, too.
"""

from collections.abc import Iterable, Mapping
from typing import Any

_OPPOSITE = {"L": "R", "R": "L", "A": "P", "P": "A", "H": "F", "F": "H"}
_DIRECTIONS_OF_AXES = ({"L", "R"}, {"A", "P"}, {"H", "F"})


def is_orientation(value: Any) -> bool:
    """Whether this is a PatientOrientation: two directions that can be."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        return False
    directions = list(value)
    return len(directions) == 2 and all(map(_is_direction, directions))


def _is_direction(value: Any) -> bool:
    """One to three letters, of each axis of the body at most one."""
    letters = list(str(value))
    return (
        1 <= len(letters) <= 3
        and all(
            sum(letter in axis for letter in letters) <= 1
            for axis in _DIRECTIONS_OF_AXES
        )
        and all(letter in _OPPOSITE for letter in letters)
    )


def edge_letters(orientation: Any) -> Mapping[str, str] | None:
    """Return the letters at the left, right, top and bottom edge, or None."""
    if not is_orientation(orientation):
        return None
    right, bottom = (str(each) for each in orientation)
    return {
        "left": _opposite(right),
        "right": right,
        "top": _opposite(bottom),
        "bottom": bottom,
    }


def _opposite(direction: str) -> str:
    return "".join(_OPPOSITE[letter] for letter in direction)
