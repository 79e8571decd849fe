"""Plain leaks that need no statistics: each a sentence for people, with its counts."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from readerstudy.presentation.blinding_audit.reading.style import has_removed_words
from readerstudy.presentation.blinding_audit.reading.tells import (
    repeated_sentences,
    shortened,
)
from readerstudy.presentation.blinding_audit.reading.texts import ArmText

_MODEL_NAME = re.compile(
    r"\b(?:chat-?gpt\w*|gpt-?\d\w*|open-?ai|(?:cxr-?)?llava\w*|llama[\w-]*|gemini|"
    r"claude|copilot|mistral|qwen[\w-]*|deepseek|med-?(?:palm|gemma|gemini)\w*|"
    r"maira\w*|che(?:x|xa)gent|radfm|xraygpt|r2gen\w*|biovil\w*)\b",
    re.IGNORECASE,
)
_MODEL_SPEECH = re.compile(
    r"\bas an? (?:ai|artificial intelligence|language model)\b|\blanguage model\b"
    r"|\bi(?: a|')m (?:unable|sorry|not able)\b|\bi (?:cannot|can't) (?:provide|give)"
    r"|\b(?:the )?(?:provided|given|uploaded) (?:chest )?(?:image|x-?ray|radiograph)"
    r"|\bhealthcare professional\b|\bnot (?:a substitute|intended as) "
    r"|</?s>|<unk>|<\|[^|]*\|>|\[/?inst\]|\bassistant:|\*\*|^#+ ",
    re.IGNORECASE | re.MULTILINE,
)
_HUMAN_SPEECH = re.compile(
    r"\b(?:dictated|transcribed|electronically signed|signed by|discussed with|"
    r"telephoned|notified|dr\.? [A-Z])\b",
    re.IGNORECASE,
)
# A sentence of a template stands in so large a share of an arm, and of so few others.
_TEMPLATE_SHARE, _TEMPLATE_REPORTS, _ELSEWHERE_SHARE = 0.15, 5, 0.03
_MOST_TEMPLATES = 3
_LENGTH_FACTOR = 1.5


def leaks_of(
    texts: Sequence[ArmText], labels: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Every leak that is found; `labels` are the arms' names for people, in order."""
    by_arm = {arm: [text for text in texts if text.arm == arm] for arm in labels}
    found = [
        *_spoken(by_arm, labels),
        *_removed_words(by_arm, labels),
        *_lengths(by_arm, labels),
        *_templates(texts, by_arm, labels),
        *_same_texts(by_arm, labels),
    ]
    return found


def _leak(kind: str, arm: str, sentence: str, example: str = "") -> dict[str, Any]:
    return {"kind": kind, "arm": arm, "sentence": sentence, "example": example}


def _spoken(
    by_arm: Mapping[str, Sequence[ArmText]], labels: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """Names of models, and turns of speech of a model or of a person who dictates."""
    for kind, pattern, words in (
        ("model_name", _MODEL_NAME, "name a model"),
        ("model_speech", _MODEL_SPEECH, "speak like a chat program"),
        ("human_speech", _HUMAN_SPEECH, "speak of people or of dictation"),
    ):
        for arm, texts in by_arm.items():
            sentences = [
                next(filter(pattern.search, text.sentences), "") for text in texts
            ]
            held = [sentence for sentence in sentences if sentence]
            if held:
                yield _leak(
                    kind,
                    arm,
                    f"{labels[arm]}: {_of(len(held), texts)} {words}.",
                    shortened(held[0]),
                )


def _of(count: int, texts: Sequence[ArmText]) -> str:
    return f"{count} of {len(texts)} reports"


def _removed_words(
    by_arm: Mapping[str, Sequence[ArmText]], labels: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    held = {arm: sum(map(has_removed_words, texts)) for arm, texts in by_arm.items()}
    having = [arm for arm, count in held.items() if count]
    if len(having) == 1:
        (arm,) = having
        yield _leak(
            "removed_words",
            arm,
            f"{labels[arm]}: {_of(held[arm], by_arm[arm])} show that words were taken "
            "out; no report of another arm does. Whoever has seen both knows these.",
        )


def _lengths(
    by_arm: Mapping[str, Sequence[ArmText]], labels: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    middle = {
        arm: float(np.median([sum(map(len, text.words)) for text in texts]))
        for arm, texts in by_arm.items()
        if texts
    }
    longest = max(middle, key=lambda arm: middle[arm])
    shortest = min(middle, key=lambda arm: middle[arm])
    if middle[longest] >= _LENGTH_FACTOR * max(middle[shortest], 1):
        yield _leak(
            "length",
            longest,
            f"Half of the reports of {labels[longest]} have {middle[longest]:.0f} "
            f"words or more, of {labels[shortest]} {middle[shortest]:.0f}.",
        )


def _templates(
    texts: Sequence[ArmText],
    by_arm: Mapping[str, Sequence[ArmText]],
    labels: Mapping[str, str],
) -> Iterator[dict[str, Any]]:
    """Sentences that one arm repeats over many reports and the others hardly know."""
    counts = repeated_sentences(texts)
    for arm, own in by_arm.items():
        others = [other for other in by_arm if other != arm]
        size = sum(len(by_arm[other]) for other in others)
        told = 0
        for sentence, held in sorted(
            counts.get(arm, Counter()).items(), key=lambda pair: (-pair[1], pair[0])
        ):
            often = held >= max(_TEMPLATE_REPORTS, _TEMPLATE_SHARE * len(own))
            if not often or told == _MOST_TEMPLATES:
                break
            elsewhere = sum(counts.get(other, Counter())[sentence] for other in others)
            if elsewhere <= _ELSEWHERE_SHARE * size:
                told += 1
                yield _leak(
                    "template",
                    arm,
                    f"{labels[arm]}: {_of(held, own)} hold one and the same sentence, "
                    f"{elsewhere} of {size} of the others.",
                    shortened(sentence),
                )


def _same_texts(
    by_arm: Mapping[str, Sequence[ArmText]], labels: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """Whole reports that stand for several cases, in one arm alone."""
    repeated = {}
    for arm, texts in by_arm.items():
        counts = Counter(text.words for text in texts if text.words)
        repeated[arm] = sum(count for count in counts.values() if count > 1)
    for arm, count in repeated.items():
        others = max(repeated[other] for other in repeated if other != arm)
        if count > max(2, 0.1 * len(by_arm[arm])) and count > 2 * others:
            yield _leak(
                "same_text",
                arm,
                f"{labels[arm]}: {_of(count, by_arm[arm])} are word for word the "
                "report of another case too.",
            )
