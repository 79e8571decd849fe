"""Which column of a table is what."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from readerstudy.reports.tables.matching import case_of

TEXTS = ("report", "findings", "impression")
PARTS = (*TEXTS, "indication", "stratum")


@dataclass(frozen=True)
class ColumnMapping:
    """Columns are numbers from 0; None stands for none.

    normal, abnormal  what stands in the stratum's column, separated by commas
    takes_empty       an empty report is stored as an empty report
    doubled           which row counts where a case has several texts: none, first, last
    """

    case: int
    rule: str = "exact"
    before: str = ""
    after: str = ""
    report: int | None = None
    findings: int | None = None
    impression: int | None = None
    indication: int | None = None
    stratum: int | None = None
    normal: str = "normal"
    abnormal: str = "abnormal"
    takes_empty: bool = False
    doubled: str = "none"
    titles: dict[str, str] = field(default_factory=dict)

    @cached_property
    def has_texts(self) -> bool:
        return any(self.column(part) is not None for part in TEXTS)

    @cached_property
    def parts(self) -> tuple[tuple[str, int], ...]:
        """Each part that the table has, with its column."""
        found = ((part, self.column(part)) for part in PARTS)
        return tuple((part, number) for part, number in found if number is not None)

    def column(self, part: str) -> int | None:
        """The column of a part: report, findings, impression, indication, stratum."""
        number: int | None = getattr(self, part)
        return number

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def problem(self, columns: Sequence[str]) -> str:
        """Why nothing can be read this way; empty where something can."""
        used = [self.case, *(self.column(part) for part in PARTS)]
        chosen = [number for number in used if number is not None]
        if any(number >= len(columns) for number in chosen):
            return "The table has fewer columns than that. Choose the columns again."
        for number in chosen:
            if chosen.count(number) > 1:
                return f"{columns[number]} cannot be two things at once."
        if len(chosen) == 1:
            return "Choose at least one column beside that of the cases."
        return ""


def matches(
    rows: Sequence[Sequence[str]],
    column: int,
    rule: str,
    known: Mapping[str, object],
    *,
    before: str = "",
    after: str = "",
) -> int:
    """How many rows name a known case in a column."""
    return sum(
        column < len(row)
        and case_of(row[column], rule, known, before=before, after=after) is not None
        for row in rows
    )
