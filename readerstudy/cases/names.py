"""Names that come from outside: of files, for cases and collections, on a terminal."""

import re
import unicodedata
from pathlib import PurePath

# A file named by a UID has no suffix, whatever follows its last dot.
_UID = re.compile(r"[0-9]+(\.[0-9]+)+")


def is_plain(text: str) -> bool:
    """Whether a text is one line of letters, signs and spaces that can be stored.

    Control characters, invisible marks and bytes that were no text are not plain.
    """
    return not any(
        unicodedata.category(letter)[0] == "C" or letter in "\u2028\u2029"
        for letter in text
    )


def composed(text: str) -> str:
    """A name in one spelling: some systems write an umlaut as two characters."""
    return unicodedata.normalize("NFC", text.strip())


def stem_of(path: PurePath) -> str:
    """A file's name without its suffix."""
    return path.name if _UID.fullmatch(path.name) else path.stem


def shown(name: str) -> str:
    """A file's name on one line of text, whatever bytes and signs it holds."""
    try:
        content = name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        # Half of a pair that stands for no byte: browsers send those of file names.
        content = name.encode("utf-8", "backslashreplace")
    text = content.decode("utf-8", "backslashreplace")
    return "".join(
        letter if is_plain(letter) else letter.encode("unicode_escape").decode()
        for letter in text
    )
