"""Where a compressed picture ends in its bytes, and which of its segments are no
picture.

Sources: DICOM PS3.5, annex A.4 (fragments) and G (RLE); ITU-T T.81, B.1 (JPEG), T.87
(JPEG-LS), T.800, annex A (JPEG 2000).
"""

import struct

_ITEM = b"\xfe\xff\x00\xe0"
_SOI, _EOI = 0xD8, 0xD9
_COMMENT, _TEMPORARY = 0xFE, 0x01
_RESTARTS = range(0xD0, 0xD8)
_APPLICATIONS = range(0xE0, 0xF0)
_J2K_COMMENT, _J2K_TILE, _J2K_END = 0x64, 0x90, 0xD9


def fragments_of(value: bytes) -> tuple[int, bytes]:
    """Surplus bytes of the table of offsets, and the joined fragments of a picture."""
    parts, place = [], 0
    while value[place : place + 4] == _ITEM:
        (length,) = struct.unpack_from("<I", value, place + 4)
        parts.append(value[place + 8 : place + 8 + length])
        place += 8 + length
    if not parts:
        return 0, b""
    table = parts[0]
    # One picture begins at 0; a longer table, or another number, says something else.
    surplus = 0 if table in (b"", b"\0\0\0\0") else len(table)
    return surplus, b"".join(parts[1:])


def end_of(picture: bytes, kind: str, cells: int) -> tuple[int | None, int]:
    """Where a picture ends, None where that can't be told; how many comments it has.

    kind   jpeg, also JPEG-LS; jpeg 2000; rle
    cells  rows times columns
    """
    try:
        if kind == "rle":
            return _end_of_rle(picture, cells), 0
        return _end_of_j2k(picture) if kind == "jpeg 2000" else _end_of_jpeg(picture)
    except (IndexError, struct.error):
        return None, 0


def _end_of_jpeg(picture: bytes) -> tuple[int | None, int]:
    """Walk from marker to marker; within a scan no byte above 0x7F follows 0xFF but in
    markers, of which restarts have no length."""
    if picture[:2] != bytes([0xFF, _SOI]):
        return None, 0
    place, comments = 2, 0
    while True:
        place = picture.find(b"\xff", place)
        if place < 0:
            return None, comments
        marker = picture[place + 1]
        if marker == 0xFF:
            place += 1
        elif marker < 0x80 or marker in _RESTARTS or marker == _TEMPORARY:
            place += 2
        elif marker == _EOI:
            return place + 2, comments
        else:
            (length,) = struct.unpack_from(">H", picture, place + 2)
            comments += marker == _COMMENT or (
                marker in _APPLICATIONS and not _says_how(picture, place)
            )
            place += 2 + length


def _says_how(picture: bytes, place: int) -> bool:
    """Whether a segment only says how the picture is written: JFIF, Adobe, SPIFF."""
    return picture[place + 4 : place + 9].rstrip(b"\0") in (b"JFIF", b"Adobe", b"SPIFF")


def _end_of_j2k(picture: bytes) -> tuple[int | None, int]:
    """Walk the headers; a tile says how long it is, or reaches to the end."""
    if picture[:2] != b"\xff\x4f":
        return None, 0
    place, comments = 2, 0
    while True:
        if picture[place] != 0xFF:
            return None, comments
        marker = picture[place + 1]
        if marker == _J2K_END:
            return place + 2, comments
        if marker == _J2K_TILE:
            (length,) = struct.unpack_from(">I", picture, place + 6)
            if not length:
                end = picture.find(b"\xff\xd9", place)
                return (end + 2 if end > 0 else None), comments
            place += length
        else:
            (length,) = struct.unpack_from(">H", picture, place + 2)
            comments += marker == _J2K_COMMENT
            place += 2 + length


def _end_of_rle(picture: bytes, cells: int) -> int:
    """Unpack the last segment as far as the picture goes, without its values."""
    segments, *offsets = struct.unpack_from("<16I", picture)
    place, made = max(offsets[:segments], default=64), 0
    while made < cells:
        count = picture[place]
        if count < 128:
            place, made = place + 2 + count, made + 1 + count
        elif count > 128:
            place, made = place + 2, made + 257 - count
        else:
            place += 1
    return place
