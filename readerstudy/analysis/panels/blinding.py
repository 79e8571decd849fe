"""Whether readers could tell the source: their guesses and the blinding indices."""

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
    percent,
)

TITLE = "Blinding: guesses of the source"
_GUESSES = ("person", "model", "unknown")
_COLUMNS = (
    "Arm",
    "Written by",
    "Guesses",
    "Guess: a person, n (%)",
    "Guess: a model, n (%)",
    "Not known, n (%)",
)
_INDICES = ("Index", "Guesses", "Value", "95% CI")
_NOTE = (
    "James: 0 where every guess is right, 0.5 where readers guess at random, 1 where "
    "nobody knows or every guess is wrong. Bang, per arm: 0 where readers guess at "
    "random, 1 where every guess is right, \u22121 where every one is wrong."
)


def blinding(results: Results, wording: Wording) -> list[Panel]:
    """The guesses by arm, then James' and Bang's indices."""
    block = block_of(results, "blinding")
    asked = block.get("asked") or []
    if not asked:
        message = str(block.get("message") or "No reader was asked for a guess.")
        return [further(results, "blinding", "blinding", TITLE, message=message)]
    rows = [_asked(line, wording) for line in asked]
    parts = table(_COLUMNS, rows, text=2)
    panels = [further(results, "blinding", "blinding", TITLE, **parts)]
    lines = [("James, all arms", block.get("james") or {})]
    lines += [(f"Bang, {wording.arm(each['arm'])}", each) for each in block["bang"]]
    parts = table(_INDICES, [_index(*line) for line in lines]) | {
        "notes": (_NOTE, *_drawn(block))
    }
    panels.append(
        further(results, "blinding", "blinding-indices", "Blinding indices", **parts)
    )
    return panels


def _asked(line: Block, wording: Wording) -> Row:
    number = line["n"]
    guesses = [f"{line[each]} ({percent(line[each] / number)})" for each in _GUESSES]
    kind = "a person" if line["kind"] == "person" else "a model"
    return Row((wording.arm(line["arm"]), kind, str(number), *guesses))


def _drawn(block: Block) -> tuple[str, ...]:
    bootstrap = block.get("bootstrap")
    if not bootstrap:
        return ()
    return (
        f"Intervals from {bootstrap['draws']} bootstrap draws of whole cases, seed "
        f"{bootstrap['seed']}.",
    )


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
