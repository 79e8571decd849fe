"""The places of a text that speak of a finding."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from inference.labeler.phrase_table import (
    AS_IN_THE_ORIGINAL,
    NO_PHRASES,
    NO_PHRASES_HERE,
    PHRASES,
)

_ORGANS = ("Cardiomegaly", "Enlarged Cardiomediastinum")
_ENLARGED = re.compile("megaly|enlarge")
_VAGUE = re.compile("congestion|indistinctness|prominence")


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase found: the finding, its words in lower case, and where they stand."""

    finding: str
    words: str
    start: int
    end: int

    def moved(self, by: int) -> "Found":
        """The same with offsets that count from elsewhere."""
        return replace(self, start=self.start + by, end=self.end + by)

    @property
    def names_organ(self) -> bool:
        """Whether the words name an organ, whose size is said elsewhere."""
        return self.finding in _ORGANS and not _ENLARGED.search(self.words)

    @property
    def is_vague(self) -> bool:
        """Whether the original leaves open what such words mean."""
        return self.finding == "Edema" and bool(_VAGUE.search(self.words))


@dataclass(frozen=True)
class _Search:
    """What to look for on behalf of a finding.

    phrases  a literal that every match holds, which is quickly looked for, and the
             expression
    hiding   what hides a match that it overlaps
    """

    finding: str
    phrases: tuple[tuple[str, re.Pattern[str]], ...]
    hiding: re.Pattern[str] | None


@cache
def _searches(is_original: bool) -> tuple[_Search, ...]:
    """The searches of all findings, compiled once."""
    return tuple(
        _Search(
            finding,
            tuple(
                (max(phrase.split(), key=len), _expression(phrase, form, is_original))
                for phrase, form in phrases.items()
            ),
            _hiding(finding, is_original),
        )
        for finding, phrases in PHRASES.items()
    )


def _expression(phrase: str, form: str, is_original: bool) -> re.Pattern[str]:
    if is_original:
        form = AS_IN_THE_ORIGINAL.get(phrase, "")
    return re.compile(
        (form or re.escape(phrase).replace(r"\ ", " ")).replace(" ", r"\s+")
    )


def _hiding(finding: str, is_original: bool) -> re.Pattern[str] | None:
    hiding = NO_PHRASES.get(finding, ())
    if not is_original:
        hiding += NO_PHRASES_HERE.get(finding, ())
    if not hiding:
        return None
    return re.compile("|".join(hiding).replace(" ?", r"\s*").replace(" ", r"\s+"))


def phrases_in(lowered: str, *, is_original: bool) -> Iterator[Found]:
    """Every phrase of a text in lower case; those of one finding never overlap.

    is_original  inside of other words, too, as the CheXpert labeler looks for them
    """
    for search in _searches(is_original):
        spans = sorted(
            match.span()
            for literal, expression in search.phrases
            if literal in lowered
            for match in expression.finditer(lowered)
        )
        if not spans:
            continue
        hidden: list[tuple[int, int]] = []
        if search.hiding:
            hidden = [match.span() for match in search.hiding.finditer(lowered)]
        for start, end in _apart(spans):
            if not _overlaps(hidden, start, end):
                words = lowered[start:end]
                bare = words.strip()
                start += len(words) - len(words.lstrip())
                yield Found(search.finding, bare, start, start + len(bare))


def _apart(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Sorted spans with those that overlap made one."""
    start, end = spans[0]
    for begin, stop in spans[1:]:
        if begin < end:
            end = max(end, stop)
        else:
            yield start, end
            start, end = begin, stop
    yield start, end


def _overlaps(hidden: list[tuple[int, int]], start: int, end: int) -> bool:
    """Whether a span overlaps one of others, which are sorted and apart."""
    number = bisect_left(hidden, end, key=lambda span: span[0]) - 1
    return number >= 0 and hidden[number][1] > start
