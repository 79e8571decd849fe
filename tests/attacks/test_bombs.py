"""Small files that unpack to huge ones: each costs a sentence, and little memory."""

import gzip
import io
import struct
import zipfile
import zlib
from contextlib import suppress

import pytest
from PIL import Image
from pydicom.filebase import DicomBytesIO
from pydicom.uid import DeflatedExplicitVRLittleEndian

from readerstudy.cases.archives import kind_of, members_of
from readerstudy.cases.radiograph import Refused
from readerstudy.cases.reading import read_apart, read_picture_apart
from tests.cases.films import film, values


def packed(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def refusal_of(path) -> str:
    """What is said of an archive, or of the first of its members."""
    kind = kind_of(path)
    assert kind is not None
    with pytest.raises(Refused) as told:
        for _, read in members_of(path, kind):
            read()
    return told.value.reason


def test_an_archive_in_an_archive_is_not_opened(tmp_path):
    inner = packed({"a.dcm": bytes(1024**2)})
    for _ in range(4):
        inner = packed({f"{number}.zip": inner for number in range(4)})
    (tmp_path / "nested.zip").write_bytes(inner)
    assert "archive inside an archive" in refusal_of(tmp_path / "nested.zip")


def test_a_member_that_says_it_is_huge_is_not_read(tmp_path):
    content = bytearray(packed({"a.dcm": b"x"}))
    place = content.index(b"PK\x01\x02")
    content[place + 24 : place + 28] = struct.pack("<I", 2**32 - 2)
    (tmp_path / "says.zip").write_bytes(content)
    assert "too large" in refusal_of(tmp_path / "says.zip")


def test_a_member_that_says_it_is_small_is_not_unpacked(tmp_path):
    content = bytearray(packed({"a.dcm": bytes(256 * 1024**2)}))
    place = content.index(b"PK\x01\x02")
    content[place + 24 : place + 28] = struct.pack("<I", 100)
    (tmp_path / "lies.zip").write_bytes(content)
    assert "damaged" in refusal_of(tmp_path / "lies.zip")


def test_members_that_share_their_bytes_are_refused(tmp_path):
    """One kernel of bytes, quoted by many members (Fifield's bomb)."""
    content = bytearray(packed({"a.dcm": bytes(1024**2)}))
    place = content.index(b"PK\x01\x02")
    end = content.index(b"PK\x05\x06")
    entry = bytes(content[place:end])
    many = [entry.replace(b"a.dcm", b"%05d" % number) for number in range(500)]
    tail = bytearray(content[end:])
    directory = b"".join(many)
    struct.pack_into("<HHII", tail, 8, 500, 500, len(directory), place)
    (tmp_path / "over.zip").write_bytes(content[:place] + directory + tail)
    assert "lie over each other" in refusal_of(tmp_path / "over.zip")


def test_an_archive_of_very_many_members_is_refused(tmp_path):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a", b"")
    content = stream.getvalue()
    place, end = content.index(b"PK\x01\x02"), content.index(b"PK\x05\x06")
    count = 200_001
    directory = content[place:end] * count
    tail = bytearray(content[end:])
    struct.pack_into(
        "<HHII", tail, 8, count % 65536, count % 65536, len(directory), place
    )
    (tmp_path / "many.zip").write_bytes(content[:place] + directory + tail)
    told = refusal_of(tmp_path / "many.zip")
    assert "members" in told


def zeros(mebibytes: int) -> bytes:
    """A deflated stream, without head and end, of so many MiB of nothing."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    one = squeeze.compress(bytes(1024**2)) + squeeze.flush(zlib.Z_FULL_FLUSH)
    return one * mebibytes + squeeze.flush()


def png(width: int, height: int) -> bytes:
    """A PNG that says its size and holds rows of nothing, well packed."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content)
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)
        )

    squeeze = zlib.compressobj(9)
    row = bytes(1 + width // 8)
    rows = b"".join(squeeze.compress(row) for _ in range(min(height, 20_000)))
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", rows + squeeze.flush())
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(100_000, 100_000), (30_000, 30_000), (2**31 - 1, 1)])
def test_a_picture_of_countless_pixels_is_refused_by_its_size(size):
    content = png(*size)
    assert len(content) < 1024**2
    with pytest.raises(Refused):
        read_picture_apart(content)


def test_a_jpeg_that_says_it_is_huge_is_refused_by_its_size():
    stream = io.BytesIO()
    Image.new("L", (64, 64)).save(stream, "JPEG")
    content = bytearray(stream.getvalue())
    frame = content.index(b"\xff\xc0")
    content[frame + 5 : frame + 9] = struct.pack(">HH", 65_500, 65_500)
    with pytest.raises(Refused):
        read_picture_apart(bytes(content))


def test_text_packed_into_a_picture_is_not_unpacked():
    """A comment of a PNG that inflates to a gigabyte."""
    whole, size = png(64, 64), 1024
    check = struct.pack(">HH", size * 1024**2 % 65_521, 1)
    content = b"Comment\x00\x00\x78\xda" + zeros(size) + check
    kind = struct.pack(">I", zlib.crc32(b"zTXt" + content))
    chunk = struct.pack(">I", len(content)) + b"zTXt" + content + kind
    head = whole[:33]
    with suppress(Refused):
        read_picture_apart(head + chunk + whole[33:])


def deflated() -> bytes:
    """A DICOM file of the deflated transfer syntax whose data set is a gigabyte."""
    dataset = film(values(), syntax=DeflatedExplicitVRLittleEndian)
    stream = DicomBytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    content = stream.getvalue()
    length = struct.unpack("<I", content[140:144])[0]
    return content[: 144 + length] + zeros(1024)


def test_a_deflated_data_set_is_not_inflated_without_end():
    with pytest.raises(Refused):
        read_apart(deflated())


def test_a_film_that_says_it_is_huge_is_refused_before_it_is_decoded():
    dataset = film(values(), Rows=60_000, Columns=60_000)
    stream = DicomBytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    with pytest.raises(Refused):
        read_apart(stream.getvalue())


def test_a_compressed_tar_is_not_inflated_over_the_room_there_is(tmp_path, monkeypatch):
    from readerstudy.cases import archives

    path = tmp_path / "bomb.tgz"
    with gzip.open(path, "wb") as stream:
        for _ in range(64):
            stream.write(bytes(1024**2))
    monkeypatch.setattr(archives, "_KEPT_FREE_BYTES", 2**60)
    assert "too little room" in refusal_of(path)
