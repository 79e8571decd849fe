"""What a table would bring in, and which of its rows can't be taken: nothing is stored.

Memory holds a few words per row, never the texts.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from readerstudy.cases.models import Case
from readerstudy.cases.tables import what_ails
from readerstudy.reports.services import UploadedReport
from readerstudy.reports.tables.mapping import ColumnMapping
from readerstudy.reports.tables.matching import case_of

KINDS = {
    "cells": "Another number of cells than the table has columns",
    "no case": "No case is named",
    "unknown": "The collection has no such case",
    "empty": "The report is empty",
    "text": "Too long, or no text",
    "twice": "The case has another text in another row",
    "replaced": "Came before, and was replaced since",
    "stratum": "The stratum is neither normal nor abnormal",
    "frozen": "The case belongs to a frozen study",
}


@dataclass(frozen=True)
class KnownCase:
    """A case as the check needs it; `is_frozen` where a frozen study reads it."""

    id: int
    code: str
    stratum: str
    indication: str
    is_frozen: bool


@dataclass(frozen=True)
class Problem:
    """Why a row can't be taken; `case` is the cell that names the case."""

    row: int
    kind: str
    case: str
    sentence: str


@dataclass(frozen=True)
class Entry:
    """A row that can be taken, without its texts."""

    row: int
    cell: str
    case: KnownCase
    fingerprint: str
    stratum: str
    indication: str

    @property
    def content(self) -> tuple[str, str, str]:
        return self.fingerprint, self.stratum, self.indication


class Bad(Exception):
    """A row can't be taken: a kind and a sentence."""

    def __init__(self, kind: str, sentence: str) -> None:
        super().__init__(sentence)
        self.kind, self.sentence = kind, sentence


@dataclass
class Checked:
    """The outcome of a check.

    entries  by the number of the row, what would be stored or is there already
    """

    rows: int = 0
    doubled: int = 0
    set_aside: int = 0
    entries: dict[int, Entry] = field(default_factory=dict)
    new: set[int] = field(default_factory=set)
    changed: set[int] = field(default_factory=set)
    there: set[int] = field(default_factory=set)
    strata: set[int] = field(default_factory=set)
    indications: set[int] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def counts(self) -> dict[str, Any]:
        """Numbers for the page."""
        kinds = Counter(problem.kind for problem in self.problems)
        return {
            "rows": self.rows,
            "new": len(self.new),
            "changed": len(self.changed),
            "there": len(self.there),
            "doubled": self.doubled,
            "set_aside": self.set_aside,
            "strata": len(self.strata),
            "indications": len(self.indications),
            "bad": len(self.problems),
            "kinds": dict(sorted(kinds.items())),
        }

    def told(self) -> dict[str, Any]:
        """The numbers with a digest of all rows, by which two checks are compared."""
        return {**self.counts(), "digest": _digest_of_rows(self)}


def _digest_of_rows(checked: Checked) -> str:
    """SHA-256 of what would be stored row by row, and of what would not."""
    total = hashlib.sha256()
    parts = ("new", "changed", "there", "strata", "indications")
    for part in parts:
        total.update(f"{part} {sorted(getattr(checked, part))}\n".encode())
    for number, entry in sorted(checked.entries.items()):
        total.update(repr((number, entry.case.id, *entry.content)).encode())
    for problem in checked.problems:
        total.update(repr((problem.row, problem.kind, problem.sentence)).encode())
    return total.hexdigest()


def texts_in(cells: list[str], mapping: ColumnMapping) -> dict[str, str]:
    """The mapped texts of a row by part. Raises Bad."""
    found = {part: cells[number] for part, number in mapping.parts}
    for part, text in found.items():
        if ailing := what_ails(text):
            raise Bad("text", f"{mapping.titles.get(part, part)}: {ailing}.")
    return found


def upload_of(case: str, texts: dict[str, str]) -> UploadedReport:
    """A row's report: the whole text, or the sections where there is none."""
    if texts.get("report"):
        return UploadedReport(case, text=texts["report"])
    return UploadedReport(
        case,
        findings=texts.get("findings", ""),
        impression=texts.get("impression", ""),
    )


