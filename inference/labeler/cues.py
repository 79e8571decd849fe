"""The cues of a sentence, found word by word so that a long text takes no longer."""

import functools
import re
from dataclasses import dataclass

from inference.labeler.cue import Cue
from inference.labeler.cue_table import CUES

_FIRST = re.compile(r"[a-z]+|[^\\]")
_WORD_END = "(?:(?<![a-z])|(?![a-z]))"


def _first_words(phrase: str) -> list[str]:
    """The words that a phrase can begin with."""
    choice = re.match(r"\(\?:([^()]*)\)", phrase)
    options = choice.group(1).split("|") if choice else [phrase]
    return [word for option in options for word in _FIRST.findall(option)[:1]]


@functools.cache
def _by_first_word() -> dict[str, list[tuple[re.Pattern[str], Cue]]]:
    """For each first word the phrases to try, compiled once and on first use.

    That takes a seventh of a second, and every process of the site imports this.
    """
    starts: dict[str, list[tuple[re.Pattern[str], Cue]]] = {}
    for cue in CUES:
        for phrase in cue.phrases:
            pattern = re.compile(rf"(?:{re.sub(' (?![*?])', ' +', phrase)}){_WORD_END}")
            for word in dict.fromkeys(_first_words(phrase)):
                starts.setdefault(word, []).append((pattern, cue))
    return starts


_WORD = re.compile(r"[a-z]+|[;:()/?|=]|(?<![a-z0-9])-")


@dataclass(frozen=True, slots=True)
class Event:
    """A cue or a boundary where it stands in a sentence."""

    start: int
    end: int
    cue: Cue


def events_in(sentence: str) -> list[Event]:
    """Cues and boundaries of a sentence in lower case, in order, none overlapping.

    Where several fit, the longest counts; of equally long ones the first in the table.
    """
    events: list[Event] = []
    starts = _by_first_word()
    taken = 0
    for word in _WORD.finditer(sentence):
        start = word.start()
        if start < taken:
            continue
        longest: Event | None = None
        for pattern, cue in starts.get(word.group(), ()):
            match = pattern.match(sentence, start)
            if match and (longest is None or match.end() > longest.end):
                longest = Event(start, match.end(), cue)
        if longest is not None:
            events.append(longest)
            taken = longest.end
    return events
