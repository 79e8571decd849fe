"""What a file of labels or metrics would bring in, and why it can't: pure, no rows.

A CSV has one case a row: a column that names the case and one column for each finding,
joined by their names, never by their order. A file of answers has one JSON object a
line, as `python -m inference label` writes it.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from inference.chexpert import ALIASES, FINDINGS, NO_FINDING, WRITTEN
from inference.labels import parse_labels
from readerstudy.cases.radiograph import Refused
from readerstudy.cases.tables import Row, Table, read_table
from readerstudy.csv_cells import is_blank, number_in, reader_column
from readerstudy.csv_text import unguarded
from readerstudy.reports.tables.matching import RULES, case_of

IDS = (
    *("case", "code", "study_id", "case_id", "id", "uid", "study", "image", "image_id"),
    *("dicom_id", "filename", "file", "path", "accession"),
)
_BY_NAME = {name.lower(): name for name in FINDINGS} | ALIASES
_MINUS = "\u2212"
# The tables of metrics have columns of these names, whose report a number is of.
_OURS = ("source", "case")
_LONGEST_CODE = 80


@dataclass(frozen=True)
class Problem:
    """Why a line can't be taken: an unknown or doubled case, or what it holds."""

    line: int
    kind: str
    sentence: str


@dataclass(frozen=True)
class Line:
    """One case of a file: labels by finding, or metrics by name.

    answer, problem   what a model said, and why that is no set of labels
    """

    line: int
    case: int
    values: dict[str, Any]
    answer: str = ""
    problem: str = ""


@dataclass
class Checked:
    """The outcome of a check.

    columns   findings or metrics that the file has, in the order of the file
    ignored   columns that are neither
    missing   codes of cases that the collection has and the file has not
    warnings  sentences about what looks wrong and need not be
    making    what the answers say of the model that gave them
    """

    columns: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    making: dict[str, str] = field(default_factory=dict)

    def of_kind(self, kind: str) -> list[Problem]:
        """The problems of one kind, in the order of the file."""
        return [each for each in self.problems if each.kind == kind]

    @property
    def unknown(self) -> list[Problem]:
        """Lines about cases that the collection has not; they can be left out."""
        return self.of_kind("unknown")

    @property
    def blocking(self) -> list[Problem]:
        """Lines for which the whole file is refused."""
        return [each for each in self.problems if each.kind != "unknown"]

    @property
    def absent(self) -> list[str]:
        """Findings without a column; they stay blank."""
        return [finding for finding in FINDINGS if finding not in self.columns]

    @property
    def filled(self) -> list[tuple[str, int, int]]:
        """Each column with how many of its cells hold a value, and how many none."""
        found = []
        for column in self.columns:
            held = sum(column in line.values for line in self.lines)
            found.append((column, held, len(self.lines) - held))
        return found

    @property
    def unread(self) -> list[Line]:
        """Answers that are no set of labels; they are kept and counted."""
        return [line for line in self.lines if line.problem]


def check_labels(content: bytes, name: str, known: Mapping[str, int]) -> Checked:
    """Check a CSV of labels against the cases of a collection. Raises Refused.

    known   ids of the collection's cases by their codes
    """
    table = read_table(content, name)
    found = {
        column: _BY_NAME[_plain(column)]
        for column in table.columns
        if _plain(column) in _BY_NAME
    }
    if not found:
        raise Refused(
            f"{name} has no column of a finding. Its first row must name the columns: "
            f"one that names the case, such as study_id, and findings such as "
            f"{FINDINGS[1]}."
        )
    _refuse_doubled(list(found.values()), name)
    id_column = _id_column(table, found)
    checked = Checked(
        columns=list(found.values()),
        ignored=[each for each in table.columns if each not in {id_column, *found}],
    )

    def values(row: Row) -> dict[str, int]:
        said = {
            finding: _label(row[column], finding) for column, finding in found.items()
        }
        return {finding: value for finding, value in said.items() if value is not None}

    _join(checked, _rows(table.rows(), id_column), known, values)
    _doubt(checked, name)
    _note_readers(checked)
    return checked


