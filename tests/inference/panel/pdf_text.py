"""What a reader copies out of a PDF: codes, led back through the file's own tables."""

import re
import zlib

_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def text_of_pdf(content: bytes) -> str:
    """Return the texts of a page of matplotlib's, one after another."""
    objects = dict(re.findall(rb"\n(\d+) 0 obj\n(.*?)\nendobj", content, re.DOTALL))
    tables = {
        name: _table(unpacked(objects[made]))
        for name, number in re.findall(rb"/(F\d+) (\d+) 0 R", content)
        for made in re.findall(rb"/ToUnicode (\d+) 0 R", objects[number])
    }
    (page,) = (
        unpacked(each)
        for each in objects.values()
        if b"stream" in each and b" Tf" in unpacked(each)
    )
    return " ".join(
        _shown(block, tables)
        for block in re.findall(rb"BT\n(.*?)\nET", page, re.DOTALL)
    )


def unpacked(stream: bytes) -> bytes:
    """Return what a compressed stream holds."""
    return zlib.decompress(stream.split(b"stream\n", 1)[1])


def _shown(block: bytes, tables: dict[bytes, dict[bytes, str]]) -> str:
    """The text between BT and ET: fonts are chosen, strings are shown."""
    table: dict[bytes, str] = {}
    text = ""
    for font, string in re.findall(
        rb"/(F\d+) \S+ Tf|\(((?:[^\\)]|\\.)*)\)", block, re.DOTALL
    ):
        if font:
            table = tables[font]
            continue
        codes = re.sub(
            rb"\\(.)",
            lambda found: _ESCAPED.get(found[1], found[1]),
            string,
            flags=re.S,
        )
        size = len(next(iter(table)))
        for at in range(0, len(codes), size):
            text += table[codes[at : at + size]]
    return text


def _table(made: bytes) -> dict[bytes, str]:
    """A ToUnicode map: ranges of codes, each with what every code stands for."""
    found = {}
    for first, last, texts in re.findall(
        rb"<(\w+)> <(\w+)>\s+\[([^\]]*)\]", made, re.DOTALL
    ):
        codes = range(int(first, 16), int(last, 16) + 1)
        for code, text in zip(codes, re.findall(rb"<(\w+)>", texts), strict=True):
            unicode = bytes.fromhex(text.decode()).decode("utf-16-be")
            found[code.to_bytes(len(first) // 2, "big")] = unicode
    return found
