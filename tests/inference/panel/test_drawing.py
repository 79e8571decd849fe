"""A case panel as SVG, PNG and PDF: all its words, inside its edges."""

import base64
import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFont

from inference.chexpert import FINDINGS
from inference.panel import KINDS, Exchange, Panel, render
from inference.panel.layout import lay_out
from inference.prompts import LABEL_QUESTION
from tests.inference.panel.panels import (
    ANSWER,
    SVG,
    drawn,
    panel_of,
    text_of_svg,
    words_of,
)
from tests.inference.panel.pdf_text import text_of_pdf, unpacked


def test_every_kind_shows_questions_answers_truth_and_caption(radiograph):
    panel = panel_of(radiograph, ANSWER, "None is needed.", truth="Stable mediastinum.")
    svg, png, pdf = (render(panel, kind)[0] for kind in ("svg", "png", "pdf"))
    for text in (text_of_svg(svg), text_of_pdf(pdf)):
        told = " ".join(text.split())
        for sentence in (
            "Question 1 Write a radiologic report on the given chest radiograph,",
            f"CXR-LLaVA {ANSWER}",
            "CXR-LLaVA None is needed.",
            "Ground truth Findings: Stable mediastinum.",
            "Case: CXR12",
            "checkpoint demonstration",
            "SHA-256 1a2b3c4d5e6f7081…",
            "greedy, at most 512 new tokens",
            "Not for clinical use.",
        ):
            assert sentence in told
        # Where the model lies on somebody's disk is not for a journal.
        assert "somebody" not in told
    with Image.open(io.BytesIO(png)) as picture:
        assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        assert picture.width == round(180 / 25.4 * 300)
        assert "1a2b3c4d5e6f7081" * 4 in picture.text["Description"]  # type: ignore[attr-defined]


def test_the_pdf_is_whole_and_its_fonts_are_inside(radiograph):
    pdf = render(panel_of(radiograph, ANSWER), "pdf")[0]
    (start,) = re.findall(rb"startxref\n(\d+)\n%%EOF", pdf)
    table = pdf[int(start) :].split(b"\n")
    count = int(table[1].split()[1])
    for number in range(1, count):
        place = int(table[2 + number].split()[0])
        assert pdf[place:].startswith(f"{number} 0 obj".encode())
    # Regular, bold, and regular once more for signs made of two, as in "effusion".
    assert pdf.count(b"/FontFile2") == pdf.count(b"/Subtype /Type0") == 3
    embedded = re.findall(rb"<< /Length1 .*?endstream", pdf, re.DOTALL)
    assert len(embedded) == 3
    for each in embedded:
        content = unpacked(each)
        family = ImageFont.truetype(io.BytesIO(content), 20).getname()[0]
        assert family == "DejaVu Sans"
        assert len(content) < 60_000


def test_the_radiograph_is_inside_with_every_pixel_of_its_own(radiograph):
    wide = radiograph.resize((300, 100))
    svg, pdf = (render(panel_of(wide, ANSWER), kind)[0] for kind in ("svg", "pdf"))
    (image,) = ElementTree.fromstring(svg).iter(f"{SVG}image")
    _, packed = image.attrib["{http://www.w3.org/1999/xlink}href"].split(",", 1)
    with Image.open(io.BytesIO(base64.b64decode(packed))) as inside:
        assert ImageChops.difference(inside.convert("L"), wide).getbbox() is None
    assert "pixelated" not in svg.decode()
    assert re.search(rb"/Width 300 /Height 100\b", pdf)


def test_the_same_panel_is_the_same_file_to_the_byte_in_any_thread(radiograph):
    panels = [panel_of(radiograph, ANSWER), panel_of(radiograph, "Другой ответ: 심장.")]
    work = [(panel, kind) for kind in KINDS for panel in panels]
    alone = [render(*each) for each in work]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda each: render(*each), work * 2))
    assert together == alone * 2
    assert len({content for content, _ in alone}) == len(work)


def test_the_radiograph_is_not_distorted(radiograph):
    for size in ((192, 192), (300, 100), (100, 400)):
        picture = lay_out(panel_of(radiograph.resize(size), ANSWER)).picture
        assert picture.width / picture.height == pytest.approx(size[0] / size[1])


