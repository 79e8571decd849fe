"""The 8-bit grey levels of a picture: what CXR-LLaVA reads and a case panel shows.

Knows no torch, so that a panel is drawn without it.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# Resized to 512 pixels across, a longer stripe would be beyond what Pillow opens.
LONGEST_TO_SHORTEST = 500


def eight_bit_grey(image: Image.Image) -> Image.Image:
    """Return the image as mode L: transparency is dropped, colours become their luma.

    As in the reference the samples decide, not the file's bit depth: a 16-bit file
    whose samples all fit passes. The first frame counts, and no rotation that a camera
    noted is applied. Raises ValueError, in a sentence, for a sample above 255 and for
    what the reference fails on: a damaged file, colours that have no luma, a stripe so
    long that it would fill the memory.
    """
    samples = _samples(image)
    if samples.size == 0:
        raise ValueError("The image is empty.")
    shortest, longest = sorted(image.size)
    if longest > LONGEST_TO_SHORTEST * shortest:
        raise ValueError(
            f"The image has {image.width} x {image.height} pixels, too long a stripe "
            "to be a radiograph: crop it first."
        )
    highest = samples.max()
    if np.isnan(highest):
        raise ValueError("The image has samples that are no numbers: save it anew.")
    if highest > 255:
        raise ValueError(
            f"This is a 16-bit image (its largest sample is {highest}). CXR-LLaVA "
            "reads 8-bit grey levels: render a display window first."
        )
    if samples.ndim == 2 and samples.dtype.kind in "iu" and samples.dtype.itemsize > 1:
        return Image.fromarray(samples.clip(0, 255).astype(np.uint8), mode="L")
    try:
        return image.convert("L")
    except ValueError as problem:
        raise ValueError(
            f"The image is of the kind {image.mode}, which has no grey levels: save it "
            "as an 8-bit PNG."
        ) from problem


def _samples(image: Image.Image) -> NDArray[Any]:
    if not isinstance(image, Image.Image):
        raise ValueError(
            f"Radiographs are given as PIL images, not as {type(image).__name__}."
        )
    try:
        return np.asarray(image)
    except (OSError, SyntaxError) as problem:  # Pillow's word for a broken PNG
        raise ValueError(
            f"The image is damaged or cut short ({problem}): copy it anew."
        ) from problem
