"""Every way to store a radiograph gives the greys that DICOM's formulas give."""

import hashlib
import io
import itertools

import numpy as np
import PIL.Image
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from readerstudy.cases.dicom import read_dicom
from readerstudy.cases.frame_store import keep_frame
from readerstudy.cases.frames import render_8bit, rendering_of
from readerstudy.cases.models import Case, Image
from readerstudy.cases.services import model_image
from tests.cases.films import content_of, film, smooth, values

UNCOMPRESSED = (
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
)


def frame_of(dataset):
    return read_dicom(content_of(dataset)).frame


def modality_of(frame):
    return frame.slope * frame.pixels.astype(float) + frame.intercept


def greys(shown):
    return np.floor(np.clip(shown, 0, 255) + 0.5)


def window(values, centre, width, function="LINEAR"):
    """The formulas of PS3.3, C.11.2.1.2 and C.11.2.1.3."""
    if function == "SIGMOID":
        return 255 / (1 + np.exp(-4 * (values - centre) / width))
    if function == "LINEAR_EXACT":
        return ((values - centre) / width + 0.5) * 255
    return ((values - (centre - 0.5)) / (width - 1) + 0.5) * 255


def assert_greys(frame, expected, *, turned=False):
    expected = greys(255 - np.clip(expected, 0, 255) if turned else expected)
    assert abs(render_8bit(frame) - expected).max() <= 1


@pytest.mark.parametrize("syntax", UNCOMPRESSED, ids=lambda syntax: syntax.name)
@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_bits_sign_and_polarity_come_out_right(syntax, function, photometric):
    for bits, signed in itertools.product((8, 10, 12, 14, 15, 16), (False, True)):
        for allocated in {16, 8 if bits == 8 else 16}:
            stored = values(bits, signed=signed)
            frame = frame_of(
                film(
                    stored,
                    bits=bits,
                    allocated=allocated,
                    signed=signed,
                    photometric=photometric,
                    syntax=syntax,
                    RescaleSlope="2",
                    RescaleIntercept="-100",
                    RescaleType="US",
                    WindowCenter="70",
                    WindowWidth=str(2**bits),
                    VOILUTFunction=function,
                )
            )
            turned = photometric == "MONOCHROME1"
            modality = 2.0 * stored - 100
            assert abs(modality_of(frame) - modality).max() <= abs(frame.slope) / 2
            assert_greys(frame, window(modality, 70, 2**bits, function), turned=turned)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("syntax", UNCOMPRESSED, ids=lambda syntax: syntax.name)
def test_a_value_may_lie_anywhere_in_its_word(syntax, signed):
    for bits, high in ((12, 15), (10, 12), (8, 15)):
        stored = values(bits, signed=signed)
        frame = frame_of(
            film(stored, bits=bits, high=high, signed=signed, syntax=syntax)
        )
        assert (modality_of(frame) == stored).all()


@pytest.mark.parametrize("signed", [False, True])
def test_an_old_overlay_in_the_unused_bits_is_no_part_of_the_value(signed):
    stored = values(12, signed=signed)
    dataset = film(stored, signed=signed)
    overlay = np.random.default_rng(2).integers(0, 2, stored.shape) << 14
    words = (stored % 4096) | overlay
    dataset.PixelData = words.astype("<u2").tobytes()
    assert (modality_of(frame_of(dataset)) == stored).all()


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("bits", [8, 12])
def test_without_a_window_the_percentiles_of_the_image_are_shown(photometric, bits):
    stored = values(bits) // 2
    padded = stored.copy()
    padded[:, :6] = 2**bits - 1
    dataset = film(padded, bits=bits, photometric=photometric)
    dataset.PixelPaddingValue = 2**bits - 1
    frame = frame_of(dataset)
    inside = np.ones(stored.shape, dtype=bool)
    inside[:, :6] = False
    low, high = np.percentile(stored[inside], [0.5, 99.5])
    expected = np.clip((stored - low) / (high - low) * 255, 0, 255)
    turned = photometric == "MONOCHROME1"
    expected = greys(255 - expected if turned else expected)
    shown = render_8bit(frame)
    assert abs(shown - expected)[inside].max() <= 1
    assert (shown[~inside] == 0).all()
    assert rendering_of(frame)["rule"] == "0.5 to 99.5 percentile"
    assert rendering_of(frame)["turned"] is turned


