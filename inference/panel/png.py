"""A sheet as PNG at 300 dots per inch, its description in the file."""

import io

from PIL import Image, ImageDraw, PngImagePlugin

from inference.panel.layout import Sheet

DOTS_PER_INCH = 300
_SCALE = DOTS_PER_INCH / 72


def to_png(sheet: Sheet) -> bytes:
    """Return the sheet as a PNG file."""
    texts = PngImagePlugin.PngInfo()
    texts.add_itxt("Title", sheet.title)
    texts.add_itxt("Description", sheet.description)
    buffer = io.BytesIO()
    drawn(sheet).save(buffer, "PNG", dpi=(DOTS_PER_INCH, DOTS_PER_INCH), pnginfo=texts)
    return buffer.getvalue()


def drawn(sheet: Sheet) -> Image.Image:
    """Return the sheet as an RGB picture."""
    page = Image.new("RGB", (_dots(sheet.width), _dots(sheet.height)), "#ffffff")
    picture = sheet.picture
    size = (_dots(picture.width), _dots(picture.height))
    page.paste(
        picture.image.resize(size, Image.Resampling.LANCZOS),
        (_dots(picture.x), _dots(picture.y)),
    )
    pen = ImageDraw.Draw(page)
    for words in sheet.words:
        run = words.run
        pen.text(
            (words.x * _SCALE, words.y * _SCALE),
            run.text,
            fill=run.colour,
            font=run.face.at(run.size * _SCALE),
            anchor="ls",
        )
    rule = sheet.rule
    top = _dots(rule.y)
    pen.rectangle(
        (_dots(rule.x), top, _dots(rule.x + rule.width), top + 1), fill=rule.colour
    )
    return page


def _dots(points: float) -> int:
    return round(points * _SCALE)
