"""Which numbers and signs are marks of a list, and which are findings.

"12. No effusion" may be an item of a list or the end of a measurement, and "- 5 mm" an
item or a negative number. What is not surely a mark stays: a mark too many in a row
does no harm, a lost number does.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Between a number that is no mark and its neighbours: neither paragraph nor sentence
# ends there. No text holds it, as what can't be printed is taken out before.
GLUE = "\x00"
SIGN_MARK = re.compile(
    r"(?:^|(?<=[.!?:;]\s)|(?<=\n))(?:[*•]\s+|[-\u2013]\s++(?![.,]?\d))"
)
FURTHER_SIGN_MARK = re.compile(
    r"(?:^|(?<=[.!?:;]\s)|(?<=\n))[^\S\n]*"
    r"(?:[\u00b7\u2023\u25aa\u25cf\u25cb\u25e6][^\S\n]+|\+\s++(?![.,]?\d))"
)
# A number with something behind it in its line.
_NUMBER = re.compile(
    r"(?<!\S)(?P<kind>\(?)(?P<number>\d{1,2})(?P<end>[.)])(?=[^\S\n]+\S)"
)
_AFTER_NUMBER = re.compile(r"(?:^|\s)\(?\d{1,2}[.)]\s*\Z")


@dataclass(frozen=True)
class _Place:
    """A number where an item of a list might begin.

    opens   it begins the text, a paragraph, or a line after the end of a sentence
    counts  it follows a colon, so that it is rather what the colon announces
    """

    start: int
    end: int
    gap: int
    kind: str
    number: int
    opens: bool
    counts: bool
    is_in_line: bool


def without_names(text: str, names: re.Pattern[str]) -> str:
    """Take names of sections out; the number before one stays with what follows."""

    def instead(name: re.Match[str]) -> str:
        return "" if _AFTER_NUMBER.search(text, 0, name.start()) else "\n\n"

    return names.sub(instead, text)


def without_numbers(text: str, *, in_brackets: bool) -> str:
    """Begin a paragraph at each number of a list; bind the others to their sentence.

    Numbers of a list run 1, 2, 3; a 1 alone is a mark only where a paragraph or a
    sentence's line begins. `in_brackets` says whether (1) may be a mark as well.
    """
    places = [
        place
        for place in _places(text)
        if in_brackets or not place.kind.startswith("(")
    ]
    marks = _marks(places)
    pieces, done = [], 0
    for place in places:
        if place.start in marks:
            pieces += [text[done : place.start], "\n\n"]
            done = place.end
        elif place.counts or (place.number == 1 and place.is_in_line):
            pieces += [text[done : place.gap], GLUE]
            done = place.start
        if place.start not in marks and (place.opens or place.is_in_line):
            pieces += [text[done : place.end].rstrip(), GLUE]
            done = place.end
    return "".join([*pieces, text[done:]])


def _places(text: str) -> Iterator[_Place]:
    for found in _NUMBER.finditer(text):
        before = text[: found.start()].rstrip()
        gap = text[len(before) : found.start()]
        last = before[-1:]
        ends_sentence = last in (".", "!", "?")
        if "\n" not in gap and last not in ("", *".!?:;"):
            continue
        after = len(text) - len(text[found.end() :].lstrip())
        yield _Place(
            start=found.start(),
            end=after,
            gap=len(before),
            kind=found["kind"] + found["end"],
            number=int(found["number"]),
            opens=not before
            or (last not in (":", ";") and gap.count("\n") > 1)
            or (ends_sentence and "\n" in gap),
            counts=last in (":", ";"),
            is_in_line=ends_sentence and "\n" not in gap,
        )


def _marks(places: list[_Place]) -> set[int]:
    """Where the numbers stand that run 1, 2, 3, or are a 1 that opens."""
    found: set[int] = set()
    reached: dict[str, int] = {}
    for index, place in enumerate(places):
        if place.number == 1:
            if place.opens or _is_followed(place, places[index + 1 :]):
                found.add(place.start)
                reached[place.kind] = 1
        elif reached.get(place.kind) == place.number - 1 and not place.counts:
            found.add(place.start)
            reached[place.kind] = place.number
    return found


def _is_followed(first: _Place, later: list[_Place]) -> bool:
    """Whether a 2 of the same kind comes before another 1."""
    for place in later:
        if place.kind == first.kind and place.number in (1, 2):
            return place.number == 2 and not place.counts
    return False
