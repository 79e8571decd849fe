"""A film for training looks as it does in a study: inference has a rendering of its
own, and this holds it against the site's."""

import io

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from inference.rendering import render_deep, render_dicom
from readerstudy.cases.bitmaps import read_bitmap
from readerstudy.cases.dicom import read_dicom
from readerstudy.cases.frames import render_8bit
from tests.cases.films import film, smooth, values


def table(first: int = 0) -> Sequence:
    """A VOI table of 10 bits over the first 3,000 values."""
    item = Dataset()
    item.LUTDescriptor = [3000, first, 10]
    curve = (np.linspace(0, 1, 3000) ** 2 * 1023).astype("<u2")
    item.LUTData = curve.tobytes()
    item["LUTDescriptor"].VR, item["LUTData"].VR = "US", "OW"
    return Sequence([item])


WINDOW = {"WindowCenter": "1500", "WindowWidth": "2000"}
FILMS = {
    "window": lambda: film(values(), **WINDOW),
    "monochrome1": lambda: film(values(), photometric="MONOCHROME1", **WINDOW),
    "no window": lambda: film(smooth()),
    "no window, turned": lambda: film(smooth(), photometric="MONOCHROME1"),
    "exact": lambda: film(values(), VOILUTFunction="LINEAR_EXACT", **WINDOW),
    "sigmoid": lambda: film(values(), VOILUTFunction="SIGMOID", **WINDOW),
    "threshold": lambda: film(values(), WindowCenter="900", WindowWidth="1"),
    "rescaled": lambda: film(
        values(), RescaleSlope="2", RescaleIntercept="-1024", **WINDOW
    ),
    "signed": lambda: film(values(signed=True), signed=True, **WINDOW),
    "padding": lambda: film(smooth(), PixelPaddingValue=0),
    "table": lambda: film(values(), VOILUTSequence=table(), **WINDOW),
    "table, turned": lambda: film(
        values(), photometric="MONOCHROME1", VOILUTSequence=table(500)
    ),
    "eight bits": lambda: film(values(8), bits=8, allocated=8),
}


@pytest.mark.parametrize("name", FILMS)
def test_a_film_is_shown_alike(tmp_path, name):
    dataset = FILMS[name]()
    path = tmp_path / "film.dcm"
    dataset.save_as(path, enforce_file_format=True)
    there = render_8bit(read_dicom(path.read_bytes()).frame)
    here = render_dicom(path)
    # The site looks greys up by whole frame values; this may round the other way.
    assert np.abs(here.astype(int) - there).max() <= 1


def test_a_deep_picture_is_shown_alike():
    from PIL import Image

    samples = (values(16).astype(np.float64) * 0.7 + 3000).astype(np.uint16)
    stream = io.BytesIO()
    Image.fromarray(samples).save(stream, "PNG")
    there = render_8bit(read_bitmap(stream.getvalue()).frame)
    assert np.abs(render_deep(samples).astype(int) - there).max() <= 1
