"""Which rectangles of a picture are shown to a person, of all that a detector found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from readerstudy.cases.deidentification.markers import holds_marker, marker_of, words_of

# Machines write near the edges: a fifth of the picture from each of them.
BORDER = 0.2
# Letters have soft edges, which a detector's box leaves outside.
MARGIN = 0.25
LEAST_SCORE = 0.5
# Ribs and vessels look like strokes: inside the patient a reading must be surer.
LEAST_SCORE_INSIDE = 0.7


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels of the frame."""

    left: int
    top: int
    width: int
    height: int

    @property
    def area(self) -> int:
        return self.width * self.height

    def overlap(self, other: "Box") -> float:
        """The shared area as a part of the smaller one's, 0 to 1."""
        across = min(self.left + self.width, other.left + other.width)
        down = min(self.top + self.height, other.top + other.height)
        shared = max(0, across - max(self.left, other.left)) * max(
            0, down - max(self.top, other.top)
        )
        return shared / max(1, min(self.area, other.area))


@dataclass(frozen=True)
class Reading:
    """What a detector returns: four corners (x, y), the text, how sure it is."""

    corners: Sequence[tuple[float, float]]
    text: str
    score: float


@dataclass(frozen=True)
class Region:
    """A rectangle with something written in it. The text itself is not passed on."""

    box: Box
    place: Literal["border", "inside"]
    marker: str
    holds_marker: bool
    letters: int
    score: float


def regions_of(readings: Sequence[Reading], *, rows: int, columns: int) -> list[Region]:
    """The readings that are likely enough, from top to bottom."""
    found = [_region(reading, rows, columns) for reading in readings]
    return sorted(
        filter(None, found), key=lambda region: (region.box.top, region.box.left)
    )


def _region(reading: Reading, rows: int, columns: int) -> Region | None:
    box = boxed(reading.corners, rows=rows, columns=columns)
    letters = sum(map(len, words_of(reading.text)))
    is_inside = not _is_near_border(box, rows, columns)
    least = LEAST_SCORE_INSIDE if is_inside else LEAST_SCORE
    if not letters or reading.score < least:
        return None
    # A lone stroke inside the patient is no letter, unless it names a side.
    if is_inside and letters < 2 and not marker_of(reading.text):
        return None
    return Region(
        box=box,
        place="inside" if is_inside else "border",
        marker=marker_of(reading.text),
        holds_marker=holds_marker(reading.text),
        letters=letters,
        score=round(reading.score, 3),
    )


def boxed(corners: Sequence[tuple[float, float]], *, rows: int, columns: int) -> Box:
    """The upright rectangle around corners, with a margin, within the picture."""
    across, down = [x for x, _ in corners], [y for _, y in corners]
    margin = MARGIN * min(max(across) - min(across), max(down) - min(down))
    left = min(max(0, int(min(across) - margin)), columns - 1)
    top = min(max(0, int(min(down) - margin)), rows - 1)
    right = max(left + 1, min(columns, int(max(across) + margin) + 1))
    bottom = max(top + 1, min(rows, int(max(down) + margin) + 1))
    return Box(left, top, right - left, bottom - top)


def around(corners: Sequence[tuple[float, float]]) -> Box:
    """The upright rectangle around corners, as it is."""
    across, down = [x for x, _ in corners], [y for _, y in corners]
    left, top = int(min(across)), int(min(down))
    return Box(left, top, int(max(across)) - left + 1, int(max(down)) - top + 1)


def _is_near_border(box: Box, rows: int, columns: int) -> bool:
    """Whether the middle of a rectangle lies in the outer frame of the picture."""
    x, y = box.left + box.width / 2, box.top + box.height / 2
    nearest = min(x / columns, 1 - x / columns, y / rows, 1 - y / rows)
    return nearest < BORDER
