"""Style in numbers: what a report gives away whatever its words say."""

import re
from collections.abc import Callable, Sequence

import numpy as np

from readerstudy.presentation.blinding_audit.reading.texts import ArmText

_MARK = re.compile(r"X{4,}|\[\u2026\]")
_HEDGE = re.compile(
    r"\b(?:may|might|could|possibl[ey]|probabl[ey]|likely|suggest\w*|suspicious|"
    r"questionabl[ey]|cannot (?:be )?exclude\w*|consistent with|compatible with|"
    r"appears?|appearing|presumabl[ey]|suspected|concerning for)\b",
    re.IGNORECASE,
)
_DENIAL = re.compile(r"\b(?:no|not|without|negative|free of|absent)\b", re.IGNORECASE)
_PUNCTUATION = re.compile(r"[^\w\s]")


def _share(text: str, pattern: str) -> float:
    return len(re.findall(pattern, text)) / max(len(text), 1)


def _words(text: ArmText) -> list[str]:
    return [word for sentence in text.words for word in sentence]


def _per_sentence(text: ArmText, count: int) -> float:
    return count / max(len(text.sentences), 1)


def _repeated(text: ArmText) -> float:
    return len(text.words) - len(set(text.words))


def _variety(text: ArmText) -> float:
    words = _words(text)
    return len(set(words)) / max(len(words), 1)


def _word_length(text: ArmText) -> float:
    words = _words(text)
    return sum(map(len, words)) / max(len(words), 1)


# Name, and how a report is measured.
FEATURES: dict[str, tuple[str, Callable[[ArmText], float]]] = {
    "words": ("words", lambda text: len(_words(text))),
    "sentences": ("sentences", lambda text: len(text.sentences)),
    "sentence_words": (
        "words per sentence",
        lambda text: _per_sentence(text, len(_words(text))),
    ),
    "word_length": ("letters per word", _word_length),
    "variety": ("share of different words", _variety),
    "repeated": ("sentences repeated within the report", _repeated),
    "capitals": ("share of capitals", lambda text: _share(text.text, r"[A-Z]")),
    "digits": ("share of digits", lambda text: _share(text.text, r"\d")),
    "punctuation": (
        "punctuation marks per sentence",
        lambda text: _per_sentence(text, len(_PUNCTUATION.findall(text.text))),
    ),
    "commas": (
        "commas per sentence",
        lambda text: _per_sentence(text, text.text.count(",")),
    ),
    "removed": ("marks for removed words", lambda text: len(_MARK.findall(text.text))),
    "hedges": (
        "hedges per sentence",
        lambda text: _per_sentence(text, len(_HEDGE.findall(text.text))),
    ),
    "denials": (
        "denials per sentence",
        lambda text: _per_sentence(text, len(_DENIAL.findall(text.text))),
    ),
}


def has_removed_words(text: ArmText) -> bool:
    """Whether a report shows that words were taken out."""
    return _MARK.search(text.text) is not None


def style_of(texts: Sequence[ArmText]) -> np.ndarray:
    """Every feature of every report: [reports, features]."""
    rows = [
        [float(measure(text)) for _, measure in FEATURES.values()] for text in texts
    ]
    return np.array(rows, dtype=float).reshape(len(texts), len(FEATURES))
