"""How a question and its answer are shown; nothing here is stored."""

from collections.abc import Sequence
from dataclasses import dataclass

from inference.labels import parse_labels
from readerstudy.reports.console.models import Turn


@dataclass(frozen=True)
class Shown:
    """One question as the page has it.

    is_left_alone  it waits, and no worker has shown itself for a while
    labels         the findings and whether each is present, of an answer with labels
    problem        why an answer that was to hold labels holds none; it stays as it came
    """

    turn: Turn
    is_left_alone: bool
    labels: tuple[tuple[str, bool], ...] = ()
    problem: str = ""

    @property
    def state(self) -> str:
        """What a page that shows this need not be told again."""
        return f"{self.turn.status}{'-alone' if self.is_left_alone else ''}"


def shown(turn: Turn, *, is_a_worker_alive: bool) -> Shown:
    """Read an answer as what it was asked for."""
    is_left_alone = turn.is_unfinished and not is_a_worker_alive
    if turn.kind != Turn.Kind.LABELS or turn.answer is None:
        return Shown(turn, is_left_alone)
    read = parse_labels(turn.answer)
    values = (read.values or {}).items()
    labels = tuple((name, value == 1) for name, value in values)
    return Shown(turn, is_left_alone, labels, read.problem)


def suggestions(turns: Sequence[Turn]) -> list[tuple[str, str]]:
    """The questions of the paper that were not answered yet, the report first."""
    answered = {turn.kind for turn in turns if turn.is_done}
    return [
        (kind.value, str(kind.label))
        for kind in Turn.Kind
        if kind != Turn.Kind.FREE and kind.value not in answered
    ]
