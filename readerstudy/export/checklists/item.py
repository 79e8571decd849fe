"""An item of a checklist and its answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

State = Literal["done", "by the authors", "not applicable"]


@dataclass(frozen=True)
class Facts:
    """What the platform knows: the locked protocol and results.json."""

    protocol: Mapping[str, Any]
    results: Mapping[str, Any]

    def computed(self, block: str) -> bool:
        """Whether a block of the results holds numbers."""
        found = self.results.get(block) or {}
        if block == "agreement":
            found = found.get("all") or {}
        return bool(found) and found.get("status", "ok") == "ok"


@dataclass(frozen=True)
class Answer:
    """State, and where it stands, why it does not apply, or a hint for the authors."""

    state: State
    where: str


Rule = Callable[[Facts], Answer]


@dataclass(frozen=True)
class Item:
    number: str
    asks: str
    rule: Rule


@dataclass(frozen=True)
class Checklist:
    """A guideline.

    name   file stem
    form   address of the official form
    note   what was not verified and has to be checked against the form
    """

    name: str
    title: str
    form: str
    note: str
    items: tuple[Item, ...]
    is_required: bool = False


def done(where: str) -> Rule:
    """The platform has it: a file of the bundle."""
    return lambda facts: Answer("done", where)


def authors(hint: str = "") -> Rule:
    """Only the authors know."""
    return lambda facts: Answer("by the authors", hint)


def unfit(because: str) -> Rule:
    """It does not apply to a blinded reading of finished reports."""
    return lambda facts: Answer("not applicable", because)


def computed(block: str, where: str, because: str) -> Rule:
    """Done where the results hold a block, else not applicable for a reason."""

    def rule(facts: Facts) -> Answer:
        if facts.computed(block):
            return Answer("done", where)
        return Answer("not applicable", because)

    return rule


def planned(key: str, where: str, hint: str) -> Rule:
    """Done where the protocol holds something, else left to the authors."""

    def rule(facts: Facts) -> Answer:
        analysis = facts.protocol.get("analysis") or {}
        if facts.protocol.get(key) or analysis.get(key):
            return Answer("done", where)
        return Answer("by the authors", hint)

    return rule


def items(*lines: tuple[str, Rule]) -> tuple[Item, ...]:
    """Items numbered from 1 in their order."""
    return tuple(Item(str(number), *line) for number, line in enumerate(lines, 1))
