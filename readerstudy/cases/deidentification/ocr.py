"""The detector of burned-in text: RapidOCR with the models that it carries.

Loaded in the worker only, at the first search; it needs no network. What it reads is
used to tell markers from other text, and is forgotten.
"""

import logging
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from readerstudy.cases.deidentification.regions import Reading

THREADS = 2
# Smaller pictures are enlarged: letters of a few pixels are overlooked otherwise.
LEAST_SIDE = 1000


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

    Corners are in pixels of the picture. Raises NoDetector.
    """
    factor = max(1, round(LEAST_SIDE / max(picture.shape)))
    enlarged = picture.repeat(factor, axis=0).repeat(factor, axis=1)
    answer = _engine()(np.stack([enlarged] * 3, axis=-1))
    if answer.boxes is None:
        return []
    found = zip(answer.boxes, answer.txts, answer.scores, strict=True)
    return [
        Reading(
            [(float(x) / factor, float(y) / factor) for x, y in corners],
            str(text),
            float(score),
        )
        for corners, text, score in found
    ]
