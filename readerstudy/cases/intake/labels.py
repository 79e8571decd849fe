"""Names of delivered files: labels for people, which never lead anywhere."""

import hashlib
import re
import unicodedata
from collections.abc import Callable

from readerstudy.cases.names import shown

LONGEST = 500


def label(name: str) -> str:
    """A file's name as it is kept: relative, NFC, on one line, of storable length.

    Signs that cannot be seen are written out, so two names that differ stay apart.
    """
    slashes = unicodedata.normalize("NFC", name).replace("\\", "/")
    parts = [part.strip() for part in slashes.split("/")]
    kept = [part for part in parts if part not in ("", ".", "..")]
    if kept and re.fullmatch("[A-Za-z]:", kept[0]):
        del kept[0]
    return _short(shown("/".join(kept))) or "unnamed"


def _short(text: str) -> str:
    """The end of a long name says most; a digest of all of it keeps it unique."""
    if len(text) <= LONGEST:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return f"{digest}...{text[-(LONGEST - 15) :]}"


def numbered(name: str, number: int) -> str:
    """The name of the second, third, ... file of a name: "a.dcm" to "a (2).dcm"."""
    if number < 2:
        return name
    folder, slash, last = name.rpartition("/")
    stem, dot, suffix = last.rpartition(".")
    last = f"{stem} ({number}).{suffix}" if dot and stem else f"{last} ({number})"
    return _short(f"{folder}{slash}{last}")


def first_free(name: str, is_taken: Callable[[str], bool]) -> str:
    """The name itself, or the first of its numbered ones that is not taken."""
    number = 1
    while is_taken(numbered(name, number)):
        number += 1
    return numbered(name, number)
