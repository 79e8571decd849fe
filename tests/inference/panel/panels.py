"""Panels to test with, and what their files say."""

import io
from xml.etree import ElementTree

from PIL import Image

from inference.panel import Exchange, Panel, Passage, render
from inference.panel.layout import Sheet
from inference.prompts import REPORT_QUESTION

SVG = "{http://www.w3.org/2000/svg}"
ANSWER = "Numerous bilateral nodules. The heart size appears normal."
MADE = {
    "checkpoint": "/home/somebody/models/demonstration",
    "revision": "sha256:" + "0" * 64,
    "weights_sha256": "1a2b3c4d5e6f7081" * 4,
    "decoding": {"do_sample": False, "max_new_tokens": 512},
}


def panel_of(image: Image.Image, *answers: str, truth: str = "") -> Panel:
    exchanges = [Exchange(REPORT_QUESTION.strip(), answer) for answer in answers]
    passages = [Passage("Findings", truth)] if truth else []
    return Panel(image, exchanges, passages, "CXR12", MADE)


def words_of(sheet: Sheet) -> list[str]:
    return " ".join(each.run.text for each in sheet.words).split()


def text_of_svg(content: bytes) -> str:
    texts = ElementTree.fromstring(content).iter(f"{SVG}text")
    return " ".join(text.text or "" for text in texts)


def drawn(panel: Panel) -> Image.Image:
    return Image.open(io.BytesIO(render(panel, "png")[0])).convert("L")