@pytest.mark.parametrize(
    ("value", "limit", "vr"),
    [
        (-2000, None, "SS"),
        (63536, None, "US"),
        (-2048, -2000, "SS"),
        (-2000, -2048, "SS"),
    ],
)
def test_padding_is_found_whatever_sign_it_is_written_with(value, limit, vr):
    stored = values(12, signed=True)
    stored[:, :4] = -2000
    dataset = film(stored, bits=16, signed=True)
    dataset.add_new("PixelPaddingValue", vr, value)
    if limit is not None:
        dataset.add_new("PixelPaddingRangeLimit", vr, limit)
    padding = stored == -2000 if limit is None else stored <= -2000
    frame = frame_of(dataset)
    assert (frame.padding == padding).all()
    assert (render_8bit(frame)[padding] == 0).all()


def table(descriptor, data, vr="US"):
    item = Dataset()
    item.add_new("LUTDescriptor", "SS" if descriptor[1] < 0 else "US", descriptor)
    item.add_new("LUTData", vr, data)
    return Sequence([item])


ENTRIES = np.arange(4096)[::-1] % 256


@pytest.mark.parametrize("syntax", UNCOMPRESSED, ids=lambda syntax: syntax.name)
def test_tables_are_read_however_they_are_written(syntax):
    order = "<u2" if syntax.is_little_endian else ">u2"
    packed = ENTRIES.astype("u1").tobytes()
    pairs = np.frombuffer(packed, "<u2").astype(order).tobytes()
    stored = values()
    for data, vr in (
        (ENTRIES.tolist(), "US"),
        (ENTRIES.astype(order).tobytes(), "OW"),
        (pairs, "OW"),
    ):
        dataset = film(stored, syntax=syntax, WindowCenter="1", WindowWidth="1")
        dataset.VOILUTSequence = table([4096, 0, 8], data, vr)
        assert (render_8bit(frame_of(dataset)) == ENTRIES[stored]).all()


@pytest.mark.parametrize("first", [-1000, 65536 - 1000])
def test_a_table_may_begin_below_zero(first):
    entries = np.linspace(0, 4095, 2000).astype(int)
    stored = values(10, signed=True)
    dataset = film(stored, bits=16, signed=True)
    dataset.VOILUTSequence = table([2000, first, 12], entries.tolist())
    assert_greys(frame_of(dataset), entries[stored + 1000] / 4095 * 255)


def test_a_table_with_more_bits_than_it_says_never_wraps():
    stored = values()
    dataset = film(stored)
    dataset.VOILUTSequence = table([4096, 0, 8], list(range(4096)))
    assert_greys(frame_of(dataset), stored / 4095 * 255)


def test_a_modality_table_comes_before_the_window():
    entries = np.linspace(60000, 100, 4000).astype(int)
    stored = values()
    dataset = film(stored, WindowCenter="30000", WindowWidth="40000")
    dataset.ModalityLUTSequence = table([4000, 50, 16], entries.tolist())
    dataset.ModalityLUTSequence[0].ModalityLUTType = "US"
    modality = entries[np.clip(stored - 50, 0, 3999)]
    frame = frame_of(dataset)
    assert (modality_of(frame) == modality).all()
    assert_greys(frame, window(modality, 30000, 40000))


