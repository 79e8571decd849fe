"""Paragraphs to lines: words are wrapped at a width, and lines fill columns."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from inference.panel.fonts import Fonts

# What Unicode calls the signs that have a direction of their own.
_STRONG = {"L", "R", "AL"}


@dataclass(frozen=True)
class Span:
    """Words in one style."""

    text: str
    colour: str
    bold: bool = False


@dataclass(frozen=True)
class Paragraph:
    """Spans that run into each other; sizes and distances in points.

    above  distance to what comes before it in a column
    keep   not to be parted from the next paragraph
    """

    spans: tuple[Span, ...]
    size: float
    leading: float
    above: float = 0.0
    keep: bool = False


@dataclass(frozen=True)
class Run:
    """A stretch of one line in one style; `x` counts from the line's left end.

    leftwards  of a paragraph that is read from right to left
    """

    x: float
    width: float
    text: str
    size: float
    colour: str
    bold: bool
    leftwards: bool = False


@dataclass(frozen=True)
class Line:
    """One line; `keep` says that no column may end with it."""

    runs: tuple[Run, ...]
    size: float
    leading: float
    above: float = 0.0
    keep: bool = False


def lines_of(paragraphs: Sequence[Paragraph], width: float, fonts: Fonts) -> list[Line]:
    """Wrap paragraphs at a width. A paragraph's first and last line stay in company."""
    lines: list[Line] = []
    for paragraph in paragraphs:
        size, leading = paragraph.size, paragraph.leading
        leftwards = is_leftwards(_text_without_headings(paragraph))
        made = []
        for pieces in _wrapped(paragraph, width, fonts):
            runs = tuple(_runs(pieces, size, fonts))
            if leftwards:
                runs = tuple(
                    replace(run, x=width - run.x - run.width, leftwards=True)
                    for run in runs
                )
            made.append(Line(runs, size, leading))
        for number, line in enumerate(made):
            is_last = number == len(made) - 1
            in_company = number in (0, len(made) - 2) and not is_last
            made[number] = replace(
                line,
                above=0.0 if number else paragraph.above,
                keep=paragraph.keep if is_last else in_company,
            )
        lines += made
    return lines


def is_leftwards(text: str) -> bool:
    """Return whether a text begins in a script like Hebrew or Arabic."""
    directions = (unicodedata.bidirectional(sign) for sign in text)
    return next((each for each in directions if each in _STRONG), "L") != "L"


def height_of(lines: Sequence[Line]) -> float:
    """Return how far lines reach in a column, whose first line has nothing above it."""
    return sum(
        line.leading + (line.above if number else 0.0)
        for number, line in enumerate(lines)
    )


def fitting(lines: Sequence[Line], height: float) -> int:
    """Return how many lines may stand in a column of a height."""
    return max(
        (end for end in _ends(lines) if height_of(lines[:end]) <= height), default=0
    )


def balanced(lines: Sequence[Line]) -> int:
    """Return where to part lines so that two columns come out about even."""
    return min(
        _ends(lines),
        key=lambda end: max(height_of(lines[:end]), height_of(lines[end:])),
        default=0,
    )


def _ends(lines: Sequence[Line]) -> Iterator[int]:
    """The numbers of lines after which a column may end."""
    for number, line in enumerate(lines, start=1):
        if not line.keep or number == len(lines):
            yield number


def _text_without_headings(paragraph: Paragraph) -> str:
    """Headings are English in any language's report and give it no direction."""
    return "".join(span.text for span in paragraph.spans if not span.bold)


_Piece = tuple[str, Span]


def _wrapped(
    paragraph: Paragraph, width: float, fonts: Fonts
) -> Iterator[list[_Piece]]:
    line: list[_Piece] = []
    used = 0.0
    for text, span in _pieces(paragraph.spans):
        if text == "\n":
            yield line
            line, used = [], 0.0
            continue
        if text.isspace() and not line:
            continue
        for part in _cut(text, span, paragraph.size, width, fonts):
            more = fonts.width(part, paragraph.size, bold=span.bold)
            if line and used + more > width and not part.isspace():
                yield line
                line, used = [], 0.0
            line.append((part, span))
            used += more
    yield line


def _pieces(spans: Sequence[Span]) -> Iterator[_Piece]:
    """Words, spaces and line ends; a line may end beside any wide sign."""
    for span in spans:
        for piece in re.findall(r"\n|[^\S\n]+|\S+", span.text):
            part = ""
            for sign in piece:
                if unicodedata.east_asian_width(sign) in "WF":
                    if part:
                        yield part, span
                        part = ""
                    yield sign, span
                else:
                    part += sign
            if part:
                yield part, span


def _cut(
    text: str, span: Span, size: float, width: float, fonts: Fonts
) -> Iterator[str]:
    """Cut what is longer than a whole line."""
    while len(text) > 1 and fonts.width(text, size, bold=span.bold) > width:
        end = len(text) - 1
        while end > 1 and fonts.width(text[:end], size, bold=span.bold) > width:
            end -= 1
        yield text[:end]
        text = text[end:]
    yield text


def _runs(pieces: list[_Piece], size: float, fonts: Fonts) -> Iterator[Run]:
    """The runs of one line, without the space at its end."""
    while pieces and pieces[-1][0].isspace():
        pieces = pieces[:-1]
    x = 0.0
    joined: list[_Piece] = []
    for text, span in pieces:
        if joined and joined[-1][1] is span:
            joined[-1] = (joined[-1][0] + text, span)
        else:
            joined.append((text, span))
    for text, span in joined:
        # Not every viewer of an SVG heeds a space at the beginning of a text.
        rest = text.lstrip()
        x += fonts.width(text[: len(text) - len(rest)], size, bold=span.bold)
        if shown := rest.rstrip():
            width = fonts.width(shown, size, bold=span.bold)
            yield Run(x, width, shown, size, span.colour, span.bold)
        x += fonts.width(rest, size, bold=span.bold)
