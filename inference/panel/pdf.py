"""A sheet as PDF 1.7: text as text in embedded fonts, the radiograph as a picture.

Each face becomes a composite font whose codes are its glyph numbers, and carries the
outlines of the glyphs that are used, with a table that leads back to Unicode.
"""

import hashlib
import zlib
from collections import defaultdict
from collections.abc import Iterator

from PIL import Image

from inference.panel.fonts import Face
from inference.panel.layout import Sheet, Words

# No printer shows more of a radiograph 82 mm wide.
_FINEST_DOTS_PER_INCH = 600
_PER_BLOCK = 100


def to_pdf(sheet: Sheet) -> bytes:
    """Return the sheet as a PDF file of one page."""
    file = _File()
    catalog, pages, page = file.reserve(), file.reserve(), file.reserve()
    used = _glyphs_used(sheet.words)
    names = {face: f"F{number}" for number, face in enumerate(used, start=1)}
    fonts = " ".join(
        f"/{names[face]} {_add_font(file, face, signs)} 0 R"
        for face, signs in used.items()
    )
    picture = _add_picture(file, sheet)
    content = file.add_stream("\n".join(_drawn(sheet, names)).encode("ascii"))
    file.put(catalog, f"<< /Type /Catalog /Pages {pages} 0 R /Lang (en) >>")
    file.put(pages, f"<< /Type /Pages /Kids [{page} 0 R] /Count 1 >>")
    file.put(
        page,
        f"<< /Type /Page /Parent {pages} 0 R "
        f"/MediaBox [0 0 {sheet.width:.2f} {sheet.height:.2f}] "
        f"/Resources << /Font << {fonts} >> /XObject << /Radiograph {picture} 0 R >> >>"
        f" /Contents {content} 0 R >>",
    )
    about = file.add(
        f"<< /Title {_text(sheet.title)} /Subject {_text(sheet.description)} >>"
    )
    return file.closed(catalog, about)


class _File:
    """The numbered objects of a PDF file."""

    def __init__(self) -> None:
        self._objects: list[bytes] = []

    def reserve(self) -> int:
        """Return the number of an object that will be put later."""
        self._objects.append(b"")
        return len(self._objects)

    def put(self, number: int, content: str) -> None:
        self._objects[number - 1] = content.encode("ascii")

    def add(self, content: str) -> int:
        number = self.reserve()
        self.put(number, content)
        return number

    def add_stream(self, content: bytes, entries: str = "") -> int:
        packed = zlib.compress(content, 9)
        head = f"<< /Length {len(packed)} /Filter /FlateDecode {entries} >>\nstream\n"
        self._objects.append(head.encode("ascii") + packed + b"\nendstream")
        return len(self._objects)

    def closed(self, catalog: int, about: int) -> bytes:
        file = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        places = []
        for number, content in enumerate(self._objects, start=1):
            places.append(len(file))
            file += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
        start = len(file)
        count = len(places) + 1
        identity = hashlib.sha256(file).hexdigest()[:32]
        file += f"xref\n0 {count}\n0000000000 65535 f \n".encode()
        file += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
        file += (
            f"trailer\n<< /Size {count} /Root {catalog} 0 R /Info {about} 0 R "
            f"/ID [<{identity}> <{identity}>] >>\nstartxref\n{start}\n%%EOF\n"
        ).encode()
        return bytes(file)


def _glyphs_used(words: tuple[Words, ...]) -> dict[Face, dict[int, str]]:
    """Each face with its glyphs and the signs that they stand for."""
    used: dict[Face, dict[int, str]] = defaultdict(dict)
    for each in words:
        glyphs = each.run.face.outlines.glyphs
        for sign in each.run.text:
            used[each.run.face].setdefault(glyphs.get(ord(sign), 0), sign)
    return dict(used)