def check(
    rows: Iterable[tuple[int, list[str]]],
    *,
    columns: int,
    mapping: ColumnMapping,
    known: Mapping[str, KnownCase],
    there: Mapping[int, list[str]],
) -> Checked:
    """Look at every row once.

    there  of each case, by its id, the fingerprints of the source's reports, oldest
           first
    """
    checked = Checked()
    by_case: dict[int, list[Entry]] = {}
    for number, cells in rows:
        checked.rows += 1
        cell = cells[mapping.case] if mapping.case < len(cells) else ""
        try:
            entry = _entry(number, cells, columns, mapping, known)
        except Bad as bad:
            checked.problems.append(Problem(number, bad.kind, cell[:120], bad.sentence))
        else:
            by_case.setdefault(entry.case.id, []).append(entry)
    for entries in by_case.values():
        counting = _one_of(entries, mapping.doubled, checked)
        if counting is not None:
            _sort_in(counting, checked, there.get(counting.case.id, []), mapping)
    checked.problems.sort(key=lambda problem: problem.row)
    return checked


def _entry(
    number: int,
    cells: list[str],
    columns: int,
    mapping: ColumnMapping,
    known: Mapping[str, KnownCase],
) -> Entry:
    if len(cells) < columns or any(cells[columns:]):
        raise Bad("cells", f"{len(cells)} cells instead of {columns}.")
    cell = cells[mapping.case]
    if not cell:
        raise Bad("no case", "No case is named.")
    affixes = {"before": mapping.before, "after": mapping.after}
    case = case_of(cell, mapping.rule, known, **affixes)
    if case is None:
        raise Bad("unknown", f"The collection has no case {cell[:120]}.")
    texts = texts_in(cells, mapping)
    upload = upload_of(case.code, texts)
    if mapping.has_texts and not mapping.takes_empty and not upload.is_filled:
        raise Bad("empty", "The report is empty.")
    stratum = _stratum(texts.get("stratum", ""), mapping)
    indication = texts.get("indication", "")
    if case.is_frozen and _alters(case, stratum, indication):
        raise Bad(
            "frozen",
            f"{case.code} belongs to a frozen study; its stratum and indication are "
            "fixed.",
        )
    fingerprint = upload.sha256() if mapping.has_texts else ""
    return Entry(number, cell[:120], case, fingerprint, stratum, indication)


def _stratum(cell: str, mapping: ColumnMapping) -> str:
    """The stratum that a cell stands for; empty where it says nothing."""
    if not cell:
        return ""
    word = cell.lower()
    for stratum in (Case.Stratum.NORMAL, Case.Stratum.ABNORMAL):
        words = getattr(mapping, stratum).lower().split(",")
        if word in {each.strip() for each in words}:
            return str(stratum)
    if word == Case.Stratum.UNKNOWN:
        return word
    raise Bad("stratum", f"{cell[:40]} stands neither for normal nor for abnormal.")


def _alters(case: KnownCase, stratum: str, indication: str) -> bool:
    return bool(
        (stratum and stratum != case.stratum)
        or (indication and indication != case.indication)
    )


def _one_of(entries: list[Entry], rule: str, checked: Checked) -> Entry | None:
    """The row that counts of all rows of a case; none where they disagree."""
    contents = {entry.content for entry in entries}
    if len(contents) == 1:
        checked.doubled += len(entries) - 1
        return entries[0]
    if rule == "none":
        for entry in entries:
            others = [str(one.row) for one in entries if one.content != entry.content]
            rows = ("row " if len(others) == 1 else "rows ") + ", ".join(others[:5])
            sentence = f"{entry.case.code} has another text in {rows}."
            checked.problems.append(Problem(entry.row, "twice", entry.cell, sentence))
        return None
    checked.set_aside += len(entries) - 1
    return entries[0 if rule == "first" else -1]


def _sort_in(
    entry: Entry, checked: Checked, there: list[str], mapping: ColumnMapping
) -> None:
    """Note what a row would do: new, changed, or nothing."""
    if mapping.has_texts and entry.fingerprint in there[:-1]:
        sentence = (
            f"This text of {entry.case.code} came before and was replaced by a newer "
            "one since, which stays."
        )
        checked.problems.append(Problem(entry.row, "replaced", entry.cell, sentence))
        return
    checked.entries[entry.row] = entry
    if entry.stratum and entry.stratum != entry.case.stratum:
        checked.strata.add(entry.row)
    if entry.indication and entry.indication != entry.case.indication:
        checked.indications.add(entry.row)
    if not mapping.has_texts:
        return
    if not there:
        checked.new.add(entry.row)
    elif there[-1] == entry.fingerprint:
        checked.there.add(entry.row)
    else:
        checked.changed.add(entry.row)
