"""Radiographs with text burned in: drawn chests, written upon in many ways."""

from dataclasses import dataclass

import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont
from numpy.typing import NDArray

from inference.phantom.phantom import draw
from readerstudy.cases.deidentification.regions import Box
from readerstudy.cases.frames import Frame

SIZE = 1024
NAMES = ("SMITH^JOHN", "Doe, Jane", "MUELLER KARL", "A. Kowalska", "NGUYEN THI HOA")
NUMBERS = ("12.03.1961", "ID 4711-0815", "1961-03-12 14:07", "ACC 90233117", "F 58Y")
MARKERS = ("PA", "AP ERECT", "SUPINE", "PORTABLE", "LEFT", "RIGHT", "(R)", "L", "R.")
# As parts of the picture: the corner or edge at which a text begins.
PLACES = ((0.02, 0.02), (0.55, 0.02), (0.02, 0.94), (0.5, 0.94), (0.6, 0.12))


@dataclass(frozen=True)
class Written:
    """A text in a picture, and where it stands."""

    text: str
    box: Box
    is_marker: bool


@dataclass(frozen=True)
class Burned:
    frame: Frame
    texts: tuple[Written, ...]


def burned(number: int, size: int = SIZE) -> Burned:
    """A drawn chest with a name, a number and a marker, different for every number."""
    rng = np.random.default_rng(number)
    pixels = draw(700 + number, size=size).pixels.astype(np.float64)
    places = rng.permutation(len(PLACES))
    words = [
        (NAMES[number % len(NAMES)], False),
        (NUMBERS[(number // 2) % len(NUMBERS)], False),
        (MARKERS[number % len(MARKERS)], True),
    ]
    height = int(size * rng.uniform(0.018, 0.04))
    texts = []
    for (text, is_marker), place in zip(words, places, strict=False):
        x, y = (int(part * size) for part in PLACES[place])
        mask, box = _mask(text, x, y, height, size)
        # Machines write with the largest value, or a little below it.
        ink = 4095 * rng.uniform(0.96, 1.0)
        pixels = pixels * (1 - mask) + ink * mask
        texts.append(Written(text, box, is_marker))
    return Burned(Frame(pixels.astype(np.uint16)), tuple(texts))


def _mask(
    text: str, x: int, y: int, height: int, size: int
) -> tuple[NDArray[np.float64], Box]:
    picture = PIL.Image.new("L", (size, size))
    pen = PIL.ImageDraw.Draw(picture)
    font = PIL.ImageFont.load_default(height)
    pen.text((x, y), text, fill=255, font=font)
    left, top, right, bottom = map(int, pen.textbbox((x, y), text, font=font))
    box = Box(left, top, right - left, bottom - top)
    return np.asarray(picture) / 255, box
