"""Where everything of a panel stands: one layout for SVG, PNG and PDF.

The sheet is as wide as two columns of a journal (180 mm) and as high as it must be.
All numbers are points from the upper left corner.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PIL import Image

from inference.panel.flow import (
    Line,
    Paragraph,
    Run,
    Span,
    balanced,
    fitting,
    height_of,
    lines_of,
)
from inference.panel.fonts import Fonts, fonts_for
from inference.panel.panel import (
    MODEL,
    Panel,
    Passage,
    caption,
    clean,
    description,
    shown_answer,
    title,
)

WIDTH = 180 / 25.4 * 72
MARGIN, GUTTER = 12.0, 18.0
COLUMN = (WIDTH - 2 * MARGIN - GUTTER) / 2
SECOND = MARGIN + COLUMN + GUTTER
INNER = WIDTH - 2 * MARGIN
# A long-leg film is shown whole, but not as high as a page.
HIGHEST_PICTURE = 1.5 * COLUMN
BODY, BODY_LEADING = 7.5, 10.5
SMALL, SMALL_LEADING = 6.0, 8.5
# Below the picture comes text only where that makes the sheet lower by so much.
WORTH_PARTING = 0.88

INK, MUTED, LINE = "#1d2428", "#566069", "#c9c5bc"
ASKED, ANSWERED, TRUTH = "#566069", "#1f4e63", "#22573a"


@dataclass(frozen=True, eq=False)
class Words:
    """A run of text with its baseline's beginning."""

    x: float
    y: float
    run: Run


@dataclass(frozen=True)
class Rule:
    """A horizontal line."""

    x: float
    y: float
    width: float
    colour: str
    height: float = 0.5


@dataclass(frozen=True, eq=False)
class Picture:
    """The radiograph and its frame on the sheet."""

    x: float
    y: float
    width: float
    height: float
    image: Image.Image


@dataclass(frozen=True, eq=False)
class Sheet:
    """A laid-out panel, to be drawn with the fonts that it was measured with."""

    height: float
    picture: Picture
    words: tuple[Words, ...]
    rule: Rule
    title: str
    description: str
    fonts: Fonts
    width: float = WIDTH

    @property
    def missing(self) -> str:
        """The signs of the text that no font at hand has."""
        return self.fonts.missing


@dataclass(frozen=True)
class _Column:
    x: float
    top: float
    lines: Sequence[Line]

    @property
    def bottom(self) -> float:
        return self.top + height_of(self.lines)


def lay_out(panel: Panel) -> Sheet:
    """Lay a panel out; raises ValueError where there is nothing to show."""
    if not panel.exchanges:
        raise ValueError("A panel needs one answered question at least.")
    said = _conversation(panel)
    truth = _ground_truth(panel)
    small = _caption(panel)
    fonts = fonts_for(
        "".join(span.text for part in (*said, *truth, small) for span in part.spans)
    )
    picture = _picture(panel.image)
    columns = _arranged(
        picture.y + picture.height,
        lines_of(said, COLUMN, fonts),
        lines_of(truth, COLUMN, fonts),
    )
    bottom = max(picture.y + picture.height, *(column.bottom for column in columns))
    rule = Rule(MARGIN, bottom + 12, INNER, LINE)
    foot = _Column(MARGIN, rule.y + 6, lines_of([small], INNER, fonts))
    return Sheet(
        height=foot.bottom + MARGIN,
        picture=picture,
        words=tuple(_words([*columns, foot])),
        rule=rule,
        title=title(panel),
        description=description(panel),
        fonts=fonts,
    )


def _picture(image: Image.Image) -> Picture:
    scale = min(COLUMN / image.width, HIGHEST_PICTURE / image.height)
    width, height = image.width * scale, image.height * scale
    return Picture(MARGIN, MARGIN, width, height, image)


def _arranged(
    picture_ends: float, said: list[Line], truth: list[Line]
) -> list[_Column]:
    """Choose among three arrangements the one that makes the sheet lowest.

    All beside the picture; the ground truth below it, as there it takes no room from
    the answers; or a text that goes on below the picture in two even columns.
    """
    below = picture_ends + 14
    beside = [_Column(SECOND, MARGIN, [*said, *truth])]
    parted = [_Column(SECOND, MARGIN, said), _Column(MARGIN, below, truth)]
    lines = [*said, *truth]
    first = fitting(lines, picture_ends - MARGIN)
    middle = first + balanced(lines[first:])
    flowing = [
        _Column(SECOND, MARGIN, lines[:first]),
        _Column(MARGIN, below, lines[first:middle]),
        _Column(SECOND, below, lines[middle:]),
    ]
    best = min(beside, parted, key=_lowest)
    return flowing if _lowest(flowing) < WORTH_PARTING * _lowest(best) else best


def _lowest(columns: Sequence[_Column]) -> float:
    return max(column.bottom for column in columns)


def _words(columns: Sequence[_Column]) -> Iterator[Words]:
    for column in columns:
        y = column.top
        for number, line in enumerate(column.lines):
            y += line.above if number else 0.0
            # Ascenders of a first line end where the picture begins.
            baseline = y + line.size * 0.76
            for run in line.runs:
                yield Words(column.x + run.x, baseline, run)
            y += line.leading


def _conversation(panel: Panel) -> list[Paragraph]:
    several = len(panel.exchanges) > 1
    paragraphs = []
    for number, exchange in enumerate(panel.exchanges, start=1):
        name = f"Question {number}" if several else "Question"
        paragraphs += [
            _label(name, ASKED, above=11.0),
            _body([Passage("", exchange.question)], MUTED),
            _label(MODEL, ANSWERED, above=4.5),
            *(_body([part], INK) for part in shown_answer(exchange)),
        ]
    return paragraphs


def _ground_truth(panel: Panel) -> list[Paragraph]:
    if not panel.ground_truth:
        return []
    parts = [_body([part], INK) for part in panel.ground_truth]
    return [_label("Ground truth", TRUTH, above=14.0), *parts]


def _label(text: str, colour: str, above: float) -> Paragraph:
    span = Span(text, colour, bold=True)
    return Paragraph((span,), BODY, BODY_LEADING, above, keep=True)


def _body(parts: Sequence[Passage], colour: str) -> Paragraph:
    return Paragraph(tuple(_spans(parts, colour)), BODY, BODY_LEADING)


def _caption(panel: Panel) -> Paragraph:
    return Paragraph(tuple(_spans(caption(panel), MUTED)), SMALL, SMALL_LEADING)


def _spans(parts: Sequence[Passage], colour: str) -> Iterator[Span]:
    """Headings run into their texts, and parts into each other."""
    for number, part in enumerate(parts):
        if number:
            yield Span("   ", colour)
        if part.heading:
            yield Span(clean(f"{part.heading}: "), INK, bold=True)
        yield Span(clean(part.text), colour)
