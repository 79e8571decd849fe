"""A table for people, the same for a page, a report, a DOCX and a LaTeX file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Results = Mapping[str, Any]
Kind = Literal["", "total", "muted", "message"]


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
    """How a study calls things: labels of arms, meanings of grades."""

    labels: Mapping[str, str] = field(default_factory=dict)
    scale: tuple[Mapping[str, str], ...] = ()

    def arm(self, name: str) -> str:
        """The label of an arm; its name where the study has none."""
        return self.labels.get(name, name)


def is_exploratory(results: Results, analysis: str) -> bool:
    """Whether an analysis stands in no plan though there is one."""
    planned = results["plan"]["planned"]
    return bool(analysis) and planned is not None and analysis not in planned
