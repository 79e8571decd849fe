"""A case panel as SVG, PNG and PDF: all its words, inside its edges, on any machine."""

import io
import json
import re
import zlib
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image, ImageFont

from inference.__main__ import main
from inference.chexpert import FINDINGS
from inference.identity import file_sha256
from inference.panel import Exchange, Panel, Passage, fonts, missing_sentence, render
from inference.panel.layout import Sheet, lay_out
from inference.panel.png import drawn
from inference.panel.reading import read_conversation, read_ground_truth
from inference.phantom.phantom import draw, render_8bit
from inference.prompts import (
    DIFFERENTIAL_QUESTION,
    LABEL_QUESTION,
    REPORT_QUESTION,
    follow_up,
    report_conversation,
)

SVG = "{http://www.w3.org/2000/svg}"
ANSWER = "Numerous bilateral nodules. The heart size appears normal."
MADE = {
    "checkpoint": "/home/somebody/models/demonstration",
    "revision": "sha256:" + "0" * 64,
    "weights_sha256": "1a2b3c4d5e6f7081" * 4,
    "decoding": {"do_sample": False, "max_new_tokens": 512},
}


@pytest.fixture(scope="module")
def radiograph() -> Image.Image:
    return Image.fromarray(render_8bit(draw(3, size=192)))


def panel_of(image: Image.Image, *answers: str, truth: str = "") -> Panel:
    exchanges = [Exchange(REPORT_QUESTION.strip(), answer) for answer in answers]
    passages = [Passage("Findings", truth)] if truth else []
    return Panel(image, exchanges, passages, "CXR12", MADE)


def words_of(sheet: Sheet) -> list[str]:
    return " ".join(each.run.text for each in sheet.words).split()


def text_of_svg(content: bytes) -> str:
    texts = ElementTree.fromstring(content).iter(f"{SVG}text")
    return " ".join(text.text or "" for text in texts)


def text_of_pdf(content: bytes) -> str:
    """What a reader copies out of the file: codes, led back through its own tables."""
    streams = [
        zlib.decompress(packed)
        for packed in re.findall(rb"stream\n(.*?)\nendstream", content, re.DOTALL)
    ]
    page = next(stream for stream in streams if b" Tj" in stream).decode()
    tables = [
        dict(re.findall(r"<(\w{4})> <(\w{4,8})>", stream.decode()))
        for stream in streams
        if b"beginbfchar" in stream
    ]
    shown = []
    for font, codes in re.findall(r"/F(\d+) .*?<(\w*)> Tj", page):
        pairs = [codes[at : at + 4] for at in range(0, len(codes), 4)]
        units = "".join(tables[int(font) - 1][pair] for pair in pairs)
        shown.append(bytes.fromhex(units).decode("utf-16-be"))
    return " ".join(shown)


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
    # A machine without fonts has one for both weights.
    assert pdf.count(b"/FontFile2") == pdf.count(b"/Subtype /Type0") in {1, 2}
    embedded = re.findall(rb"/Length1 \d+ >>\nstream\n(.*?)\nendstream", pdf, re.DOTALL)
    for packed in embedded:
        content = zlib.decompress(packed)
        assert ImageFont.truetype(io.BytesIO(content), 20).getname()
        assert len(content) < 60_000


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


def test_text_of_other_languages_survives(radiograph):
    text = "Œuvre été: Pleuraerguß ≥ 3 mm, žluťoučký, ±2 °C, “nodule”, naïve façade"
    panel = panel_of(radiograph, text)
    sheet = lay_out(panel)
    for content in (
        text_of_svg(render(panel, "svg")[0]),
        text_of_pdf(render(panel, "pdf")[0]),
    ):
        assert set(text.split()) - set(content.split()) <= set(sheet.missing)


def test_signs_without_a_font_are_said_and_kept_in_the_svg(radiograph, monkeypatch):
    """A machine that has no fonts: Pillow's own knows ASCII."""
    monkeypatch.setattr(fonts, "_files", list)
    fonts._pair.cache_clear()
    try:
        panel = panel_of(radiograph, "Ein Erguß: 심장 이상.")
        svg, missing = render(panel, "svg")
        assert missing == "ß심장이상…"[: len(missing)] or set("ß심장이상") <= set(
            missing
        )
        assert "Ein Erguß: 심장 이상." in " ".join(text_of_svg(svg).split())
        assert "Ein Ergu" in text_of_pdf(render(panel, "pdf")[0])
        assert "empty box" in missing_sentence(missing, "png")
    finally:
        fonts._pair.cache_clear()


def test_what_looks_like_markup_is_text_and_control_characters_are_dropped(radiograph):
    text = '</text><script>alert("1")</script> & \x00\x1b\u202e]]> end'
    svg = render(panel_of(radiograph, text, truth="<b>bold</b>"), "svg")[0]
    tags = {
        element.tag.removeprefix(SVG) for element in ElementTree.fromstring(svg).iter()
    }
    assert tags == {"svg", "title", "desc", "rect", "image", "text"}
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


def test_the_drawing_is_black_on_white_where_the_words_are(radiograph):
    sheet = lay_out(panel_of(radiograph, ANSWER))
    page = drawn(sheet).convert("L")
    scale = page.width / sheet.width
    for each in sheet.words:
        left, right = each.x * scale, (each.x + each.run.width) * scale
        strip = page.crop((int(left), int(each.y * scale) - 20, int(right) + 1,
                           int(each.y * scale) + 4))  # fmt: skip
        darkest, lightest = strip.getextrema()
        assert darkest < 130 and lightest == 255


