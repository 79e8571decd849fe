"""Questions and answers on a report by a chat model, as the paper had GPT-4 write them.

The model is given the report and the labels and must answer with JSON alone. Parsing is
strict: what is not exactly what was asked for is no answer.
"""

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from inference.chexpert import FINDINGS
from inference.prompts import Message
from inference.train.manifest import Facts

LONGEST = 1000  # characters of a question or an answer
# What would be read as structure when the dialogue is put into a prompt.
_STRUCTURE = ("<image>", "[INST]", "[/INST]", "<<SYS>>", "<</SYS>>", "<s>", "</s>")

INSTRUCTION = """\
You prepare training dialogues for a model that reads chest radiographs. You are given \
the radiologist's report on one radiograph and, where known, which findings it shows.

Write {count} pairs of a question that a physician might ask while looking at this \
radiograph, and the answer that a radiologist would give. As far as the report allows, \
cover where an abnormality lies and what it looks like, which differential diagnoses \
come into question, and whether a further radiologic study is advisable.

Rules:
- What an answer says of the radiograph must stand in the report or in the list of \
findings; what it says of causes and further studies must be common medical knowledge.
- Write as if you saw the radiograph: mention neither the report nor the list.
- No names, no dates, no comparison with earlier examinations.
- Every question can be understood by itself. An answer has one to three sentences.

Reply with a JSON object and nothing else, in this form:
{{"pairs": [{{"question": "...", "answer": "..."}}]}}"""


@dataclass(frozen=True)
class Pairs:
    """Questions with their answers, or the reason why a text holds none."""

    values: list[tuple[str, str]] | None
    problem: str = ""


def messages_for(facts: Facts, count: int) -> list[Message]:
    """Return what the chat model is asked about one study with a report."""
    present = [name for name in FINDINGS if facts.labels.get(name)]
    absent = [name for name in FINDINGS if facts.labels.get(name) is False]
    told = [f"Report:\n{facts.report}"]
    if present:
        told.append(f"Findings present: {', '.join(present)}.")
    if absent:
        told.append(f"Findings absent: {', '.join(absent)}.")
    return [
        {"role": "system", "content": INSTRUCTION.format(count=count)},
        {"role": "user", "content": "\n\n".join(told)},
    ]


def fingerprint(content: Any) -> str:
    """Sixteen hexadecimal digits that stand for a prompt or for settings."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return sha256(text.encode()).hexdigest()[:16]


def parse_pairs(answer: str, count: int) -> Pairs:
    """Read one answer: a JSON object alone, at most inside a ```json fence."""
    text = answer.strip()
    if text.startswith("```") and text.endswith("```") and len(text) > 6:
        text = text[3:-3].removeprefix("json").strip()
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as problem:
        return Pairs(None, f"It is no JSON: {problem}.")
    if not isinstance(content, dict) or list(content) != ["pairs"]:
        return Pairs(None, "It is JSON, but no object with pairs alone.")
    several = content["pairs"]
    if not isinstance(several, list) or len(several) != count:
        return Pairs(None, f"It has not the {count} pairs that were asked for.")
    pairs: list[tuple[str, str]] = []
    for number, pair in enumerate(several, 1):
        if not isinstance(pair, dict) or set(pair) != {"question", "answer"}:
            return Pairs(None, f"Pair {number} is not a question with an answer.")
        problem_of = [_problem(pair[part]) for part in ("question", "answer")]
        if any(problem_of):
            words = next(filter(None, problem_of))
            return Pairs(None, f"A text of pair {number} {words}.")
        pairs.append((pair["question"].strip(), pair["answer"].strip()))
    if len({question.lower() for question, _ in pairs}) < len(pairs):
        return Pairs(None, "It asks the same question twice.")
    return Pairs(pairs)


def _problem(text: object) -> str:
    """What is wrong with a question or an answer, or nothing."""
    if not isinstance(text, str) or not text.strip():
        return "is empty"
    if len(text) > LONGEST:
        return f"has more than {LONGEST} characters"
    marks = [mark for mark in _STRUCTURE if mark.lower() in text.lower()]
    return f"holds {marks[0]}" if marks else ""
