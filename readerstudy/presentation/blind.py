"""One layout for every report, so that style cannot tell whose it is.

All arms pass through `lay_out` under the profile that the study names: one sentence a
row, no list marks, no section names, even white space; levelling.py goes further. Words
and numbers are never changed; the raw text is kept by the report itself. The profile's
name and version go into the protocol: a profile that lays out anything else is another
version.
"""

import re
import unicodedata
from dataclasses import asdict, dataclass
from typing import Any, Literal

from readerstudy.presentation.levelling import (
    level_sentence,
    level_text,
    parts_of,
)
from readerstudy.presentation.list_marks import (
    GLUE,
    SIGN_MARK,
    without_names,
    without_numbers,
)

HEADING = "Report"
HEADINGS = ("Findings", "Impression")
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
# What the former profiles took for a mark; it took numbers of the text as well.
_FORMER_LIST_MARK = re.compile(
    r"(?:^|(?<=[.!?:;]\s)|(?<=\n))(?:\d{1,2}[.)]|[-*•\u2013])\s+"
)
_PARAGRAPH = re.compile(r"\n\s*\n")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
# A full stop after these ends no sentence.
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:e\.g|i\.e|vs|approx|dr|mr|mrs|ms|st|no|fig|cf|ca|etc|resp)\.$",
    re.IGNORECASE,
)
_QUOTES = str.maketrans({"\u201c": '"', "\u201d": '"', "\u2018": "'", "\u2019": "'"})


@dataclass(frozen=True)
class Profile:
    """A way to lay reports out: its name and version, and what it does in words.

    levels        evens out capitals, marks and spaces besides (levelling.py)
    has_sections  keeps findings and impression apart where a report has both
    is_former     a version that may lose a number or its sign; no study can choose it
                  any more, those that were frozen with it keep it
    """

    name: str
    version: int
    title: str
    told: str
    levels: bool = False
    has_sections: bool = False
    is_former: bool = False

    @property
    def key(self) -> str:
        """Name and version, as a study and its protocol hold them."""
        return f"{self.name}/{self.version}"


_PLAIN = (
    "One sentence a row under one heading; list marks and section names go, white "
    "space is made even, every sentence begins with a capital and ends with a full "
    "stop. A number goes only where items run 1, 2, 3, or a 1 opens a line or "
    "paragraph; a sign before a number stays."
)
_EVEN = (
    "As plain; besides, sentences all in capitals are set in sentence case, common "
    "abbreviations in capitals, spaces around punctuation and units are made even, "
    "further list marks, Markdown and headings go, and every mark for removed words "
    "is the same."
)
_SECTIONS = (
    "As even, under the headings Findings and Impression. For studies all of whose "
    "reports have both."
)
_FORMER = "A former version, which may take a number of the text for a list mark."
_EVERY = (
    Profile("plain", 3, "Plain", _PLAIN),
    Profile("even", 2, "Even", _EVEN, levels=True),
    Profile(
        "sections",
        2,
        "Even, in two sections",
        _SECTIONS,
        levels=True,
        has_sections=True,
    ),
    Profile("plain", 2, "Plain, former", _FORMER, is_former=True),
    Profile("even", 1, "Even, former", _FORMER, levels=True, is_former=True),
    Profile(
        "sections",
        1,
        "Even, in two sections, former",
        _FORMER,
        levels=True,
        has_sections=True,
        is_former=True,
    ),
)
PROFILES = {profile.key: profile for profile in _EVERY}
# What a study can choose.
OFFERED = {key: profile for key, profile in PROFILES.items() if not profile.is_former}
PLAIN = "plain/3"
# What a copy of an older study is laid out in.
NEWER = {"plain/2": "plain/3", "even/1": "even/2", "sections/1": "sections/2"}


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


def lay_out(
    *,
    findings: str,
    impression: str,
    text: str,
    redaction: Redaction,
    profile: str = PLAIN,
) -> Body:
    """Lay a report out in the one form that all reports of a study share.

    A report is findings and impression, or one text without sections. `redaction`
    says how removed words are shown; `profile` is a key of PROFILES.
    """
    way, mark = PROFILES[profile], _MARKS[redaction]
    note = removed_note(redaction)
    parts = parts_of(findings, impression, text) if way.has_sections else None
    if parts is not None:
        sections = tuple(
            Section(heading, tuple(_sentences(part, mark, way)))
            for heading, part in zip(HEADINGS, parts, strict=True)
        )
        return Body(sections, note)
    sentences: list[str] = []
    for part in (findings, impression, text):
        sentences.extend(_sentences(part, mark, way))
    return Body((Section(HEADING, tuple(sentences)),), note)


def removed_note(redaction: Redaction) -> str:
    """What every reader is told about removed words, whatever a report holds."""
    return REMOVED_NOTE.format(mark=_MARKS[redaction])


def _sentences(part: str, mark: str, way: Profile) -> list[str]:
    """Split one part into tidy sentences; list marks and section names go.

    What is taken away may lay bare another mark ("1. Findings: - Clear"), so it is
    done until nothing changes: laying out what is laid out must change nothing.
    """
    one_pass = _level if way.levels else _split
    sentences = one_pass(part, mark, way)
    while (again := one_pass("\n\n".join(sentences), mark, way)) != sentences:
        sentences = again
    return sentences


def _level(part: str, mark: str, way: Profile) -> list[str]:
    """One pass of a profile that levels: marks, sentences, then each sentence."""
    split = _split(level_text(part, is_former=way.is_former), mark, way)
    return [level_sentence(sentence) for sentence in split]


def _split(part: str, mark: str, way: Profile) -> list[str]:
    """One pass of `_sentences`; it never makes a text longer but by a full stop."""
    plain = unicodedata.normalize("NFC", part).translate(_QUOTES)
    plain = plain.replace("\r\n", "\n").replace("\r", "\n")
    plain = re.sub(r"[^\S\n]", " ", plain)
    plain = "".join(
        letter for letter in plain if letter == "\n" or letter.isprintable()
    ).strip()
    # A marked item begins a paragraph of its own, so that it ends a sentence too.
    if way.is_former:
        plain = _FORMER_LIST_MARK.sub("\n\n", _SECTION_NAME.sub("\n\n", plain))
    else:
        plain = without_names(plain, _SECTION_NAME)
        plain = without_numbers(plain, in_brackets=way.levels)
        plain = SIGN_MARK.sub("\n\n", plain)
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
    sentence = _REMOVED.sub(mark, sentence.replace(GLUE, " "))
    sentence = re.sub(r"\s+([.,;:!?])", r"\1", sentence).strip()
    if not any(letter.isalnum() or letter == "…" for letter in sentence):
        return ""
    sentence = sentence[0].upper() + sentence[1:]
    return sentence if sentence[-1] in ".!?" else f"{sentence.rstrip(',;:')}."
