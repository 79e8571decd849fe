"""DICOM and 16-bit pictures for training; tests/cases holds them against the site's."""

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.uid import ImplicitVRLittleEndian

from inference.phantom.dicom import dataset_of, write_dicom
from inference.phantom.phantom import draw, render_8bit
from inference.radiographs import open_for_training, open_radiograph
from inference.rendering import render_deep, render_dicom

PHANTOM = draw(3, size=64)


def saved(path, **elements):
    """The phantom as a file whose header says something else."""
    dataset = dataset_of(PHANTOM)
    for name, value in elements.items():
        if value is None:
            delattr(dataset, name)
        else:
            setattr(dataset, name, value)
    dataset.save_as(path, enforce_file_format=True)
    return path


def test_a_film_is_shown_through_its_window(tmp_path):
    path = tmp_path / "film.dicom"
    write_dicom(PHANTOM, path)
    shown = open_for_training(path)
    assert shown.mode == "L"
    difference = np.asarray(shown).astype(int) - render_8bit(PHANTOM)
    assert np.abs(difference).max() <= 1  # halves are rounded up here, to even there


def test_monochrome1_is_turned(tmp_path):
    plain = render_dicom(saved(tmp_path / "a.dcm"))
    turned = render_dicom(
        saved(tmp_path / "b.dcm", PhotometricInterpretation="MONOCHROME1")
    )
    assert np.abs(turned.astype(int) - (255 - plain.astype(int))).max() <= 1


def test_without_a_window_the_percentiles_decide(tmp_path):
    path = saved(tmp_path / "a.dcm", WindowCenter=None, WindowWidth=None)
    shown = render_dicom(path)
    assert (shown.min(), shown.max()) == (0, 255)
    assert np.array_equal(shown, render_deep(PHANTOM.pixels))
    # A window that DICOM does not allow is none.
    bad = saved(tmp_path / "b.dcm", WindowWidth="0")
    assert np.array_equal(render_dicom(bad), shown)


def test_the_first_of_several_windows_counts(tmp_path):
    several = {"WindowCenter": ["2000", "100"], "WindowWidth": ["3000", "50"]}
    one = {"WindowCenter": "2000", "WindowWidth": "3000"}
    assert np.array_equal(
        render_dicom(saved(tmp_path / "a.dcm", **several)),
        render_dicom(saved(tmp_path / "b.dcm", **one)),
    )


def test_padding_is_black_and_no_part_of_the_window(tmp_path):
    pixels = PHANTOM.pixels.copy()
    pixels[:, :20] = 4095
    path = saved(
        tmp_path / "a.dcm",
        WindowCenter=None,
        WindowWidth=None,
        PixelData=pixels.tobytes(),
        PixelPaddingValue=4095,
    )
    shown = render_dicom(path)
    assert not shown[:, :20].any() and shown[:, 20:].max() == 255


def test_a_film_without_the_mark_of_dicom_is_known_by_its_name(tmp_path):
    path = tmp_path / "old.dcm"
    dataset = dataset_of(PHANTOM)
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.save_as(path, implicit_vr=True, little_endian=True)
    assert pydicom.dcmread(path, force=True).original_encoding == (True, True)
    dataset = dataset_of(PHANTOM)
    dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    dataset.save_as(tmp_path / "new.dcm", enforce_file_format=True)
    assert np.array_equal(
        render_dicom(tmp_path / "new.dcm"), np.asarray(open_for_training(path))
    )


@pytest.mark.parametrize(
    ("elements", "sentence"),
    [
        ({"PixelData": b"\0\0"}, "damaged or its pixel data are not supported"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "is PALETTE COLOR"),
        ({"NumberOfFrames": 2}, "several frames"),
        ({"PixelPaddingValue": 0, "PixelPaddingRangeLimit": 4095}, "but padding"),
    ],
)
def test_what_is_no_radiograph_is_told(tmp_path, elements, sentence):
    with pytest.raises(ValueError, match=sentence):
        render_dicom(saved(tmp_path / "a.dcm", **elements))


@pytest.mark.parametrize("content", [b"", b"no film at all", b"\0" * 400])
def test_a_file_that_is_no_dicom_is_told(tmp_path, content):
    path = tmp_path / "a.dcm"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"\.$"):
        open_for_training(path)


def test_eight_bits_pass_as_they_are_and_reports_still_refuse_the_rest(tmp_path):
    plain, deep, film = (tmp_path / name for name in ("a.png", "b.png", "c.dcm"))
    Image.fromarray(render_8bit(PHANTOM)).save(plain)
    Image.fromarray(PHANTOM.pixels).save(deep)
    write_dicom(PHANTOM, film)
    assert np.array_equal(
        np.asarray(open_for_training(plain)), np.asarray(open_radiograph(plain))
    )
    assert np.asarray(open_for_training(deep)).max() == 255
    for path in (deep, film):
        with pytest.raises(ValueError, match=r"16-bit|DICOM"):
            open_radiograph(path)
    with pytest.raises(ValueError, match="no such file"):
        open_for_training(tmp_path / "absent.png")
