"""What a case panel shows: radiograph, questions and answers, ground truth, caption."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from PIL import Image

from inference.labels import parse_labels
from inference.prompts import IMAGE_MARK, LABEL_QUESTION

MODEL = "CXR-LLaVA"
_KEPT = "\n\u200c\u200d"
_CAUTION = "Answers are the model's own, unedited. Not for clinical use."


@dataclass(frozen=True)
class Exchange:
    """One question and the model's answer to it."""

    question: str
    answer: str


@dataclass(frozen=True)
class Passage:
    """A stretch of text, with or without a heading."""

    heading: str
    text: str


@dataclass(frozen=True, eq=False)
class Panel:
    """One case panel.

    image         8-bit grey levels, mode L
    ground_truth  the reference report, section by section; may be empty
    case          the case's code, which must identify nobody; may be empty
    provenance    of the answers, as `ReportEngine.provenance` returns it
    """

    image: Image.Image
    exchanges: Sequence[Exchange]
    ground_truth: Sequence[Passage] = ()
    case: str = ""
    provenance: Mapping[str, Any] | None = None


def exchanges_of(messages: Sequence[Mapping[str, Any]]) -> list[Exchange]:
    """Return the questions and answers of a conversation as inference.prompts has it.

    The system's message and the place of the image are left out, and so is a question
    without an answer.
    """
    turns = [message for message in messages if message["role"] != "system"]
    return [
        Exchange(
            str(question["content"]).replace(IMAGE_MARK, "").strip(),
            str(answer["content"]).strip(),
        )
        for question, answer in zip(turns[::2], turns[1::2], strict=False)
    ]


def shown_answer(exchange: Exchange) -> list[Passage]:
    """Return an answer as it is shown: labels as two lists, all else as it came."""
    if exchange.question == LABEL_QUESTION.strip():
        values = parse_labels(exchange.answer).values
        if values is not None:
            listed = {
                wanted: [name for name, value in values.items() if value == wanted]
                for wanted in (1, 0)
            }
            return [
                Passage(heading, ", ".join(names) or "none")
                for heading, names in (("Present", listed[1]), ("Absent", listed[0]))
            ]
    return [Passage("", exchange.answer or "(no text)")]


def caption(panel: Panel) -> list[Passage]:
    """Return the caption: case, model, weights, settings, and the caution."""
    made = panel.provenance or {}
    parts = [Passage("Case", panel.case)] if panel.case else []
    parts.append(Passage("Model", _model_name(made)))
    if sha256 := str(made.get("weights_sha256", "")):
        parts.append(Passage("Weights", f"SHA-256 {sha256[:16]}…"))
    if made.get("decoding"):
        parts.append(Passage("Decoding", decoding_in_words(made["decoding"])))
    return [*parts, Passage("", _CAUTION)]


def description(panel: Panel) -> str:
    """Return all that identifies the making, for a file's own description."""
    made = panel.provenance or {}
    texts = [f"{one.heading}: {one.text}".removeprefix(": ") for one in caption(panel)]
    for key, name in (("revision", "Revision"), ("weights_sha256", "All weights")):
        if made.get(key):
            texts.append(f"{name}: {made[key]}")
    return clean("; ".join(texts))


def title(panel: Panel) -> str:
    """Return a name for the panel."""
    return clean(f"{MODEL} on case {panel.case}" if panel.case else MODEL)


def decoding_in_words(decoding: Mapping[str, Any]) -> str:
    """Return decoding settings, as `DecodingSettings.canonical` has them, in words."""
    room = f"at most {decoding.get('max_new_tokens')} new tokens"
    if not decoding.get("do_sample"):
        return f"greedy, {room}"
    return (
        f"sampled at temperature {decoding.get('temperature')}, top-p "
        f"{decoding.get('top_p')}, top-k {decoding.get('top_k')}, seed "
        f"{decoding.get('seed')}, {room}"
    )


def _model_name(made: Mapping[str, Any]) -> str:
    """The checkpoint: a hub id with its revision, of a folder the last name only."""
    checkpoint = str(made.get("checkpoint", ""))
    path = PurePath(checkpoint)
    if len(path.parts) == 2 and not path.is_absolute():
        name = str(made.get("revision") or checkpoint)
    else:
        name = path.name
    return f"{MODEL}, checkpoint {name}" if name else MODEL


def clean(text: str) -> str:
    """Return a text as a page can show it: without control and format characters.

    Those that join or part the letters of some scripts stay.
    """
    composed = unicodedata.normalize("NFC", text).replace("\r\n", "\n")
    spaced = re.sub(r"[^\S\n]+", " ", composed.replace("\r", "\n"))
    return "".join(
        sign
        for sign in spaced
        if sign in _KEPT or unicodedata.category(sign) not in {"Cc", "Cf", "Cs", "Cn"}
    )
