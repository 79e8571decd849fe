"""What in a report's text looks like a name, a date, a number, or like a model's chat.

Patterns, not understanding: they list what a person should look at. They find things
that are harmless, and they overlook things.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a finding may be; the value is its word in addresses and rows."""

    NAME = "name"
    DATE = "date"
    NUMBER = "number"
    ADDRESS = "address"
    TELL_TALE = "tell_tale"

    @property
    def title(self) -> str:
        """As a heading has it."""
        return _TITLES[self]


_TITLES = {
    Kind.NAME: "Names of people",
    Kind.DATE: "Dates and times",
    Kind.NUMBER: "Telephone, patient and accession numbers",
    Kind.ADDRESS: "E-mail, web and street addresses",
    Kind.TELL_TALE: "Words that give a model away",
}


@dataclass(frozen=True)
class Finding:
    """A piece of a text, from `start` up to `end`."""

    kind: Kind
    start: int
    end: int


_TITLE = r"(?:Dr|Drs|Doctor|Prof|Professor|Mr|Mrs|Ms|Miss|Nurse|Sister|PA-C|RN)"
_PERSON = r"[A-Z][\w'\u2019-]+(?:\s+(?:[A-Z]\.\s*)?[A-Z][\w'\u2019-]+){0,2}"
_TOLD = (
    r"(?:discussed|reviewed|communicated|conveyed|relayed|spoke|spoken|notified|"
    r"informed|reported|called|paged|telephoned|dictated|signed|read|verified)"
)
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|"
    r"Aug(?:ust)?|Sep(?:t(?:ember)?)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?:19|20)\d\d"

_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (Kind.NAME, re.compile(rf"\b{_TITLE}\b\.?\s+(?-i:{_PERSON})", re.IGNORECASE)),
    (
        Kind.NAME,
        re.compile(
            rf"\b{_TOLD}\s+(?:with|by|to)\s+(?:the\s+)?(?-i:(?!Dr\b|XXXX){_PERSON})",
            re.IGNORECASE,
        ),
    ),
    (Kind.NAME, re.compile(r"\b[A-Z][a-z]+,?\s+(?:M\.?D\.?|R\.?N\.?|D\.?O\.?)(?!\w)")),
    (Kind.NAME, re.compile(r"\b(?i:patient(?:'s)? name|name)\s*[:=]\s*\S+")),
    (
        Kind.DATE,
        re.compile(
            rf"\b(?:{_DAY}[./-]{_DAY}[./-](?:{_YEAR}|\d\d)|{_YEAR}[./-]\d\d?[./-]\d\d?)\b"
        ),
    ),
    (
        Kind.DATE,
        re.compile(
            rf"\b(?:{_DAY}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}\.?(?:,?\s+{_YEAR})?"
            rf"|{_MONTH}\.?\s+{_DAY}(?:st|nd|rd|th)?(?:,?\s+{_YEAR})?|{_MONTH}\.?\s+{_YEAR})\b"
        ),
    ),
    (
        Kind.DATE,
        re.compile(
            r"\b(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?\s*(?:[ap]\.?m\b\.?|hrs?|hours|h)?"
            r"|\b(?:1[0-2]|0?[1-9])\s*[ap]\.?m\b\.?",
            re.IGNORECASE,
        ),
    ),
    (
        Kind.NUMBER,
        re.compile(
            r"\b(?:MRN|ID|accession|acc|patient|record|case|exam|order|phone|tel|"
            r"telephone|pager|fax|ext|room|bed|ssn|nhs)\s*(?:no\.?|number|num|#)?"
            r"\s*[:#=]?\s*[A-Z]{0,3}-?\d[\d -]{2,}",
            re.IGNORECASE,
        ),
    ),
    (Kind.NUMBER, re.compile(r"(?<![\w.])\+?(?:\(?\d{2,4}\)?[ .-]){2,4}\d{3,}\b")),
    (Kind.NUMBER, re.compile(r"(?<![\w.])[A-Z]{0,3}\d{6,}\b")),
    (Kind.ADDRESS, re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.-]+\b")),
    (Kind.ADDRESS, re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)),
    (
        Kind.ADDRESS,
        re.compile(
            r"\b\d{1,5}\s+(?:[A-Z][a-z]+\s+){1,2}"
            r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Boulevard|Blvd)\b"
        ),
    ),
    (
        Kind.TELL_TALE,
        re.compile(
            r"(?:^\s*(?:Sure|Certainly|Of course|Absolutely|Here is|Here's)\b"
            r"|\bas an? (?:AI|artificial|language model|large language|assistant)\b"
            r"|\b(?:I'm|I am) (?:an AI|a language model|sorry|unable|not able)\b"
            r"|\bI (?:cannot|can't|can not|apologi[sz]e|do not have access)\b"
            r"|\b(?:I hope this helps|let me know if|feel free to)\b"
            r"|\bbased on the (?:provided|given) image"
            r"|\bthe image (?:provided|you (?:sent|provided|uploaded))\b"
            r"|\bconsult (?:a|your|with a) (?:doctor|physician|healthcare|qualified)\b"
            r")[^.\n]*",
            re.IGNORECASE | re.MULTILINE,
        ),
    ),
    (
        Kind.TELL_TALE,
        re.compile(
            r"\[/?INST\]|<\|[^|>\n]*\|?>?|<</?SYS>>|</?s>|</?(?:image|img|unk|pad|think)>"
            r"|###\s*(?:Instruction|Response|Human|Assistant)|\bUSER:|\bASSISTANT:"
            r"|\*\*[^*\n]+\*\*|```"
        ),
    ),
)
MASK = re.compile(r"\bX{2,}\b|_{3,}|\[\*\*[^\]]*\*\*\]")
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]?")
# Of fewer words, every radiologist writes the same.
LEAST_WORDS = 7
LEAST_REPORTS = 20
LEAST_SHARE = 0.2


def findings_of(text: str) -> list[Finding]:
    """Everything in a text that a person should look at, in order, without overlaps
    within a kind."""
    found: list[Finding] = []
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if match.end() > match.start():
                _add(found, Finding(kind, match.start(), match.end()))
    return sorted(found, key=lambda each: (each.start, each.end))


def _add(found: list[Finding], finding: Finding) -> None:
    for other in found:
        shares = other.start < finding.end and finding.start < other.end
        if shares and other.kind is finding.kind:
            return
    found.append(finding)


def masks_in(text: str) -> int:
    """How many words were masked before the text came: XXXX, ___ or [**...**]."""
    return len(MASK.findall(text))


def repeated(texts: Iterable[str]) -> list[tuple[str, int]]:
    """Long sentences that stand in many of the texts, with in how many, most first.

    A fifth of the texts at least, of twenty texts at least.
    """
    held = list(texts)
    if len(held) < LEAST_REPORTS:
        return []
    counts: Counter[str] = Counter()
    for text in held:
        counts.update(set(_sentences(text)))
    least = max(2, LEAST_SHARE * len(held))
    return [(sentence, n) for sentence, n in counts.most_common(20) if n >= least]


def _sentences(text: str) -> Iterator[str]:
    for match in _SENTENCE.finditer(text):
        sentence = " ".join(match.group().split())
        if len(sentence.split()) >= LEAST_WORDS:
            yield sentence