# --- From files, on the command line ---


@pytest.fixture
def film(radiograph, tmp_path) -> Path:
    path = tmp_path / "film.png"
    radiograph.save(path)
    return path


def line_about(film: Path, question: list, text: str, **other: object) -> str:
    return json.dumps(
        {
            "image": str(film),
            "image_sha256": file_sha256(film),
            "text": text,
            "provenance": MADE | {"prompt": question} | other,
        }
    )


def test_the_answers_of_the_command_line_become_a_panel(film, tmp_path, capsys):
    said, out = tmp_path / "said.jsonl", tmp_path / "panel.pdf"
    assert main(["report", "--images", str(film), "--out", str(said)]) == 0
    truth = tmp_path / "truth.txt"
    truth.write_text("Findings: Clear lungs.\nImpression : Nothing acute.\n")
    words = ["panel", "--image", str(film), "--conversation", str(said)]
    more = ["--ground-truth", str(truth), "--case", "P3", "--out", str(out)]
    assert main([*words, *more]) == 0
    text = " ".join(text_of_pdf(out.read_bytes()).split())
    answer = json.loads(said.read_text())["text"].split()
    assert answer[0] in text and answer[-1] in text
    assert "Findings: Clear lungs." in text and "Impression: Nothing acute." in text
    assert "film" not in text
    assert capsys.readouterr().err == ""


def test_only_the_lines_on_this_very_image_count(film, tmp_path):
    other = tmp_path / "other.png"
    Image.new("L", (8, 8)).save(other)
    lines = tmp_path / "said.jsonl"
    asked = report_conversation()
    lines.write_text(
        line_about(other, asked, "Of another.")
        + "\n"
        + json.dumps({"image": str(film), "error": "It was damaged."})
        + "\n"
        + line_about(film, asked, " Of this one. ")
        + "\n"
    )
    exchanges, made = read_conversation(lines, file_sha256(film))
    assert exchanges == [Exchange(REPORT_QUESTION.strip(), "Of this one.")]
    assert made["weights_sha256"] == MADE["weights_sha256"]
    with pytest.raises(ValueError, match="no answer about this very image"):
        read_conversation(lines, "0" * 64)


def test_a_conversation_of_several_turns_is_read_in_both_forms(tmp_path):
    messages = follow_up(report_conversation(), ANSWER, DIFFERENTIAL_QUESTION)
    messages.append({"role": "assistant", "content": "Metastases."})
    plain, saved = tmp_path / "plain.json", tmp_path / "saved.json"
    plain.write_text(json.dumps(messages))
    saved.write_text(json.dumps({"messages": messages, "provenance": MADE}))
    expected = [
        Exchange(REPORT_QUESTION.strip(), ANSWER),
        Exchange(DIFFERENTIAL_QUESTION.strip(), "Metastases."),
    ]
    assert read_conversation(plain, "") == (expected, {})
    assert read_conversation(saved, "") == (expected, MADE)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("no JSON at all", "Line 1 of"),
        ('{"image_sha256": 1}\nrest', "Line 2 of"),
        ("[]", "is no conversation"),
        ('{"messages": 5}', "is no conversation"),
        ('[{"role": "assistant", "content": "First."}]', "is no conversation"),
        ('[{"role": "user"}]', "is no conversation"),
        ("[3]", "is no conversation"),
        ('[{"role": "user", "content": "Well?"}]', "no question with an answer"),
    ],
)
def test_a_file_that_is_no_conversation_is_refused_in_a_sentence(
    content, sentence, tmp_path
):
    path = tmp_path / "said.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=sentence):
        read_conversation(path, "0" * 64)


def test_answers_of_two_models_are_not_mixed(film, tmp_path):
    lines = tmp_path / "said.jsonl"
    asked = report_conversation()
    lines.write_text(
        line_about(film, asked, "One.")
        + "\n"
        + line_about(film, asked, "Two.", weights_sha256="f" * 64)
    )
    with pytest.raises(ValueError, match="several models"):
        read_conversation(lines, file_sha256(film))


def test_a_reference_report_keeps_its_sections(tmp_path):
    path = tmp_path / "truth.txt"
    path.write_text(
        "\ufeffOn the left side\nalready known.\n\nIMPRESSION: At 10:30 well.\n"
    )
    assert read_ground_truth(path) == [
        Passage("", "On the left side already known."),
        Passage("IMPRESSION", "At 10:30 well."),
    ]
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="not UTF-8"):
        read_ground_truth(path)


def test_refusals_of_the_command_name_what_is_wrong(film, tmp_path, capsys):
    said = tmp_path / "said.json"
    said.write_text(json.dumps([
        {"role": "user", "content": "Well?"}, {"role": "assistant", "content": "Yes."}
    ]))  # fmt: skip
    words = {"--image": str(film), "--conversation": str(said), "--out": "x.gif"}

    def told(**changed: str) -> str:
        flags = words | {f"--{name}": value for name, value in changed.items()}
        assert main(["panel", *(part for pair in flags.items() for part in pair)]) == 2
        return capsys.readouterr().err

    assert "ends in .svg, .png or .pdf" in told()
    out = str(tmp_path / "panel.svg")
    assert "absent.png: There is no such file." in told(image="absent.png", out=out)
    assert "cannot be read" in told(conversation="absent.json", out=out)
    assert "cannot be written" in told(out=str(tmp_path / "no" / "panel.svg"))
