"""Whether readers could tell the source: their guesses and the blinding indices."""

from collections.abc import Mapping
from typing import Any

from readerstudy.analysis.panels.panel import (
    Block,
    Panel,
    Results,
    Row,
    Wording,
    block_of,
    further,
    message_row,
    table,
)
from readerstudy.analysis.wording import (
    NOTHING,
    coefficient,
    coefficient_interval,
    sentence_case,
)

TITLE = "Blinding: guesses of the source"
_INDICES = ("Index", "Guesses", "Value", "95% CI")
_NOTE = (
    "James: 0 is no blinding, 1 is complete blinding, 0.5 is guessing at random. Bang, "
    "per arm: 0 is guessing at random, 1 is every guess right, \u22121 every one wrong."
)


def blinding(results: Results, wording: Wording) -> list[Panel]:
    """The guesses by arm, then James' and Bang's indices."""
    block = block_of(results, "blinding")
    counts = guesses_of(block)
    if not counts:
        message = str(block.get("message") or "No reader was asked for a guess.")
        return [further(results, "blinding", "blinding", TITLE, message=message)]
    guesses = list(dict.fromkeys(key for row in counts.values() for key in row))
    columns = ("Arm", *(_guess_name(guess, wording) for guess in guesses))
    rows = [
        Row((wording.arm(arm), *(str(row.get(guess, 0)) for guess in guesses)))
        for arm, row in counts.items()
    ]
    panels = [further(results, "blinding", "blinding", TITLE, **table(columns, rows))]
    lines = [("James", block.get("james") or {})]
    lines += [(f"Bang, {wording.arm(each['arm'])}", each) for each in block["bang"]]
    parts = table(_INDICES, [_index(*line) for line in lines]) | {"notes": (_NOTE,)}
    panels.append(
        further(results, "blinding", "blinding-indices", "Blinding indices", **parts)
    )
    return panels


def guesses_of(block: Block) -> dict[str, dict[str, int]]:
    """Counts of guesses per arm."""
    counts: Any = block.get("counts") or {}
    if isinstance(counts, Mapping):
        return {arm: dict(row) for arm, row in counts.items()}
    found: dict[str, dict[str, int]] = {}
    for row in counts:
        number = row.get("reads", row.get("n", 0))
        found.setdefault(row["arm"], {})[row["guess"]] = number
    return found


def _guess_name(guess: str, wording: Wording) -> str:
    return f"Guess: {sentence_case(wording.arm(guess).replace('_', ' '))}"


def _index(name: str, block: Block) -> Row:
    if block.get("index") is None:
        return message_row(name, str(block.get("message") or "Not estimable."))
    number = block.get("n")
    return Row(
        (
            name,
            NOTHING if number is None else str(number),
            coefficient(block["index"]),
            coefficient_interval(block.get("ci95")),
        )
    )
