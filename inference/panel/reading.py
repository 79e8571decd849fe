"""What a panel is made of, read from files: conversations and reference reports."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from inference.panel.panel import Exchange, Passage, exchanges_of

# "Findings:", "Impression :", at the beginning of a line.
_HEADING = re.compile(r"([A-Z][A-Za-z ]{2,30}?)\s?:\s+(?=\S)")


def read_conversation(
    path: Path, image_sha256: str
) -> tuple[list[Exchange], Mapping[str, Any]]:
    """Return questions and answers, and how they were made.

    Three kinds of files are read: JSON lines of `report`, `ask` and `label`, of which
    those on the image with this SHA-256 count; a JSON list of messages with role and
    content; and an object that holds such a list as `messages`, with `provenance`
    beside it, as the site's console saves it. Raises ValueError, in a sentence.
    """
    text = _text(path)
    try:
        content = json.loads(text)
    except ValueError:
        return _of_lines(path, text, image_sha256)
    if isinstance(content, dict) and "image_sha256" in content:
        return _of_lines(path, json.dumps(content), image_sha256)
    messages, made = content, None
    if isinstance(content, dict):
        messages, made = content.get("messages"), content.get("provenance")
    exchanges = exchanges_of(_messages(path, messages))
    if not exchanges:
        raise ValueError(f"{path} holds no question with an answer.")
    return exchanges, made if isinstance(made, dict) else {}


def read_ground_truth(path: Path) -> list[Passage]:
    """Return a reference report; a line such as "Findings: ..." begins a section."""
    passages = []
    for line in _text(path).splitlines():
        heading = _HEADING.match(line.strip())
        if heading:
            passages.append(Passage(heading[1], line.strip()[heading.end() :]))
        elif line.strip() and passages:
            last = passages.pop()
            passages.append(Passage(last.heading, f"{last.text} {line.strip()}"))
        elif line.strip():
            passages.append(Passage("", line.strip()))
    return passages


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as problem:
        raise ValueError(f"{path} cannot be read: {problem.strerror}.") from problem
    except UnicodeDecodeError as problem:
        raise ValueError(f"{path} is not UTF-8 text: save it as such.") from problem


def _of_lines(
    path: Path, text: str, image_sha256: str
) -> tuple[list[Exchange], Mapping[str, Any]]:
    """Every answer about one image, in the order of the lines."""
    exchanges: list[Exchange] = []
    making: list[dict[str, Any]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            answer = json.loads(line) if line.strip() else {}
            if "error" in answer or answer.get("image_sha256") != image_sha256:
                continue
            made = dict(answer["provenance"])
            asked, said = _messages(path, made["prompt"]), str(answer["text"])
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            raise ValueError(
                f"Line {number} of {path} is neither an answer of `python -m "
                "inference` nor part of a conversation in JSON."
            ) from problem
        exchanges += exchanges_of([*asked, {"role": "assistant", "content": said}])
        making.append(made)
    if not exchanges:
        raise ValueError(f"{path} holds no answer about this very image.")
    if len({each.get("weights_sha256") for each in making}) > 1:
        raise ValueError(f"{path} holds answers of several models: show one at a time.")
    return exchanges, making[0]


def _messages(path: Path, content: object) -> Sequence[Mapping[str, Any]]:
    """Check a conversation's form: user and assistant take turns."""
    messages = content if isinstance(content, list) else []
    roles = [one.get("role") if isinstance(one, dict) else None for one in messages]
    turns = roles[1:] if roles[:1] == ["system"] else roles
    expected = [("user", "assistant")[number % 2] for number in range(len(turns))]
    if not turns or turns != expected or any("content" not in one for one in messages):
        raise ValueError(
            f"{path} is no conversation: it must be a list of messages with role and "
            "content, in which user and assistant take turns."
        )
    return messages
