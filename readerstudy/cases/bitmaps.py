"""One PNG or JPEG file to a RadiographFile. Grey levels of 8 bits pass unchanged."""

import io
import warnings

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from readerstudy.cases.greyscale import build_frame
from readerstudy.cases.radiograph import (
    RadiographFile,
    Refused,
    file_bytes,
    refuse_size,
    sha256,
)

FORMATS = ("PNG", "JPEG")
# A grey film saved as colour JPEG has channels that differ by a few levels.
_COLOUR_DIFFERENCE = 24
# What Pillow raises for damaged files; a SyntaxError is its word for a broken PNG.
_DAMAGED = (
    OSError,
    ValueError,
    TypeError,
    LookupError,
    SyntaxError,
    EOFError,
    ArithmeticError,
    MemoryError,
    RecursionError,
    Image.DecompressionBombError,
)


def read_bitmap(source: bytes) -> RadiographFile:
    """Read one picture whole. Raises Refused."""
    content = file_bytes(source)
    pixels = _pixels(content)
    eight_bit = pixels.dtype == np.uint8
    return RadiographFile(
        frame=build_frame(pixels, bits=8 if eight_bit else 16, eight_bit=eight_bit),
        header={},
        view="unknown",
        view_reason="",
        body_part="",
        source_sha256=sha256(content),
        code=None,
        warnings=(),
    )


def _pixels(content: bytes) -> NDArray[np.integer]:
    with warnings.catch_warnings():
        # Sizes are checked below; Pillow warns of EXIF that nobody reads here.
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                refuse_size(image.height, image.width)
                if getattr(image, "n_frames", 1) != 1:
                    raise Refused("It is an animation, not a radiograph.")
                image.load()
                return _grey(image)
        except Refused:
            raise
        except _DAMAGED as problem:
            raise Refused("It is no readable PNG or JPEG picture.") from problem


def _grey(image: Image.Image) -> NDArray[np.integer]:
    """Grey levels [rows, columns] of 8 or 16 bits."""
    if image.mode in ("I;16", "I;16B", "I"):
        values = np.asarray(image)
        if values.min() < 0 or values.max() > 65535:
            raise Refused("Its grey levels have more than 16 bits.")
        return values.astype(np.uint16)
    if image.mode in ("L", "LA"):
        return np.asarray(image.getchannel("L"))
    if image.mode not in ("RGB", "RGBA", "P", "PA"):
        raise Refused(f"It is a picture of mode {image.mode}, not a grey radiograph.")
    colour = image.convert("RGB")
    channels = np.asarray(colour)
    # Of bytes the largest less the smallest is a byte again.
    difference = max(
        int((rows.max(axis=1) - rows.min(axis=1)).max(initial=0)) for rows in channels
    )
    if difference == 0:
        return np.ascontiguousarray(channels[..., 0])
    if difference > _COLOUR_DIFFERENCE:
        raise Refused("It is a colour picture, not a radiograph.")
    return np.asarray(colour.convert("L"))
