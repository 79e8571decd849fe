"""A table for people, the same for a page, a report, a DOCX and a LaTeX file."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Results = Mapping[str, Any]
Block = Mapping[str, Any]
Kind = Literal["", "total", "muted", "message"]

NOT_HELD = (
    "Not in this result set: it was computed before this analysis was added. "
    "Analyse the reads again to have it."
)


@dataclass(frozen=True)
class Row:
    """One row: as many cells as there are columns; a message has one for all."""

    cells: tuple[str, ...]
    kind: Kind = ""


@dataclass(frozen=True)
class Panel:
    """A table of text.

    name      file stem and id, such as "table5"
    analysis  the planned analysis it belongs to ("" for what is always planned)
    numbers   places of the columns that hold numbers, from 0
    message   a sentence that stands for the table where there is none
    notes     sentences below the table
    """

    name: str
    title: str
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    numbers: frozenset[int] = frozenset()
    message: str = ""
    notes: tuple[str, ...] = ()
    analysis: str = ""
    is_exploratory: bool = False


@dataclass(frozen=True)
class Wording:
    """How a study calls things: labels of arms, meanings of grades, its protocol."""

    labels: Mapping[str, str] = field(default_factory=dict)
    scale: tuple[Mapping[str, str], ...] = ()
    protocol: Mapping[str, Any] = field(default_factory=dict)

    def arm(self, name: str) -> str:
        """The label of an arm; its name where the study has none."""
        return self.labels.get(name) or name


Builder = Callable[[Results, Wording], list[Panel]]


def wording_of(protocol: Mapping[str, Any] | None) -> Wording:
    """The wording of a protocol, whatever parts of it are there."""
    # By name, as in protocol.json: a database keeps the keys of JSON in an order of its
    # own, and the same protocol has to give the same text.
    protocol = json.loads(json.dumps(protocol or {}, sort_keys=True))
    arms = [arm for arm in protocol.get("arms") or [] if isinstance(arm, Mapping)]
    scale = [each for each in protocol.get("scale") or [] if isinstance(each, Mapping)]
    return Wording(
        # A name is taken without the spaces around it, as in the table of reads.
        labels={arm["name"].strip(): arm["label"] for arm in arms if arm.get("label")},
        scale=tuple(scale),
        protocol=protocol,
    )


def is_exploratory(results: Results, analysis: str) -> bool:
    """Whether an analysis stands in no plan though there is one."""
    planned = (results.get("plan") or {}).get("planned")
    return bool(analysis) and planned is not None and analysis not in planned


def further(
    results: Results, analysis: str, name: str, title: str, **parts: Any
) -> Panel:
    """A panel of an analysis that is planned or exploratory."""
    return Panel(
        name=name,
        title=title,
        analysis=analysis,
        is_exploratory=is_exploratory(results, analysis),
        **parts,
    )


def block_of(results: Results, name: str) -> Block:
    """A block of the result set; one that says so where the result set is older."""
    held = results.get(name)
    return held if held else {"status": "no_ratings", "message": NOT_HELD}


def grades_by_arm(results: Results) -> list[tuple[str, Block]]:
    """Counts of grades with their arms, in the order of the arms.

    A database may hand the arms of a stored result set back in an order of its own.
    """
    held: Mapping[str, Block] = results["grades"]
    return [(arm, held[arm]) for arm in results["design"]["arms"] if arm in held]


def listed(results: Results, name: str) -> list[Block]:
    """A block that is a list, one entry for every two arms."""
    return list(results.get(name) or [])


def why_none(results: Results, name: str) -> str:
    """What stands for a list without entries."""
    if name not in results:
        return NOT_HELD
    return str(results.get("message") or "Nothing to compare.")


def message_row(*parts: str) -> Row:
    """A row of one sentence, with a name before it where it needs one."""
    return Row((": ".join(part for part in parts if part),), "message")


def table(columns: tuple[str, ...], rows: list[Row], text: int = 1) -> dict[str, Any]:
    """Columns and rows as parts of a panel; all but the first `text` hold numbers."""
    return {
        "columns": columns,
        "rows": tuple(rows),
        "numbers": frozenset(range(text, len(columns))),
    }