@pytest.mark.django_db
def test_a_report_records_how_its_picture_was_rendered(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    dataset = film(values(), photometric="MONOCHROME1")
    dataset.VOILUTSequence = table([4096, 0, 8], ENTRIES.tolist())
    case = Case(code="a")
    kept = keep_frame(frame_of(dataset))
    case.image = Image(
        frame_file=kept.name, frame_sha256=kept.sha256, description=kept.description
    )
    picture, record = model_image(case)
    assert (np.asarray(picture) == 255 - ENTRIES[values()]).all()
    assert record["rule"] == "first VOI of the file"
    assert record["turned"] is True
    assert (record["window"]["kind"], record["window"]["label"]) == ("table", "Table 1")
    assert len(str(record["window"])) < 100
    assert record["frame_sha256"] == kept.sha256
    pixels = np.asarray(picture).tobytes()
    assert record["rendered_sha256"] == hashlib.sha256(pixels).hexdigest()


def test_a_damaged_table_is_left_out_with_a_warning():
    stored = values()
    dataset = film(stored, WindowCenter="2000", WindowWidth="3000")
    dataset.VOILUTSequence = Sequence([Dataset()])
    radiograph = read_dicom(content_of(dataset))
    assert "left out" in radiograph.warnings[0]
    assert_greys(radiograph.frame, window(stored, 2000, 3000))


@pytest.mark.parametrize(
    ("centre", "width", "kept"),
    [
        (["2000", "9"], ["3000", "1"], 2),
        (["2000", "9"], ["3000"], 1),
        ("2000", "0", 0),
        ("2000", "", 0),
        ("", "", 0),
    ],
)
def test_only_windows_that_make_sense_are_kept(centre, width, kept):
    frame = frame_of(film(values(), WindowCenter=centre, WindowWidth=width))
    assert len(frame.windows) == kept


@pytest.mark.parametrize(("slope", "intercept"), [("-1", "4095"), ("0.0001", "-5")])
def test_odd_slopes_keep_every_step(slope, intercept):
    stored = values()
    frame = frame_of(film(stored, RescaleSlope=slope, RescaleIntercept=intercept))
    modality = float(slope) * stored + float(intercept)
    assert np.allclose(modality_of(frame), modality)


def by_gdcm(dataset, syntax, path):
    """The file as gdcm compresses it."""
    import gdcm

    path.write_bytes(content_of(dataset))
    reader = gdcm.ImageReader()
    reader.SetFileName(str(path))
    assert reader.Read()
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(
        gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(str(syntax)))
    )
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer = gdcm.ImageWriter()
    writer.SetFileName(str(path))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()
    return path.read_bytes()


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("bits", [8, 10, 12, 15, 16])
@pytest.mark.parametrize(
    "syntax",
    [RLELossless, JPEGLSLossless, JPEG2000Lossless, JPEGLossless, JPEGLosslessSV1],
    ids=lambda syntax: syntax.name,
)
def test_every_lossless_syntax_gives_back_the_values(
    syntax, bits, photometric, tmp_path
):
    stored = smooth(bits)
    plain = film(
        stored,
        bits=bits,
        allocated=8 if bits == 8 else 16,
        photometric=photometric,
        WindowCenter=str(2 ** (bits - 1)),
        WindowWidth=str(2**bits),
    )
    expected = render_8bit(frame_of(plain))
    if syntax in (JPEGLossless, JPEGLosslessSV1):
        content = by_gdcm(plain, syntax, tmp_path / "film.dcm")
    else:
        plain.compress(syntax, generate_instance_uid=False)
        content = content_of(plain)
    frame = read_dicom(content).frame
    assert (modality_of(frame) == stored).all()
    assert (render_8bit(frame) == expected).all()


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_a_baseline_jpeg_is_nearly_its_values(photometric):
    stored = smooth(8)
    buffer = io.BytesIO()
    PIL.Image.fromarray(stored.astype(np.uint8)).save(buffer, "JPEG", quality=95)
    dataset = film(
        stored, bits=8, allocated=8, photometric=photometric, syntax=JPEGBaseline8Bit
    )
    dataset.PixelData = encapsulate([buffer.getvalue()])
    dataset["PixelData"].is_undefined_length = True
    assert abs(modality_of(frame_of(dataset)) - stored).max() < 8