def check_metrics(content: bytes, name: str, known: Mapping[str, int]) -> Checked:
    """Check a CSV with columns of numbers, one row a case. Raises Refused."""
    table = read_table(content, name)
    id_column = _id_column(table, {})
    rows = list(table.rows())
    titles = {
        column: unguarded(title)
        for column, title in zip(table.columns, table.titles, strict=True)
        if column.replace(" ", "_") not in IDS
        and any(number_in(row[column]) is not None for _, row in rows)
    }
    if not titles:
        raise Refused(
            f"{name} has no column of numbers. Give each metric a column of its own, "
            "with its name in the first row."
        )
    for column in _OURS:
        if column in titles:
            raise Refused(
                f"{name}, column {titles[column]}: a table of metrics has a column of "
                "this name already. Give it another name."
            )
    checked = Checked(
        columns=list(titles.values()),
        ignored=[each for each in table.columns if each not in {id_column, *titles}],
    )

    def values(row: Row) -> dict[str, float]:
        return {
            title: _measure(row[column], title)
            for column, title in titles.items()
            if not is_blank(row[column])
        }

    _join(checked, _rows(rows, id_column), known, values)
    return checked


def check_answers(content: bytes, name: str, known: Mapping[str, int]) -> Checked:
    """Check the answers of a model to the label prompt. Raises Refused."""
    try:
        # A text may hold other signs that end a line, such as U+2028.
        lines = content.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError:
        raise Refused(f"{name} is not UTF-8 text.") from None
    rows = [
        (number, _answer(line, number, name))
        for number, line in enumerate(lines, 1)
        if line.strip()
    ]
    if not rows:
        raise Refused(f"{name} is empty.")
    checked = Checked(columns=list(FINDINGS), making=_making(rows, name))
    joined = list(_joined(checked, _last_tries(rows), known))
    for number, case, row in joined:
        text = _storable(row.get("text") or "")
        if "error" in row:
            problem = f"Not answered: {_storable(row['error'])}"[:500]
            line = Line(number, case, {}, "", problem)
        else:
            labels = parse_labels(text)
            line = Line(number, case, labels.values or {}, text, labels.problem[:500])
        checked.lines.append(line)
    _note_missing(checked, joined, known)
    if checked.unread:
        checked.warnings.append(
            f"{len(checked.unread)} of {len(checked.lines)} answers are no set of "
            "labels. They are kept word for word and counted; they say nothing of any "
            "finding."
        )
    return checked


def _last_tries(
    rows: Sequence[tuple[int, dict[str, Any]]],
) -> list[tuple[int, str, dict[str, Any]]]:
    """Line, case and answer, without failures that were followed by another try.

    What was answered stands, whatever failed before or after; else the last failure.
    """
    named = [(number, _storable(row["image"]), row) for number, row in rows]
    last = {case: number for number, case, row in named if "error" in row}
    last |= {case: 0 for _, case, row in named if "error" not in row}
    return [
        (number, case, row)
        for number, case, row in named
        if "error" not in row or number == last[case]
    ]


def _storable(value: Any) -> str:
    """A value as text that a database and a page take."""
    text = str(value).encode(errors="replace").decode()
    return text.replace("\0", "\ufffd")


def _answer(line: str, number: int, name: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict) or "image" not in row:
        raise Refused(
            f"{name}, line {number}: it is no answer of `python -m inference label`, "
            "which is a JSON object with the key image."
        )
    return row


def _making(rows: Sequence[tuple[int, dict[str, Any]]], name: str) -> dict[str, str]:
    """What the answers say of their model; they must all be of the same making."""
    prints = {
        _storable(row["fingerprint"]) for _, row in rows if row.get("fingerprint")
    }
    if len(prints) > 1:
        raise Refused(
            f"{name} holds answers of {len(prints)} makings: other weights, another "
            "prompt or other settings. Import each of them on its own."
        )
    kept: Any = next((row["provenance"] for _, row in rows if "provenance" in row), {})
    making = {"fingerprint": next(iter(prints), "")}
    for key in ("checkpoint", "revision", "weights_sha256"):
        making[key] = _storable(kept.get(key, "")) if isinstance(kept, dict) else ""
    return {key: value for key, value in making.items() if value}


def _plain(column: str) -> str:
    return " ".join(column.replace("_", " ").lower().split())


