"""What is audited: laid-out reports by case and arm, and the words in them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

_TOKEN = re.compile(r"\[\u2026\]|[^\W_]+(?:['\u2019/-][^\W_]+)*")


@dataclass(frozen=True)
class ArmText:
    """One laid-out report: its case, its arm, its sentences."""

    case: str
    arm: str
    sentences: tuple[str, ...]

    @cached_property
    def text(self) -> str:
        """The report as one string."""
        return " ".join(self.sentences)

    @cached_property
    def words(self) -> tuple[tuple[str, ...], ...]:
        """The words of each sentence, in small letters."""
        return tuple(tuple(words_of(sentence)) for sentence in self.sentences)


def words_of(sentence: str) -> list[str]:
    """The words of a sentence in small letters; a mark for removed words is one."""
    return [word.lower() for word in _TOKEN.findall(sentence)]


def phrases_of(text: ArmText) -> list[str]:
    """Every word and every two words in a row; no phrase reaches over a full stop."""
    found: list[str] = []
    for words in text.words:
        found.extend(words)
        found.extend(map(" ".join, pairwise(words)))
    return found


def in_order(texts: Sequence[ArmText], arms: Sequence[str]) -> list[ArmText]:
    """The texts by case, then in the order of the arms: the same whoever asks."""
    place = {arm: number for number, arm in enumerate(arms)}
    return sorted(texts, key=lambda each: (each.case, place[each.arm]))
