"""A file may break the process that reads it: it is refused, the next one is read."""

import zlib

import pytest
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGExtended12Bit,
    JPEGLSLossless,
    RLELossless,
)

from readerstudy.cases import bitmaps, reading
from readerstudy.cases.apart import radiographs
from readerstudy.cases.radiograph import Refused
from readerstudy.cases.taking import Manner
from readerstudy.reports.examinations import Pictures
from tests.cases.films import content_of, film, smooth, values
from tests.cases.intake.deliveries import picture


def is_read():
    stored = values()
    frame = reading.read_apart(content_of(film(stored))).frame
    return bool((frame.pixels == stored).all())


def damaged(syntax, change):
    """A compressed film whose code stream is changed."""
    dataset = film(smooth())
    dataset.compress(syntax, generate_instance_uid=False)
    stream = bytearray(next(generate_frames(dataset.PixelData, number_of_frames=1)))
    dataset.PixelData = encapsulate([bytes(change(stream))])
    return content_of(dataset)


def scrambled(stream):
    stream[20::7] = bytes(255 - byte for byte in stream[20::7])
    return stream


@pytest.mark.parametrize("change", [scrambled, lambda stream: stream[:40]])
@pytest.mark.parametrize(
    "syntax",
    [RLELossless, JPEGLSLossless, JPEG2000Lossless],
    ids=lambda syntax: syntax.name,
)
def test_damaged_code_is_refused_and_the_next_file_is_read(syntax, change):
    with pytest.raises(Refused):
        reading.read_apart(damaged(syntax, change))
    assert is_read()


def test_a_code_stream_that_ends_the_decoder_is_refused():
    """pyjpegls gives up on it, and gdcm ends its process."""

    def without_marker(stream):
        stream[0:2] = b"\x00\x00"
        return stream

    with pytest.raises(Refused):
        reading.read_apart(damaged(JPEGLSLossless, without_marker))
    assert is_read()


def test_an_image_that_is_larger_than_the_header_says_takes_no_memory():
    def huge(stream):
        place = stream.find(b"\xff\x51")
        stream[place + 6 : place + 14] = (50_000).to_bytes(4, "big") * 2
        stream[place + 22 : place + 30] = (50_000).to_bytes(4, "big") * 2
        return stream

    with pytest.raises(Refused):
        reading.read_apart(damaged(JPEG2000Lossless, huge))
    assert is_read()


def test_what_inflates_without_end_takes_no_memory():
    dataset = film(values(), syntax=DeflatedExplicitVRLittleEndian)
    content = content_of(dataset)
    start = content.find(b"\x02\x00\x00\x00UL\x04\x00")
    head = content[
        : start + 12 + int.from_bytes(content[start + 8 : start + 12], "little")
    ]
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    block = deflater.compress(bytes(2**20)) + deflater.flush(zlib.Z_FULL_FLUSH)
    bomb = head + block + block * 600 + deflater.flush()
    assert len(bomb) < 10**7
    with pytest.raises(Refused, match="too large"):
        reading.read_apart(bomb)


def test_a_syntax_that_no_library_decodes_says_what_to_do():
    dataset = film(smooth(), syntax=JPEGExtended12Bit)
    dataset.PixelData = encapsulate([b"\xff\xd8\xff\xc1\x00\x0b\x0c"])
    dataset["PixelData"].is_undefined_length = True
    with pytest.raises(Refused, match=r"JPEG Extended .* Convert the file"):
        reading.read_apart(content_of(dataset))


@pytest.mark.parametrize(
    "read",
    [Manner("chest", takes_pictures=True)._radiograph, Pictures("c", {})._radiograph],
    ids=["alone", "with a report"],
)
def test_a_picture_is_read_in_the_process_that_may_break(read, monkeypatch):
    def here(content):
        raise AssertionError("It is read in this process.")

    monkeypatch.setattr(radiographs, "read_bitmap", here)
    monkeypatch.setattr(bitmaps, "read_bitmap", here)
    assert read(picture(1)).frame.rows == 64


def test_a_broken_picture_is_refused_in_there_too():
    with pytest.raises(Refused, match="no readable PNG or JPEG"):
        reading.read_picture_apart(picture(1)[:200])
    assert is_read()