def _add_font(file: _File, face: Face, signs: dict[int, str]) -> int:
    font = face.outlines
    content = font.subset(set(signs))
    outlines = file.add_stream(content, f"/Length1 {len(content)}")
    # Six letters mark a font that holds a part of its glyphs only.
    mark = hashlib.sha256(content).hexdigest()[:6].translate(_LETTERS)
    name = f"{mark}+{''.join(filter(_is_plain, face.name))}"
    box = " ".join(str(_thousandth(edge, font.units)) for edge in font.box)
    ascent, descent = (
        _thousandth(value, font.units) for value in font.ascent_and_descent
    )
    descriptor = file.add(
        f"<< /Type /FontDescriptor /FontName /{name} /Flags 4 /FontBBox [{box}] "
        f"/ItalicAngle 0 /Ascent {ascent} /Descent {descent} /CapHeight {ascent} "
        f"/StemV 80 /FontFile2 {outlines} 0 R >>"
    )
    widths = " ".join(
        f"{glyph} [{_thousandth(font.advance(glyph), font.units)}]"
        for glyph in sorted(signs)
    )
    described = file.add(
        f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{name} "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
        f"/FontDescriptor {descriptor} 0 R /W [{widths}] /CIDToGIDMap /Identity >>"
    )
    meaning = file.add_stream("\n".join(_to_unicode(signs)).encode("ascii"))
    return file.add(
        f"<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H "
        f"/DescendantFonts [{described} 0 R] /ToUnicode {meaning} 0 R >>"
    )


_LETTERS = str.maketrans("0123456789abcdef", "ABCDEFGHIJKLMNOP")


def _is_plain(sign: str) -> bool:
    return sign.isascii() and (sign.isalnum() or sign == "-")


def _thousandth(value: int, units: int) -> int:
    return round(value * 1000 / units)


def _to_unicode(signs: dict[int, str]) -> Iterator[str]:
    """A CMap that leads from glyph numbers back to text."""
    yield "/CIDInit /ProcSet findresource begin 12 dict begin begincmap"
    yield "/CMapName /Adobe-Identity-UCS def /CMapType 2 def"
    yield "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def"
    yield "1 begincodespacerange <0000> <FFFF> endcodespacerange"
    pairs = sorted(signs.items())
    for start in range(0, len(pairs), _PER_BLOCK):
        block = pairs[start : start + _PER_BLOCK]
        yield f"{len(block)} beginbfchar"
        for glyph, sign in block:
            yield f"<{glyph:04X}> <{sign.encode('utf-16-be').hex().upper()}>"
        yield "endbfchar"
    yield "endcmap CMapName currentdict /CMap defineresource pop end end"


def _add_picture(file: _File, sheet: Sheet) -> int:
    picture = sheet.picture
    image = picture.image
    most = round(picture.width / 72 * _FINEST_DOTS_PER_INCH)
    if image.width > most:
        size = (most, max(1, round(image.height * most / image.width)))
        image = image.resize(size, Image.Resampling.LANCZOS)
    return file.add_stream(
        image.tobytes(),
        f"/Type /XObject /Subtype /Image /Width {image.width} /Height {image.height} "
        "/ColorSpace /DeviceGray /BitsPerComponent 8",
    )


def _drawn(sheet: Sheet, names: dict[Face, str]) -> Iterator[str]:
    """The page's drawing; a PDF counts from its lower left corner."""
    picture, rule, height = sheet.picture, sheet.rule, sheet.height
    yield (
        f"q {picture.width:.2f} 0 0 {picture.height:.2f} {picture.x:.2f} "
        f"{height - picture.y - picture.height:.2f} cm /Radiograph Do Q"
    )
    yield (
        f"{_colour(rule.colour)} rg {rule.x:.2f} {height - rule.y - 0.5:.2f} "
        f"{rule.width:.2f} 0.5 re f"
    )
    yield "BT"
    for words in sheet.words:
        run = words.run
        glyphs = run.face.outlines.glyphs
        codes = "".join(f"{glyphs.get(ord(sign), 0):04X}" for sign in run.text)
        yield (
            f"/{names[run.face]} {run.size:.2f} Tf {_colour(run.colour)} rg "
            f"1 0 0 1 {words.x:.2f} {height - words.y:.2f} Tm <{codes}> Tj"
        )
    yield "ET"


def _colour(hexadecimal: str) -> str:
    parts = (int(hexadecimal[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return " ".join(f"{part:.3f}" for part in parts)


def _text(text: str) -> str:
    """A text string in UTF-16, as a PDF takes any sign."""
    return f"<FEFF{text.encode('utf-16-be').hex().upper()}>"
