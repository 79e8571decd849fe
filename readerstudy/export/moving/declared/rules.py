"""How a field is declared: what a copy of a study and a move do with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum


class Copy(Enum):
    """What the copy of a study gets of a field of the original."""

    COPIED = "copied"
    NOT_COPIED = "not copied"
    REMADE = "made anew"


class Move(Enum):
    """What a field becomes on another server."""

    MOVED = "moved"
    NOT_MOVED = "not moved"
    REMADE = "made anew"


COPIED, NOT_COPIED, COPY_REMADE = Copy.COPIED, Copy.NOT_COPIED, Copy.REMADE
MOVED, NOT_MOVED, MOVE_REMADE = Move.MOVED, Move.NOT_MOVED, Move.REMADE


@dataclass(frozen=True)
class Rule:
    """One field: what becomes of it, and why."""

    copy: Copy
    move: Move
    why: str


@dataclass(frozen=True)
class Declared:
    """One model.

    key      the fields that name a row on every server; a reference to the row is
             written as their values
    fields   the rule of every column, in the order of declaration
    """

    model: str
    key: tuple[str, ...]
    fields: Mapping[str, Rule]

    def copied(self) -> list[str]:
        """The fields that a copy takes over as they are."""
        return [name for name, rule in self.fields.items() if rule.copy is Copy.COPIED]

    def moved(self) -> list[str]:
        """The fields that a packed study holds."""
        return [name for name, rule in self.fields.items() if rule.move is Move.MOVED]


def group(names: str, copy: Copy, move: Move, why: str) -> Iterator[tuple[str, Rule]]:
    """The same rule for several fields, named with spaces between them."""
    return ((name, Rule(copy, move, why)) for name in names.split())


def model(
    label: str, *groups: Iterator[tuple[str, Rule]], key: str = ""
) -> tuple[str, Declared]:
    """Declare a model; raises ValueError where a field is declared twice."""
    fields: dict[str, Rule] = {}
    for name, rule in (pair for each in groups for pair in each):
        if name in fields:
            raise ValueError(f"{label}.{name} is declared twice.")
        fields[name] = rule
    return label, Declared(label, tuple(key.split()), fields)


def left(label: str, names: str, why: str) -> tuple[str, Declared]:
    """Declare a model of which nothing is copied and nothing is moved."""
    return model(label, group(f"id {names}", NOT_COPIED, NOT_MOVED, why))


def record(label: str, names: str, why: str, *, key: str = "") -> tuple[str, Declared]:
    """Declare what happened in a study: it moves with it and is never copied."""
    return model(
        label,
        group("id", NOT_COPIED, MOVE_REMADE, "The database numbers its rows itself."),
        group(names, NOT_COPIED, MOVED, why),
        key=key,
    )


def numbered() -> Iterator[tuple[str, Rule]]:
    """The rule of every primary key."""
    return group("id", COPY_REMADE, MOVE_REMADE, "The database numbers rows itself.")


WORK = (
    "status attempts lease_token lease_until worker rung_at started_at finished_at "
    "failure created_at"
)
