"""Image files to what CXR-LLaVA reads: 8-bit grey levels, air dark."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageFile

from inference.grey_levels import eight_bit_grey

_DICOM_MARK, _DICOM_MARK_AT = b"DICM", 128
# Old films come without the mark.
_DICOM_SUFFIXES = (".dcm", ".dicom")

# What Pillow raises for damaged files. A SyntaxError is its word for a broken PNG.
_DAMAGED = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)


def open_radiograph(path: Path) -> Image.Image:
    """Return a PNG, JPEG or other picture as mode L.

    Raises ValueError, in a sentence, for what is no picture, has more than 8 bits per
    grey level, or is DICOM: its rendering belongs to the import of a study, and a
    second one here would sooner or later show the model another picture.
    """
    if not path.is_file():
        raise ValueError("There is no such file.")
    if _is_dicom(path):
        raise ValueError(
            "This is a DICOM file, whose values need a display window: import it with "
            "`manage.py import_dicom`, or save it as an 8-bit PNG."
        )
    return eight_bit_grey(_picture(path))


def open_for_training(path: Path) -> Image.Image:
    """Return a radiograph of a training set as mode L: DICOM and 16 bits are taken too.

    Training may choose how to show a film, where a report may not; rendering.py has
    the rule. Raises ValueError, in a sentence, for what is no picture.
    """
    from inference.rendering import render_deep, render_dicom

    if not path.is_file():
        raise ValueError("There is no such file.")
    if _is_dicom(path) or path.suffix.lower() in _DICOM_SUFFIXES:
        return Image.fromarray(render_dicom(path))
    picture = _picture(path)
    samples = np.asarray(picture)
    if samples.ndim == 2 and samples.size and samples.max() > 255:
        return Image.fromarray(render_deep(samples))
    return eight_bit_grey(picture)


def _picture(path: Path) -> Image.Image:
    """The whole picture of a file, as it is stored."""
    try:
        with Image.open(path) as image:
            is_cut = _is_cut_to_8_bits(image)
            image.load()
            picture = image.copy()
    except _DAMAGED as problem:
        raise ValueError(
            "This cannot be read as a picture: it is damaged, too large or of another "
            "kind."
        ) from problem
    if is_cut:
        raise ValueError(
            "This is a 16-bit image with colours or transparency, of which only the "
            "upper 8 bits could be read: save a display window of it as an 8-bit PNG."
        )
    return picture


def _is_cut_to_8_bits(image: ImageFile.ImageFile) -> bool:
    """Whether Pillow is about to drop the lower half of 16-bit samples unasked."""
    deep = any(";16" in str(part) for tile in image.tile for part in tile)
    return deep and image.mode in ("L", "LA", "RGB", "RGBA")


def _is_dicom(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            head = stream.read(_DICOM_MARK_AT + len(_DICOM_MARK))
    except OSError as problem:
        raise ValueError(f"It cannot be read: {problem.strerror}.") from problem
    return head[_DICOM_MARK_AT:] == _DICOM_MARK
