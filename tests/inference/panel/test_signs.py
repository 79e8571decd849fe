"""Signs of all languages in a panel, and fonts that have them or do not."""

from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen

from inference.panel import Exchange, Panel, Passage, fonts, missing_sentence, render
from inference.panel.layout import SECOND, lay_out
from tests.inference.panel.panels import drawn, panel_of, text_of_svg
from tests.inference.panel.pdf_text import text_of_pdf


def test_text_of_other_languages_survives(radiograph):
    text = "Œuvre été: Pleuraerguß ≥ 3 mm, žluťoučký, ±2 °C, “nodule”, naïve façade"
    text += " μικρός, тень, \u201eEffusion\u201c"
    panel = panel_of(radiograph, text)
    assert lay_out(panel).missing == ""
    for content in (
        text_of_svg(render(panel, "svg")[0]),
        text_of_pdf(render(panel, "pdf")[0]),
    ):
        assert set(text.split()) <= set(content.split())


def test_hebrew_and_arabic_run_from_right_to_left(radiograph):
    hebrew, persian = "הלב בגודל תקין (5 mm).", "می\u200cشود"
    panel = Panel(
        radiograph, [Exchange(hebrew, "Normal: שלום.")], [Passage("Findings", persian)]
    )
    sheet = lay_out(panel)
    runs = {each.run.text: each for each in sheet.words}
    edge = sheet.width - 12
    for text, end in ((hebrew, edge), ("Findings:", edge)):
        assert runs[text].x + runs[text].run.width == pytest.approx(end, abs=0.01)
    # The heading is read first, thus on the right; the letters of a word stay parted.
    assert runs[persian].x < runs["Findings:"].x
    assert runs["Normal: שלום."].x == SECOND
    svg = text_of_svg(render(panel, "svg")[0])
    assert f"\u202b{hebrew}\u202c" in svg and "\u202bNormal" not in svg
    # A PDF has the signs as they stand on paper, the first one on the left.
    assert ".)mm 5( ןיקת לדוגב בלה" in text_of_pdf(render(panel, "pdf")[0])


def test_signs_without_a_font_are_said_and_kept_in_the_svg(radiograph, monkeypatch):
    """A machine that has no font but the one that matplotlib brings."""
    monkeypatch.setattr(fonts, "_families", list)
    panel = panel_of(radiograph, "Ein Erguß: 심장 이상.")
    svg, missing = render(panel, "svg")
    assert missing == "심장이상"
    assert "Ein Erguß: 심장 이상." in text_of_svg(svg)
    assert "Ein Erguß: □□ □□." in text_of_pdf(render(panel, "pdf")[0])
    assert "empty box" in missing_sentence(missing, "png")


def square_font(path: Path, *, truetype: bool) -> str:
    """A font whose only sign is a black square at the place of a cuneiform one."""
    builder = FontBuilder(1000, isTTF=truetype)
    builder.setupGlyphOrder([".notdef", "square"])
    builder.setupCharacterMap({0x12000: "square"})
    glyphs = {}
    for name in (".notdef", "square"):
        pen = TTGlyphPen(None) if truetype else T2CharStringPen(1000, None)
        pen.moveTo((0, 0))
        for corner in ((0, 800), (800, 800), (800, 0)):
            pen.lineTo(corner)
        pen.closePath()
        glyphs[name] = pen.glyph() if truetype else pen.getCharString()
    if truetype:
        builder.setupGlyf(glyphs)
    else:
        builder.setupCFF("Cuneiform", {}, glyphs, {})
    builder.setupHorizontalMetrics(dict.fromkeys(glyphs, (1000, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=0)
    family = f"Cuneiform {truetype}"
    builder.setupNameTable({"familyName": family, "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(path)
    return family


@pytest.mark.parametrize("truetype", [True, False])
def test_a_font_that_was_just_installed_stands_in(
    truetype, radiograph, tmp_path, monkeypatch
):
    path = tmp_path / "cuneiform.ttf"
    family = square_font(path, truetype=truetype)
    manager = fonts.fontManager
    monkeypatch.setattr(manager, "ttflist", [*manager.ttflist])
    monkeypatch.setattr(fonts, "findSystemFonts", lambda: [str(path)])
    panel = panel_of(radiograph, "A \U00012000 sign.")
    sheet = lay_out(panel)
    assert (sheet.missing, sheet.fonts.families[-1]) == ("", family)
    pdf = render(panel, "pdf")[0]
    assert "A \U00012000 sign." in text_of_pdf(pdf)
    # Only TrueType outlines fit what a PDF calls a TrueType font.
    assert (b"/FontFile2" in pdf, b"/Subtype /Type3" in pdf) == (truetype, not truetype)
    page = drawn(panel)
    scale = page.width / sheet.width
    (word,) = (each for each in sheet.words if "\U00012000" in each.run.text)
    before = sheet.fonts.width("A ", word.run.size)
    x, y = (word.x + before + 0.4 * word.run.size) * scale, (word.y - 3) * scale
    assert page.getpixel((int(x), int(y))) < 50
