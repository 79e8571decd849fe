"""One layout for every report, so that style cannot tell whose it is.

Both arms pass through `lay_out`: one heading, one sentence a row, no list marks, no
section names, even white space. Words are never changed; the raw text is kept by the
report itself. LAYOUT_VERSION goes into the protocol.
"""

import re
import unicodedata
from dataclasses import asdict, dataclass
from typing import Any, Literal

LAYOUT_VERSION = 2
HEADING = "Report"
REMOVED_NOTE = (
    "{mark} stands for words that were taken out for privacy. It says nothing about "
    "who wrote a report."
)

Redaction = Literal["as_written", "ellipsis"]
_MARKS: dict[Redaction, str] = {"as_written": "XXXX", "ellipsis": "[…]"}

# Runs of X left by de-identification, also glued to other letters (Comparis XXXX);
# some models write them in small letters.
_REMOVED = re.compile(r"X{4,}|(?<![A-Za-z])x{4,}(?![A-Za-z])")
_SECTION_NAME = re.compile(
    r"(?:^|(?<=[.!?]\s)|(?<=\n))(?:findings?|impressions?|conclusions?|report)\s*:\s*",
    re.IGNORECASE,
)
_LIST_MARK = re.compile(r"(?:^|(?<=[.!?:;]\s)|(?<=\n))(?:\d{1,2}[.)]|[-*•\u2013])\s+")
_PARAGRAPH = re.compile(r"\n\s*\n")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
# A full stop after these ends no sentence.
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:e\.g|i\.e|vs|approx|dr|mr|mrs|ms|st|no|fig|cf|ca|etc|resp)\.$",
    re.IGNORECASE,
)
_QUOTES = str.maketrans({"\u201c": '"', "\u201d": '"', "\u2018": "'", "\u2019": "'"})


@dataclass(frozen=True)
class Section:
    """A heading and its sentences, in order."""

    heading: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Body:
    """What a reader sees of a report, and the note that every reader sees."""

    sections: tuple[Section, ...]
    note: str

    def as_json(self) -> dict[str, Any]:
        """Plain dictionaries and lists, ready to be stored and shown."""
        return asdict(self)


def lay_out(*, findings: str, impression: str, text: str, redaction: Redaction) -> Body:
    """Lay a report out in the one form that all reports of a study share.

    A report is findings and impression, or one text without sections. `redaction`
    says how removed words are shown.
    """
    sentences: list[str] = []
    for part in (findings, impression, text):
        sentences.extend(_sentences(part, _MARKS[redaction]))
    return Body(
        sections=(Section(HEADING, tuple(sentences)),), note=removed_note(redaction)
    )


def removed_note(redaction: Redaction) -> str:
    """What every reader is told about removed words, whatever a report holds."""
    return REMOVED_NOTE.format(mark=_MARKS[redaction])


def _sentences(part: str, mark: str) -> list[str]:
    """Split one part into tidy sentences; list marks and section names go.

    What is taken away may lay bare another mark ("1. Findings: - Clear"), so it is
    done until nothing changes: laying out what is laid out must change nothing.
    """
    sentences = _split(part, mark)
    while (again := _split("\n\n".join(sentences), mark)) != sentences:
        sentences = again
    return sentences


def _split(part: str, mark: str) -> list[str]:
    """One pass of `_sentences`; it never makes a text longer but by a full stop."""
    plain = unicodedata.normalize("NFC", part).translate(_QUOTES)
    plain = plain.replace("\r\n", "\n").replace("\r", "\n")
    plain = re.sub(r"[^\S\n]", " ", plain)
    plain = "".join(
        letter for letter in plain if letter == "\n" or letter.isprintable()
    ).strip()
    plain = _SECTION_NAME.sub("\n\n", plain)
    # A marked item begins a paragraph of its own, so that it ends a sentence too.
    plain = _LIST_MARK.sub("\n\n", plain)
    found: list[str] = []
    for paragraph in _PARAGRAPH.split(plain):
        pieces = _SENTENCE_END.split(" ".join(paragraph.split()))
        joined: list[str] = []
        for piece in pieces:
            if joined and _ABBREVIATION.search(joined[-1]):
                joined[-1] = f"{joined[-1]} {piece}"
            else:
                joined.append(piece)
        found.extend(_tidy(sentence, mark) for sentence in joined)
    return [sentence for sentence in found if sentence]


def _tidy(sentence: str, mark: str) -> str:
    """Even out one sentence: removed words, spaces, first letter, full stop."""
    sentence = _REMOVED.sub(mark, sentence)
    sentence = re.sub(r"\s+([.,;:!?])", r"\1", sentence).strip()
    if not any(letter.isalnum() or letter == "…" for letter in sentence):
        return ""
    sentence = sentence[0].upper() + sentence[1:]
    return sentence if sentence[-1] in ".!?" else f"{sentence.rstrip(',;:')}."
