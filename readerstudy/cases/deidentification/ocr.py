"""The detector of burned-in text: RapidOCR with the models that it carries.

Loaded in the worker only, at the first search; it needs no network. What it reads is
used to tell markers from other text, and is forgotten.
"""

import logging
from functools import cache
from typing import Any

import numpy as np
import PIL.Image
import PIL.ImageFilter
from numpy.typing import NDArray

from readerstudy.cases.deidentification.regions import Reading, around

THREADS = 2
# Smaller pictures are enlarged: letters of a few pixels are overlooked otherwise.
LEAST_SIDE = 1000
# A point's surroundings reach so much of the picture's longer side to each side.
NEIGHBOURHOODS = 64
GAIN = 4
# Two readings that share so much of the smaller one's area are of the same place.
SAME = 0.5


class NoDetector(ValueError):
    """The detector is not installed here."""

    def __init__(self) -> None:
        super().__init__(
            "No text detector is installed on this worker. Install the packages of "
            "requirements/worker, or sign the collection off without a search."
        )


@cache
def _engine() -> Any:
    try:
        from rapidocr import RapidOCR
    except ImportError as problem:
        raise NoDetector from problem
    threads = {
        f"EngineConfig.onnxruntime.{kind}_op_num_threads": THREADS
        for kind in ("intra", "inter")
    }
    engine = RapidOCR(params={"Global.log_level": "critical", **threads})
    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
    return engine


def readings_of(picture: NDArray[np.uint8]) -> list[Reading]:
    """Everything that looks like writing in a picture, uint8 [rows, columns].

    It is looked at twice: as it is, and with the large shapes of the body taken out,
    which shows faint writing over bright parts. Corners are in pixels of the picture.
    Raises NoDetector.
    """
    factor = max(1, round(LEAST_SIDE / max(picture.shape)))
    enlarged = picture.repeat(factor, axis=0).repeat(factor, axis=1)
    found = _read(enlarged, factor)
    for reading in _read(_without_large_shapes(enlarged), factor):
        _add(found, reading)
    return found


def _read(picture: NDArray[np.uint8], factor: int) -> list[Reading]:
    answer = _engine()(np.stack([picture] * 3, axis=-1))
    if answer.boxes is None:
        return []
    return [
        Reading(
            [(float(x) / factor, float(y) / factor) for x, y in corners],
            str(text),
            float(score),
        )
        for corners, text, score in zip(
            answer.boxes, answer.txts, answer.scores, strict=True
        )
    ]


def _without_large_shapes(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What is brighter than its surroundings, made brighter still."""
    radius = max(picture.shape) // NEIGHBOURHOODS
    surroundings = PIL.Image.fromarray(picture).filter(PIL.ImageFilter.BoxBlur(radius))
    brighter = picture.astype(np.int16) - np.asarray(surroundings)
    sharpened: NDArray[np.uint8] = np.clip(brighter * GAIN, 0, 255).astype(np.uint8)
    return sharpened


def _add(found: list[Reading], reading: Reading) -> None:
    """Add a reading; of two of the same place the longer one stays."""
    for number, there in enumerate(found):
        if around(there.corners).overlap(around(reading.corners)) > SAME:
            if len(reading.text) > len(there.text) and reading.score > there.score / 2:
                found[number] = reading
            return
    found.append(reading)
