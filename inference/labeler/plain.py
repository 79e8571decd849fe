"""The text as the rules read it, and where each of its characters stood.

Models and word processors write ligatures, full-width letters, soft hyphens, tags and
marks of emphasis into a word or beside it. The rules look for plain lower case.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

# Tags end a line, part two cells, or are only emphasis. Others are left as words.
_ODD = re.compile(
    r"(?-i:[^\x00-\x7f])"
    r"|(?P<line></?(?:br|p|div|li|ul|ol|tr|table|h[1-6]|hr)\b[^<>]{0,200}>)"
    r"|(?P<cell></?t[dh]\b[^<>]{0,200}>)"
    r"|</?(?:b|strong|i|em|u|span|font|mark|small)\b[^<>]{0,200}>"
    r"|(?P<space>&nbsp;|&#160;)"
    # Emphasis; at the beginning of a line an asterisk may be a bullet.
    r"|(?<!\n)\*{2,3}|(?<=[^\s*])\*(?!\*)|__",
    re.IGNORECASE,
)
_INSTEAD = {"line": "\n\n", "cell": "|", "space": " "}
_QUOTES = dict.fromkeys("\u2018\u2019\u02bc", "'")
_DASHES = dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")


@dataclass(frozen=True, slots=True)
class Plain:
    """A text in plain lower case.

    words   what the rules read
    places  for each of its characters that of the text which it stands for; None
            where both are the same
    """

    words: str
    places: Sequence[int] | None

    def place(self, number: int) -> int:
        """The offset into the text of a character of the words."""
        return number if self.places is None else self.places[number]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The offsets into the text of what stands between two, end behind start."""
        return self.place(start), self.place(end - 1) + 1


def plain(text: str) -> Plain:
    """A text folded character by character."""
    pieces: list[str] = []
    places: list[int] = []
    last = 0
    for odd in _ODD.finditer(text):
        start, end = odd.span()
        instead = _INSTEAD.get(odd.lastgroup or "", "")
        if len(odd.group()) == 1 and not odd.group().isascii():
            instead = _folded(odd.group())
        if len(instead) == end - start:
            places.extend(range(last, end))
        else:
            places.extend(range(last, start))
            places.extend([start] * len(instead))
        pieces += text[last:start].lower(), instead
        last = end
    if last == 0:
        return Plain(text.lower(), None)
    places.extend(range(last, len(text)))
    return Plain("".join((*pieces, text[last:].lower())), places)


def _folded(sign: str) -> str:
    """What a sign outside of ASCII is read as: nothing where it has no width."""
    if unicodedata.category(sign) == "Cf":
        return ""
    sign = _QUOTES.get(sign) or _DASHES.get(sign) or sign
    return unicodedata.normalize("NFKC", sign).lower()