def _refuse_doubled(findings: Sequence[str], name: str) -> None:
    for finding in findings:
        if findings.count(finding) > 1:
            raise Refused(f"{name}, row 1: {finding} is named twice.")


def _id_column(table: Table, findings: Mapping[str, str]) -> str:
    for title in IDS:
        for column in table.columns:
            if column.replace(" ", "_") == title and column not in findings:
                return column
    raise Refused(
        f"{table.name} has no column that names the case. Call it study_id or case."
    )


def _rows(
    rows: Iterable[tuple[int, Row]], id_column: str
) -> Iterator[tuple[int, str, Row]]:
    return ((number, unguarded(row[id_column]), row) for number, row in rows)


def _measure(cell: str, metric: str) -> float:
    number = number_in(cell)
    if number is None:
        raise ValueError(
            f"{metric} is {cell[:40]!r}, which is no number. Empty the cell, or take "
            "the column out if it is no metric."
        )
    return number


def _label(cell: str, finding: str) -> int | None:
    """A label as other tools write it; None where nothing is said."""
    text = unguarded(cell).replace(_MINUS, "-").casefold()
    if text not in WRITTEN:
        raise ValueError(
            f"{finding} is {cell[:40]!r}; only 1, 0, -1 and an empty cell are labels."
        )
    return WRITTEN[text]


def _join(
    checked: Checked,
    rows: Iterable[tuple[int, str, Row]],
    known: Mapping[str, int],
    values: Any,
) -> None:
    """Put the rows whose case is known and whose values can be read."""
    joined = list(_joined(checked, list(rows), known))
    for number, case, row in joined:
        try:
            checked.lines.append(Line(number, case, values(row)))
        except ValueError as problem:
            checked.problems.append(Problem(number, "value", str(problem)))
    _note_missing(checked, joined, known)


def _joined(
    checked: Checked,
    rows: Sequence[tuple[int, str, Any]],
    known: Mapping[str, int],
) -> Iterator[tuple[int, int, Any]]:
    """Line, case and content of each row whose case is known and is named once."""
    rule = _rule([cell for _, cell, _ in rows], known)
    first: dict[int, int] = {}
    for number, cell, row in rows:
        shown = cell[:_LONGEST_CODE]
        case = case_of(cell, rule, known, before="", after="") if cell else None
        if not cell:
            sentence = "No case is named."
            checked.problems.append(Problem(number, "nameless", sentence))
        elif case is None:
            sentence = f"The collection has no case {shown}."
            checked.problems.append(Problem(number, "unknown", sentence))
        elif case in first:
            sentence = f"{shown} stands in line {first[case]} already."
            checked.problems.append(Problem(number, "twice", sentence))
        else:
            first[case] = number
            yield number, case, row


def _rule(cells: Sequence[str], known: Mapping[str, int]) -> str:
    """The way of naming cases that fits most rows; the code itself where none does."""

    def matches(rule: str) -> int:
        return sum(
            case_of(cell, rule, known, before="", after="") is not None
            for cell in cells
        )

    return max(RULES, key=matches)


def _note_missing(
    checked: Checked, joined: Sequence[tuple[int, int, Any]], known: Mapping[str, int]
) -> None:
    """Note the cases without a line; one whose line can't be taken has one."""
    there = {case for _, case, _ in joined}
    checked.missing = [code for code, case in known.items() if case not in there]


def _note_readers(checked: Checked) -> None:
    """Say how labels of several readers come in, where a case has a row for each."""
    column = reader_column(checked.ignored)
    if column and checked.of_kind("twice"):
        checked.warnings.append(
            f"Column {column} names readers, and a case may have one row only. Store "
            "one file per reader and bring each in as labels of a human reader."
        )


def _doubt(checked: Checked, name: str) -> None:
    """Say what looks as if the labeler had not worked."""
    values = [
        value
        for line in checked.lines
        for finding, value in line.values.items()
        if finding != NO_FINDING
    ]
    if values and 0 not in values:
        checked.warnings.append(
            f"{name} has not a single negative. A labeler whose negation did not work "
            "gives such a file: look at a few reports before you use it. Scores that "
            "take definite labels alone will have no negatives at all."
        )
    if not values and checked.lines:
        checked.warnings.append(f"{name} says nothing of any finding.")
