"""What a file holds before its header and behind its picture, compressed ones too."""

import io

import numpy as np
import PIL.Image
import pytest
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from readerstudy.cases.dicom import read_dicom
from tests.cases.films import content_of, film, smooth
from tests.cases.test_greys import by_gdcm

HIDDEN = b"Doe^Jane^1961-03-12 "
SYNTAXES = [RLELossless, JPEGLSLossless, JPEG2000Lossless]


def compressed(syntax, behind=b"", fragment=b""):
    """A compressed film, with bytes behind its code, or in a fragment of their own."""
    dataset = film(smooth())
    dataset.compress(syntax, generate_instance_uid=False)
    stream = next(generate_frames(dataset.PixelData, number_of_frames=1))
    dataset.PixelData = encapsulate([stream + behind])
    if fragment:
        length = len(fragment).to_bytes(4, "little")
        dataset.PixelData += b"\xfe\xff\x00\xe0" + length + fragment
    return content_of(dataset)


def removed(content):
    return read_dicom(content).removal


def names(removal):
    return {element.name: count for element, count in removal.elements}


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda syntax: syntax.name)
def test_bytes_behind_a_compressed_picture_are_told(syntax):
    assert removed(compressed(syntax)).trailing == 0
    behind = removed(compressed(syntax, behind=HIDDEN))
    assert behind.trailing in (len(HIDDEN), len(HIDDEN) + 1)


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda syntax: syntax.name)
def test_bytes_in_a_fragment_of_their_own_are_told(syntax):
    of_its_own = removed(compressed(syntax, fragment=HIDDEN))
    assert of_its_own.trailing in (len(HIDDEN), len(HIDDEN) + 1)


def test_bytes_behind_a_lossless_jpeg_are_told(tmp_path):
    content = by_gdcm(film(smooth()), JPEGLosslessSV1, tmp_path / "film.dcm")
    assert removed(content).trailing == 0
    assert removed(content + HIDDEN[:6]).trailing == 6


@pytest.mark.parametrize(
    "syntax", [ExplicitVRLittleEndian, *SYNTAXES], ids=lambda syntax: syntax.name
)
def test_a_few_bytes_behind_the_dataset_are_told(syntax):
    if syntax.is_encapsulated:
        content = compressed(syntax)
    else:
        content = content_of(film(smooth()))
    assert removed(content).trailing == 0
    assert removed(content + HIDDEN[:7]).trailing == 7


def test_a_deflated_file_has_nothing_behind_it():
    content = content_of(film(smooth(), syntax=DeflatedExplicitVRLittleEndian))
    assert removed(content).trailing == 0


def test_comments_within_a_jpeg_are_told():
    stored = smooth(8)
    stream = io.BytesIO()
    PIL.Image.fromarray(stored.astype(np.uint8)).save(
        stream, "JPEG", quality=95, comment=HIDDEN
    )
    dataset = film(stored, bits=8, allocated=8, syntax=JPEGBaseline8Bit)
    dataset.PixelData = encapsulate([stream.getvalue()])
    dataset["PixelData"].is_undefined_length = True
    removal = removed(content_of(dataset))
    assert names(removal)["comments within the compressed picture"] == 1
    assert removal.trailing == 0


def test_a_preamble_that_holds_something_is_told():
    content = content_of(film(smooth()))
    assert "preamble of 128 bytes" not in names(removed(content))
    written = HIDDEN.ljust(128, b"\0") + content[128:]
    assert names(removed(written))["preamble of 128 bytes"] == 1
