"""How a table of text is written: encoding, delimiter, header. Guessed, never assumed.

What is guessed here is shown to a person, who may know better.
"""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from charset_normalizer import from_bytes

from readerstudy.csv_cells import is_utf_16

ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16, as its first bytes say",
    "utf-16-le": "UTF-16, little-endian",
    "utf-16-be": "UTF-16, big-endian",
    "cp1252": "Western European (Windows-1252)",
    "cp1250": "Central European (Windows-1250)",
    "cp1251": "Cyrillic (Windows-1251)",
    "cp1253": "Greek (Windows-1253)",
    "cp1254": "Turkish (Windows-1254)",
    "cp949": "Korean (Windows-949)",
    "cp932": "Japanese (Windows-932)",
    "gb18030": "Chinese (GB18030)",
    "mac-roman": "Western European (Macintosh)",
}
# The same within a sentence, where no more is said of their bytes.
ENCODING_NAMES = {each: title.partition(",")[0] for each, title in ENCODINGS.items()}
DELIMITERS = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Vertical bar"}
# What charset-normalizer may choose from where the bytes are not Unicode, the likelier
# first: it is preferred among guesses that fit alike.
_OLD = ("cp1252", "cp949", "cp932", "gb18030", "cp1250", "cp1251", "cp1253", "cp1254")
_BLOCK = 1 << 20
# So much of what is not ASCII is looked at.
_TELLING = 100_000
_TITLES = {
    *("case", "case_id", "code", "id", "uid", "study", "study_id", "image", "image_id"),
    *("dicom_id", "filename", "file", "path", "accession", "report", "reports", "text"),
    *("findings", "impression", "indication", "stratum", "label", "generated_report"),
    *("film", "film_id", "exam", "exam_id", "examination", "radiograph", "category"),
    *("image_path", "image_name", "accession_number", "radiologist", "prediction"),
}
# A cell can be one of these by chance; two of them are titles.
_MAY_BE_TITLES = {
    *("class", "group", "name", "model", "reading", "human", "ai", "reference"),
    *("output", "answer", "response", "draft", "generated", "description", "status"),
}


@dataclass(frozen=True)
class Dialect:
    """encoding and delimiter are keys of ENCODINGS and DELIMITERS."""

    encoding: str = "utf-8"
    delimiter: str = ","
    has_header: bool = True

    @property
    def codec(self) -> str:
        """Python's name for the encoding; a byte order mark is no part of the text."""
        return "utf-8-sig" if self.encoding == "utf-8" else self.encoding


def undecodable_line(path: Path, encoding: str) -> int | None:
    """The line of a file with the first bytes that an encoding lacks, or None."""
    codec = Dialect(encoding).codec
    decoder, line = codecs.getincrementaldecoder(codec)(), 1
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                line += decoder.decode(block).count("\n")
            decoder.decode(b"", final=True)
    except UnicodeError as problem:
        before = getattr(problem, "object", b"")[: getattr(problem, "start", 0)]
        return line + bytes(before).count(b"\n")
    return None


def guess_encoding(path: Path) -> str:
    """The encoding of a file, by its first bytes, by UTF-8's rules, or by its words.

    Always an answer: where nothing fits, UTF-8, whose failure names the line.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8"
    if is_utf_16(head):
        return "utf-16"
    for encoding, first in (("utf-16-be", 0), ("utf-16-le", 1)):
        # Half of the bytes of plain words in UTF-16 are zero.
        if head[first::2].count(0) > len(head) / 8 and len(head) > 3:
            return encoding
    if undecodable_line(path, "utf-8") is None:
        return "utf-8"
    telling = _telling(path)
    for encoding in _likely(telling):
        if undecodable_line(path, encoding) is None:
            return encoding
    return "utf-8"


def _telling(path: Path) -> bytes:
    """Lines of a file that are not all ASCII."""
    telling = bytearray()
    with path.open("rb") as file:
        while len(telling) < _TELLING and (line := file.readline(_BLOCK)):
            if not line.isascii():
                telling += line[:_TELLING]
    return bytes(telling)


def _likely(telling: bytes) -> list[str]:
    """Encodings that the words of a file speak for, the likeliest first."""
    found = from_bytes(telling, cp_isolation=list(_OLD), threshold=0.5)
    ranked = sorted(
        found,
        key=lambda each: (
            round(each.chaos, 2),
            -round(each.coherence, 2),
            _OLD.index(each.encoding),
        ),
    )
    names = [each.encoding for each in ranked]
    common = telling.decode("cp1252", errors="replace")
    if names and telling.decode(names[0], errors="replace") == common:
        # Umlauts are the same in several of them; the commonest is meant.
        names.insert(0, "cp1252")
    return names + list(_OLD)


def guess_delimiter(head: str) -> str:
    """The sign that cuts the first rows of a table into equally many cells."""
    best, highest = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
        try:
            widths = Counter(len(row) for row in islice(reader, 50) if any(row))
        except csv.Error:
            continue
        width, rows = max(widths.items(), key=lambda pair: pair[1], default=(0, 0))
        score = (rows / max(1, widths.total()), width)
        if width > 1 and score > highest:
            best, highest = delimiter, score
    return best


def guess_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first of these rows names the columns."""
    if not rows:
        return True
    first, rest = [cell.strip() for cell in rows[0]], rows[1:]
    words = [cell.lower().replace(" ", "_") for cell in first]
    if any(word in _TITLES for word in words):
        return True
    if sum(word in _MAY_BE_TITLES for word in words) > 1:
        return True
    if not all(first) or len(set(first)) < len(first):
        return False
    lengths = [sum(map(len, column)) / len(rest) for column in zip(*rest, strict=False)]
    # Titles are short, and the texts below them are not.
    return any(
        length > 40 and len(title) < length / 4
        for title, length in zip(first, lengths, strict=False)
    )
