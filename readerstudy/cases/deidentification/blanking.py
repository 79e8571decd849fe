"""Rectangles of a frame, covered in a copy."""

from collections.abc import Sequence
from dataclasses import replace

from readerstudy.cases.deidentification.regions import Box
from readerstudy.cases.frames import Frame


def blanked(frame: Frame, boxes: Sequence[Box]) -> Frame:
    """A copy of a frame in which rectangles have the darkest value of the image.

    A frame is always larger = whiter, so this is black in MONOCHROME1 too. Padding is
    covered as well, for letters may have its value; nothing becomes padding.
    """
    padding = frame.padding
    image = frame.pixels if padding is None else frame.pixels[~padding]
    darkest = image.min()
    pixels = frame.pixels.copy()
    for box in boxes:
        rows = slice(box.top, box.top + box.height)
        columns = slice(box.left, box.left + box.width)
        pixels[rows, columns] = darkest
    left = None if padding is None else pixels == 0
    return replace(frame, pixels=pixels, padding=left)