@pytest.mark.parametrize("times", [1, 4, 30])
def test_long_texts_wrap_and_flow_and_lose_no_word(radiograph, times):
    answers = [f"{ANSWER} Answer {number}." * times for number in range(1, 5)]
    truth = "The heart is normal in size. " * times
    panel = panel_of(radiograph, *answers, truth=truth)
    sheet = lay_out(panel)
    expected = " ".join([*answers, truth]).split()
    shown = words_of(sheet)
    for word in set(expected):
        assert shown.count(word) >= expected.count(word)
    picture, taken = sheet.picture, set()
    for each in sheet.words:
        assert each.x >= 12 and each.x + each.run.width <= sheet.width - 12 + 0.01
        assert 12 <= each.y < sheet.height - 12
        # Nothing lies on the radiograph or on other words.
        if each.x < picture.x + picture.width:
            assert each.y - each.run.size > picture.y + picture.height
        assert (each.x, each.y) not in taken
        taken.add((each.x, each.y))


def test_a_very_long_conversation_does_not_leave_half_the_sheet_empty(radiograph):
    sheet = lay_out(panel_of(radiograph, *[f"{ANSWER} " * 30] * 4))
    left = [each for each in sheet.words if each.x < sheet.width / 2]
    right = [each for each in sheet.words if each.x > sheet.width / 2]
    assert 0.5 < len(left) / len(right) < 1.5


def test_a_word_longer_than_a_line_is_cut(radiograph):
    sheet = lay_out(panel_of(radiograph, "x" * 400))
    assert "".join(words_of(sheet)).count("x") >= 400
    assert max(each.x + each.run.width for each in sheet.words) <= sheet.width - 12


def test_what_looks_like_markup_is_text_and_control_characters_are_dropped(radiograph):
    text = '</text><script>alert("1")</script> & \x00\x1b\u202e]]> end'
    svg = render(panel_of(radiograph, text, truth="<b>bold</b>"), "svg")[0]
    names = {
        element.tag.split("}")[1] for element in ElementTree.fromstring(svg).iter()
    }
    assert not names & {"script", "b", "a", "foreignObject"}
    assert {"svg", "title", "image", "text"} <= names
    assert '<script>alert("1")</script> & ]]> end' in text_of_svg(svg)


def test_labels_are_listed_and_what_cannot_be_read_stays_as_it_came(radiograph):
    values = {name: int(name in {"Edema", "Fracture"}) for name in FINDINGS}
    asked = LABEL_QUESTION.strip()
    read = Panel(radiograph, [Exchange(asked, json.dumps(values))])
    told = " ".join(words_of(lay_out(read)))
    assert "Present: Edema, Fracture" in told
    assert "Absent: No Finding, Enlarged Cardiomediastinum" in told
    unread = Panel(radiograph, [Exchange(asked, '{"Edema": 1')])
    assert '{"Edema": 1' in " ".join(words_of(lay_out(unread)))


def test_nothing_asked_is_no_panel(radiograph):
    with pytest.raises(ValueError, match="one answered question"):
        render(Panel(radiograph, []), "svg")


def test_words_and_picture_are_where_the_layout_has_them(radiograph):
    panel = panel_of(radiograph, f"{ANSWER} Größe: AVATAR, fi. " * 3, truth="Stable.")
    sheet, page = lay_out(panel), drawn(panel)
    scale = page.width / sheet.width
    picture = sheet.picture
    place = (
        picture.x,
        picture.y,
        picture.x + picture.width,
        picture.y + picture.height,
    )
    shown = page.crop([round(each * scale) for each in place]).resize(radiograph.size)
    unlike = ImageChops.difference(shown, radiograph)
    assert sum(unlike.histogram()[30:]) < 0.01 * radiograph.width * radiograph.height
    pen = ImageDraw.Draw(page)
    for each in sheet.words:
        left, right = each.x * scale - 2, (each.x + each.run.width) * scale + 2
        box = (left, each.y * scale - 28, right, each.y * scale + 9)
        darkest, lightest = page.crop(tuple(map(int, box))).getextrema()
        assert darkest < 130 and lightest == 255
        pen.rectangle(box, fill=255)
    for each in (sheet.picture, sheet.rule):
        box = (each.x, each.y, each.x + each.width, each.y + each.height)
        left, top, right, bottom = (place * scale for place in box)
        assert page.crop((left, top, right, bottom)).getextrema()[0] < 220
        pen.rectangle((left - 1, top - 1, right + 1, bottom + 1), fill=255)
    # Nothing is anywhere else.
    assert page.getextrema() == (255, 255)
