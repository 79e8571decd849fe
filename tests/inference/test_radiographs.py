"""Picture files of a kind that Pillow would silently cut down."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from inference.radiographs import open_for_training, open_radiograph

CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}  # of PNG, by colour type


def deep_png(path, colour, highest):
    """A PNG of 16 bits a sample, which Pillow reads but does not write."""
    rows = np.full((4, 4 * CHANNELS[colour]), highest, dtype=">u2")
    data = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))
    parts = {
        b"IHDR": struct.pack(">IIBBBBB", 4, 4, 16, colour, 0, 0, 0),
        b"IDAT": data,
        b"IEND": b"",
    }
    chunks = (
        struct.pack(">I", len(part)) + name + part + struct.pack(">I", crc(name, part))
        for name, part in parts.items()
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))
    return path


def crc(name, part):
    return zlib.crc32(name + part)


@pytest.mark.parametrize("colour", [2, 4, 6])
@pytest.mark.parametrize("opened", [open_radiograph, open_for_training])
def test_sixteen_bits_with_colours_or_transparency_are_refused(
    tmp_path, colour, opened
):
    path = deep_png(tmp_path / "deep.png", colour, 1020)
    with pytest.raises(ValueError, match="upper 8 bits"):
        opened(path)


def test_sixteen_bits_of_grey_are_refused_for_reports_and_rendered_for_training(
    tmp_path,
):
    path = deep_png(tmp_path / "deep.png", 0, 1020)
    with pytest.raises(ValueError, match="16-bit image"):
        open_radiograph(path)
    assert open_for_training(path).mode == "L"


def test_eight_bits_with_colours_are_taken(tmp_path):
    Image.new("RGB", (4, 4), (9, 9, 9)).save(tmp_path / "plain.png")
    assert np.asarray(open_radiograph(tmp_path / "plain.png")).max() == 9
