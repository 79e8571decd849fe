"""Reading the model's answer to the label prompt: fourteen findings as JSON, or not.

The parser is strict, as an evaluation needs it: what is not exactly the fourteen names
with 0 or 1 is no answer. It is counted as such and kept as it came; nothing is guessed.
"""

import json
from dataclasses import dataclass

from inference.chexpert import FINDINGS


@dataclass(frozen=True)
class Labels:
    """Fourteen labels by name, or the reason why an answer holds none."""

    values: dict[str, int] | None
    problem: str = ""


def parse_labels(answer: str) -> Labels:
    """Read one answer: a JSON object alone, at most inside a ```json fence."""
    text = answer.strip()
    if text.startswith("```") and text.endswith("```") and len(text) > 6:
        text = text[3:-3].removeprefix("json").strip()
    try:
        content = json.loads(text, object_pairs_hook=_once)
    except ValueError as problem:
        return Labels(None, f"It is no JSON: {problem}.")
    except RecursionError:
        return Labels(None, "It is no JSON that can be read: brackets without end.")
    if not isinstance(content, dict):
        return Labels(None, "It is JSON, but no object of findings.")
    missing = [name for name in FINDINGS if name not in content]
    foreign = [name for name in content if name not in FINDINGS]
    if missing or foreign:
        return Labels(None, _names(missing, foreign))
    for name, value in content.items():
        if isinstance(value, bool) or value not in (0, 1):
            return Labels(None, f"{name} has the value {value!r}, neither 0 nor 1.")
    return Labels({name: int(content[name]) for name in FINDINGS})


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object's pairs; a name given twice contradicts itself."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a finding is named twice")
    return found


def _names(missing: list[str], foreign: list[str]) -> str:
    parts: list[str] = []
    if missing:
        parts.append(f"{len(missing)} findings are missing, such as {missing[0]}")
    if foreign:
        parts.append(f"{foreign[0][:40]!r} is no finding that was asked for")
    return f"{'; '.join(parts)}."
