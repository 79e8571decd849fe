"""What a panel needs to know of a TrueType font: signs, widths, and a smaller copy.

Pillow draws with a font but does not say which signs it has, and a PDF must carry the
outlines of the signs that it shows. Both stand in a few tables of the file (of the
OpenType specification: cmap, hmtx, loca and glyf).
"""

import struct
from dataclasses import dataclass, field
from functools import cached_property

# What a reader of the PDF needs; the rest (layout, kerning, names) stays behind.
_EMBEDDED = ("cvt ", "fpgm", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "prep")
# Flags of a composite glyph, whose parts are other glyphs.
_WORDS, _SCALE, _MORE, _TWO_SCALES, _MATRIX = 0x0001, 0x0008, 0x0020, 0x0040, 0x0080
_CHECKSUM_GOAL = 0xB1B0AFBA


class NotTrueType(ValueError):
    """The file is no font with TrueType outlines."""


@dataclass(frozen=True, eq=False)
class TrueType:
    """A font file, or the first font of a collection. Raises NotTrueType."""

    content: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse now what could not be read later."""
        try:
            if any(not self._tables.get(tag) for tag in ("glyf", "loca", "cmap")):
                raise NotTrueType("The font has no TrueType outlines.")
            _ = self.glyphs, self._advances, self._offsets
        except (struct.error, KeyError, IndexError) as problem:
            raise NotTrueType("The font file is damaged.") from problem

    @cached_property
    def _tables(self) -> dict[str, tuple[int, int]]:
        """Place and length of every table."""
        start = 0
        if self.content[:4] == b"ttcf":
            (start,) = struct.unpack_from(">I", self.content, 12)
        (count,) = struct.unpack_from(">H", self.content, start + 4)
        found = {}
        for number in range(count):
            entry = struct.unpack_from(">4sIII", self.content, start + 12 + 16 * number)
            found[entry[0].decode("latin-1")] = (entry[2], entry[3])
        return found

    def table(self, tag: str) -> bytes:
        """Return one table; empty where the font has none of that name."""
        place, length = self._tables.get(tag, (0, 0))
        return self.content[place : place + length]

    @cached_property
    def units(self) -> int:
        """Units per em."""
        (units,) = struct.unpack_from(">H", self.table("head"), 18)
        return int(units)

    @cached_property
    def box(self) -> tuple[int, int, int, int]:
        """Bounding box of all glyphs in font units: left, bottom, right, top."""
        left, bottom, right, top = struct.unpack_from(">4h", self.table("head"), 36)
        return left, bottom, right, top

    @cached_property
    def ascent_and_descent(self) -> tuple[int, int]:
        """In font units; the descent is negative."""
        ascent, descent = struct.unpack_from(">2h", self.table("hhea"), 4)
        return ascent, descent

    @cached_property
    def _advances(self) -> tuple[int, ...]:
        (count,) = struct.unpack_from(">H", self.table("hhea"), 34)
        return struct.unpack_from(">" + "Hh" * count, self.table("hmtx"))[::2]

    def advance(self, glyph: int) -> int:
        """Width of a glyph in font units; the last one given holds for the rest."""
        return self._advances[min(glyph, len(self._advances) - 1)]

    @cached_property
    def glyphs(self) -> dict[int, int]:
        """The glyph of every sign, by Unicode code point."""
        cmap = self.table("cmap")
        (count,) = struct.unpack_from(">H", cmap, 2)
        found: dict[int, int] = {}
        for number in range(count):
            platform, _, place = struct.unpack_from(">HHI", cmap, 4 + 8 * number)
            (form,) = struct.unpack_from(">H", cmap, place)
            if platform in (0, 3) and form == 4:
                found = _segments(cmap[place:]) | found
            elif platform in (0, 3) and form == 12:
                found |= _groups(cmap[place:])
        return found

    @cached_property
    def _offsets(self) -> tuple[int, ...]:
        (long_offsets,) = struct.unpack_from(">h", self.table("head"), 50)
        loca = self.table("loca")
        if long_offsets:
            return struct.unpack(f">{len(loca) // 4}I", loca)
        return tuple(2 * half for half in struct.unpack(f">{len(loca) // 2}H", loca))

    def _outline(self, glyph: int) -> bytes:
        start, end = self._offsets[glyph : glyph + 2]
        return self.table("glyf")[start:end]

    def subset(self, glyphs: set[int]) -> bytes:
        """Return the font with the outlines of these glyphs only, numbers unchanged."""
        kept = self._with_parts(glyphs | {0})
        outlines, offsets = bytearray(), [0]
        for glyph in range(len(self._offsets) - 1):
            if glyph in kept:
                outline = self._outline(glyph)
                outlines += outline + bytes(-len(outline) % 4)
            offsets.append(len(outlines))
        tables = {tag: self.table(tag) for tag in _EMBEDDED if self.table(tag)}
        tables["glyf"] = bytes(outlines)
        tables["loca"] = struct.pack(f">{len(offsets)}I", *offsets)
        head = bytearray(tables["head"])
        struct.pack_into(">I", head, 8, 0)
        struct.pack_into(">h", head, 50, 1)
        tables["head"] = bytes(head)
        return _file_of(tables)

    def _with_parts(self, glyphs: set[int]) -> set[int]:
        found: set[int] = set()
        waiting = list(glyphs)
        while waiting:
            glyph = waiting.pop()
            if glyph not in found:
                found.add(glyph)
                waiting += _parts(self._outline(glyph))
        return found


def _segments(table: bytes) -> dict[int, int]:
    """Format 4 of a cmap: stretches of 16-bit code points."""
    (twice,) = struct.unpack_from(">H", table, 6)
    count = twice // 2
    ends = struct.unpack_from(f">{count}H", table, 14)
    starts = struct.unpack_from(f">{count}H", table, 16 + twice)
    deltas = struct.unpack_from(f">{count}H", table, 16 + 2 * twice)
    ranges_at = 16 + 3 * twice
    ranges = struct.unpack_from(f">{count}H", table, ranges_at)
    found = {}
    for number in range(count):
        for code in range(starts[number], min(ends[number], 0xFFFE) + 1):
            glyph = code
            if ranges[number]:
                place = ranges_at + 2 * number + ranges[number]
                place += 2 * (code - starts[number])
                (glyph,) = struct.unpack_from(">H", table, place)
                if not glyph:
                    continue
            glyph = (glyph + deltas[number]) & 0xFFFF
            if glyph:
                found[code] = glyph
    return found


def _groups(table: bytes) -> dict[int, int]:
    """Format 12 of a cmap: stretches of all code points."""
    (count,) = struct.unpack_from(">I", table, 12)
    found = {}
    for number in range(count):
        first, last, glyph = struct.unpack_from(">III", table, 16 + 12 * number)
        for code in range(first, min(last, 0x10FFFF) + 1):
            found[code] = glyph + code - first
    return found


def _parts(outline: bytes) -> list[int]:
    """The glyphs that a composite glyph is made of; none for a simple one."""
    if len(outline) < 10 or struct.unpack_from(">h", outline)[0] >= 0:
        return []
    parts, place, flags = [], 10, _MORE
    while flags & _MORE:
        flags, glyph = struct.unpack_from(">HH", outline, place)
        parts.append(glyph)
        place += 4 + (4 if flags & _WORDS else 2)
        if flags & _SCALE:
            place += 2
        elif flags & _TWO_SCALES:
            place += 4
        elif flags & _MATRIX:
            place += 8
    return parts


def _file_of(tables: dict[str, bytes]) -> bytes:
    """A font file of these tables, in the order of their names, with checksums."""
    entries = max(1 << (len(tables).bit_length() - 1), 1)
    header = struct.pack(
        ">IHHHH",
        0x00010000,
        len(tables),
        16 * entries,
        entries.bit_length() - 1,
        16 * (len(tables) - entries),
    )
    place = len(header) + 16 * len(tables)
    directory, body, head_at = b"", b"", 0
    for tag, content in sorted(tables.items()):
        head_at = place + len(body) if tag == "head" else head_at
        directory += struct.pack(
            ">4sIII", tag.encode(), _checksum(content), place + len(body), len(content)
        )
        body += content + bytes(-len(content) % 4)
    file = bytearray(header + directory + body)
    goal = (_CHECKSUM_GOAL - _checksum(bytes(file))) & 0xFFFFFFFF
    struct.pack_into(">I", file, head_at + 8, goal)
    return bytes(file)


def _checksum(content: bytes) -> int:
    padded = content + bytes(-len(content) % 4)
    return sum(struct.unpack(f">{len(padded) // 4}I", padded)) & 0xFFFFFFFF
