"""Sentences with the errors that readers marked in them, cut at every mark's ends."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any


@dataclass(frozen=True)
class Mark:
    """An error as it is shown: its number on the page, and where it stands.

    sentence  from 1; None for what was left out of the report
    """

    number: int
    reader: str
    category: str
    is_significant: bool
    quote: str
    replacement: str
    sentence: int | None
    start: int
    end: int


@dataclass(frozen=True)
class Piece:
    """A stretch of a sentence, and the numbers of the marks that cover it.

    ends  the numbers of those that end with it, to be written behind it
    """

    text: str
    numbers: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()


def sentences_of(body: Mapping[str, Any]) -> list[str]:
    """The sentences of a report as readers see them, in order."""
    return [
        str(sentence)
        for section in body.get("sections", [])
        for sentence in section.get("sentences", [])
    ]


def marked_sentences(
    sentences: Iterable[str], marks: Iterable[Mark]
) -> list[list[Piece]]:
    """Every sentence as pieces. Marks may overlap; each stays whole in what it covers.

    A mark beyond the end of its sentence is cut there.
    """
    marks = list(marks)
    return [
        _pieces(sentence, [mark for mark in marks if mark.sentence == number])
        for number, sentence in enumerate(sentences, 1)
    ]


def _pieces(sentence: str, marks: list[Mark]) -> list[Piece]:
    spans = [
        (mark.number, min(mark.start, len(sentence)), min(mark.end, len(sentence)))
        for mark in marks
    ]
    cuts = sorted({0, len(sentence), *(cut for _, *ends in spans for cut in ends)})
    return [
        Piece(
            sentence[low:high],
            tuple(number for number, start, end in spans if start <= low < end),
            tuple(number for number, _, end in spans if end == high),
        )
        for low, high in pairwise(cuts)
    ]
