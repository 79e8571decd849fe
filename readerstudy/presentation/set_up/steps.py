"""The steps of a set-up in their order, and what the checklist says of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Line(Protocol):
    """What a line of the checklist tells."""

    @property
    def done(self) -> bool: ...
    @property
    def sentence(self) -> str: ...
    @property
    def tab(self) -> str: ...
    @property
    def warns(self) -> bool: ...


class State(StrEnum):
    """OPEN stands in the way of the freeze, the others do not."""

    DONE = "done"
    WARNED = "look at it"
    OPEN = "to do"
    OPTIONAL = "optional"


@dataclass(frozen=True)
class Step:
    """One step.

    page    its page's address by name
    action  what its button says
    told    what is decided here, in a sentence
    covers  beginnings of the names of the pages that belong to it
    """

    title: str
    page: str
    action: str
    told: str
    covers: tuple[str, ...]


STEPS = (
    Step(
        "Cases",
        "cases:of_study",
        "Draw the cases",
        "Which radiographs are read.",
        ("cases:",),
    ),
    Step(
        "Reports",
        "reports:of_study",
        "See to the reports",
        "One report of every arm for every case.",
        ("reports:",),
    ),
    Step(
        "Design",
        "presentation:design",
        "Choose the design",
        "Who reads what, in which order.",
        ("presentation:design",),
    ),
    Step(
        "Reading",
        "studies:reading",
        "Set the rules of reading",
        "What readers are asked, sessions and wash-out, a practice set. The rules of "
        "the paper stand.",
        ("studies:reading", "presentation:practice", "presentation:remove_practice"),
    ),
    Step(
        "Analysis",
        "studies:plan",
        "Plan the analysis",
        "The primary outcome, margin, alpha and sample size. A plan stands; the "
        "reasoning of the sample size is yours to keep.",
        ("studies:plan", "analysis:planning"),
    ),
    Step(
        "People",
        "people:invitations",
        "Add readers and an analyst",
        "Who reads, who analyses.",
        ("people:",),
    ),
    Step(
        "Blinding",
        "presentation:blinding:page",
        "Audit the blinding",
        "Whether a text gives its source away.",
        ("presentation:blinding:",),
    ),
    Step(
        "Freeze",
        "presentation:freeze",
        "Check and freeze",
        "Lock the protocol, deal the lists, open for reading.",
        ("presentation:freeze", "lifecycle:"),
    ),
)
LAST = STEPS[-1]
# Arms are chosen on the page of the guide itself; they are where reports come from.
_OF_THE_GUIDE = STEPS[1]


@dataclass(frozen=True)
class Standing:
    """Where a step stands: its number from 1, its state, and a sentence that says it.

    tab  the page on which to mend what the sentence speaks of
    """

    number: int
    step: Step
    state: State
    sentence: str
    tab: str

    @property
    def is_open(self) -> bool:
        return self.state == State.OPEN


def step_at(page: str) -> Step | None:
    """The step to which a page belongs by its name."""
    return next((each for each in STEPS if page.startswith(each.covers)), None)


def standings(checks: Iterable[Line]) -> list[Standing]:
    """Group a checklist by step; the freeze comes last and waits for all others."""
    lines: dict[Step, list[Line]] = {step: [] for step in STEPS}
    for check in checks:
        lines[step_at(check.tab) or _OF_THE_GUIDE].append(check)
    found = [
        _standing(number, step, lines[step])
        for number, step in enumerate(STEPS[:-1], 1)
    ]
    waiting = sum(not line.done for held in lines.values() for line in held)
    return [*found, _freeze(waiting)]


def _standing(number: int, step: Step, lines: Sequence[Line]) -> Standing:
    undone = [line for line in lines if not line.done]
    warned = [line for line in lines if line.warns]
    if undone or warned:
        state, line = (State.OPEN if undone else State.WARNED), (undone or warned)[0]
        return Standing(number, step, state, line.sentence, line.tab)
    if not lines:
        return Standing(number, step, State.OPTIONAL, step.told, step.page)
    # The last two say the most: counts first, what was tested afterwards.
    sentence = " ".join(line.sentence for line in lines[-2:])
    return Standing(number, step, State.DONE, sentence, step.page)


def _freeze(waiting: int) -> Standing:
    number = len(STEPS)
    if waiting:
        points = "1 point is" if waiting == 1 else f"{waiting} points are"
        words = f"{points} still open above; until then nothing can be locked."
        return Standing(number, LAST, State.OPTIONAL, words, LAST.page)
    words = "Everything is ready. Freezing locks the protocol and deals the lists."
    return Standing(number, LAST, State.OPEN, words, LAST.page)


def next_of(found: Sequence[Standing]) -> Standing:
    """The first step that stands in the way, at the end the freeze."""
    return next((each for each in found if each.is_open), found[-1])


def neighbours(step: Step) -> tuple[Step | None, Step | None]:
    """The steps before and after one."""
    place = STEPS.index(step)
    before = STEPS[place - 1] if place else None
    return before, STEPS[place + 1] if place + 1 < len(STEPS) else None
