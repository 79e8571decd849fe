"""A sheet as SVG: text stays text, the radiograph is inside."""

import base64
import io
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from PIL import Image

from inference.panel.layout import Sheet, Words

# All of them are as wide as the font that was measured.
FAMILY = "'Liberation Sans', Arimo, Arial, Helvetica, sans-serif"


def to_svg(sheet: Sheet) -> bytes:
    """Return the sheet as an SVG document in UTF-8."""
    return "\n".join(_lines(sheet)).encode()


def _lines(sheet: Sheet) -> Iterator[str]:
    width, height = _number(sheet.width), _number(sheet.height)
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}pt" height="{height}pt"'
        f' viewBox="0 0 {width} {height}" role="img"'
        f' font-family="{FAMILY}">'
    )
    yield f"<title>{escape(sheet.title)}</title>"
    yield f"<desc>{escape(sheet.description)}</desc>"
    yield f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
    picture, rule = sheet.picture, sheet.rule
    yield (
        f'<image x="{_number(picture.x)}" y="{_number(picture.y)}"'
        f' width="{_number(picture.width)}" height="{_number(picture.height)}"'
        f" href={quoteattr(_embedded(picture.image))}/>"
    )
    yield from map(_text, sheet.words)
    yield (
        f'<rect x="{_number(rule.x)}" y="{_number(rule.y)}"'
        f' width="{_number(rule.width)}" height="0.5" fill="{rule.colour}"/>'
    )
    yield "</svg>\n"


def _text(words: Words) -> str:
    run = words.run
    weight = ' font-weight="bold"' if run.bold else ""
    # Elsewhere another font may stand in: the text keeps the room that it was given.
    return (
        f'<text x="{_number(words.x)}" y="{_number(words.y)}"'
        f' font-size="{_number(run.size)}"{weight} fill="{run.colour}"'
        f' textLength="{_number(run.width)}" lengthAdjust="spacingAndGlyphs">'
        f"{escape(run.text)}</text>"
    )


def _embedded(image: Image.Image) -> str:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
