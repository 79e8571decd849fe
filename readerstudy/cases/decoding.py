"""Stored pixel values out of a DICOM dataset; fragile decoders work in a child.

gdcm is the one permissively licensed decoder for the JPEG family, and damaged files can
end its process. It therefore works in a child: if the child dies, one file is refused.
"""

import io
import multiprocessing
import warnings
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels.utils import pixel_array

from readerstudy.cases.radiograph import Refused

# JPEG baseline, extended, lossless: these go to gdcm.
_FRAGILE = {
    "1.2.840.10008.1.2.4.50",
    "1.2.840.10008.1.2.4.51",
    "1.2.840.10008.1.2.4.57",
    "1.2.840.10008.1.2.4.70",
}
_PATIENCE_SECONDS = 120
# What pydicom and its plugins raise for damaged or unsupported content.
DAMAGED = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    EOFError,
    OSError,
    RuntimeError,
    NotImplementedError,
    MemoryError,
    RecursionError,
)
_child: ProcessPoolExecutor | None = None


def parse(content: bytes) -> Dataset:
    """Parse a file, with or without preamble; raises one of DAMAGED."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pydicom.dcmread(io.BytesIO(content), force=True)


def stored_values(dataset: Dataset, content: bytes) -> NDArray[np.integer]:
    """Return the stored values [rows, columns] of a single-frame image; or Refused."""
    syntax = str(dataset.file_meta.get("TransferSyntaxUID", ""))
    try:
        if syntax in _FRAGILE:
            return _in_child(content)
        return _decoded(dataset)
    except BrokenProcessPool:
        _end_child()
        raise Refused(
            "Its pixel data are damaged: the decoder broke on them."
        ) from None
    except TimeoutError:
        _end_child()
        raise Refused("Its pixel data could not be decoded in two minutes.") from None
    except DAMAGED as problem:
        raise Refused(_sentence(problem, syntax)) from problem


def _decoded(dataset: Dataset) -> NDArray[np.integer]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.asarray(pixel_array(dataset, raw=True))


def _decoded_content(content: bytes) -> NDArray[np.integer]:
    dataset = parse(content)
    return _decoded(dataset)


def _in_child(content: bytes) -> NDArray[np.integer]:
    global _child
    if _child is None:
        context = multiprocessing.get_context("spawn")
        _child = ProcessPoolExecutor(max_workers=1, mp_context=context)
    return _child.submit(_decoded_content, content).result(_PATIENCE_SECONDS)


def _end_child() -> None:
    global _child
    if _child is not None:
        _child.shutdown(wait=False, cancel_futures=True)
        _child = None


def _sentence(problem: BaseException, syntax: str) -> str:
    words = " ".join(str(problem).split())[:200]
    if "missing dependencies" in words or "Unable to decompress" in words:
        return f"Its pixel data could not be decoded (transfer syntax {syntax})."
    words = words or type(problem).__name__
    return f"Its pixel data are damaged or not supported: {words}."
