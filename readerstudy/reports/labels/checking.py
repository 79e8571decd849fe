"""What a file of labels or metrics would bring in, and why it can't: pure, no rows.

A CSV has one case a row: a column that names the case and one column for each finding,
joined by their names, never by their order. A file of answers has one JSON object a
line, as `python -m inference label` writes it.
"""

import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from inference.chexpert import FINDINGS, NO_FINDING
from inference.labels import parse_labels
from readerstudy.cases.radiograph import Refused
from readerstudy.cases.tables import Row, Table, read_table, records
from readerstudy.csv_text import unguarded
from readerstudy.reports.tables.matching import RULES, case_of

IDS = (
    *("case", "code", "study_id", "case_id", "id", "uid", "study", "image", "image_id"),
    *("dicom_id", "filename", "file", "path", "accession"),
)
_OTHER_NAMES = {"airspace opacity": "Lung Opacity"}
_BY_NAME = {name.lower(): name for name in FINDINGS} | _OTHER_NAMES
_VALUES = {"1": 1, "1.0": 1, "0": 0, "0.0": 0, "-1": -1, "-1.0": -1}
_LONGEST_CODE = 80
# Columns of the table of metrics; a column called case names the case already.
_OWN_COLUMNS = {"source", "case"}


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
        return {
            finding: _label(row[column], finding)
            for column, finding in found.items()
            if row[column]
        }

    _join(checked, _rows(table.rows(), id_column), known, values)
    _doubt(checked, name)
    return checked


def check_metrics(content: bytes, name: str, known: Mapping[str, int]) -> Checked:
    """Check a CSV with columns of numbers, one row a case. Raises Refused."""
    table = read_table(content, name)
    id_column = _id_column(table, {})
    rows = list(table.rows())
    numeric = [
        column
        for column in table.columns
        if column != id_column and _is_numeric(row[column] for _, row in rows)
    ]
    if not numeric:
        raise Refused(
            f"{name} has no column of numbers. Give each metric a column of its own, "
            "with its name in the first row."
        )
    written = _titles(content, name)
    titles = {column: unguarded(written.get(column, column)) for column in numeric}
    for title in titles.values():
        if title.lower() in _OWN_COLUMNS:
            raise Refused(
                f"{name}, column {title}: the table of metrics has a column of that "
                "name. Rename this one."
            )
    checked = Checked(
        columns=[titles[column] for column in numeric],
        ignored=[each for each in table.columns if each not in {id_column, *numeric}],
    )

    def values(row: Row) -> dict[str, float]:
        return {titles[column]: float(row[column]) for column in numeric if row[column]}

    _join(checked, _rows(rows, id_column), known, values)
    return checked


def check_answers(content: bytes, name: str, known: Mapping[str, int]) -> Checked:
    """Check the answers of a model to the label prompt. Raises Refused."""
    try:
        lines = content.decode("utf-8-sig").splitlines()
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
    named = [(number, str(row["image"]), row) for number, row in rows]
    for number, case, row in _joined(checked, named, known):
        text = str(row.get("text") or "")
        if "error" in row:
            line = Line(number, case, {}, "", f"Not answered: {row['error']}"[:500])
        else:
            labels = parse_labels(text)
            line = Line(number, case, labels.values or {}, text, labels.problem[:500])
        checked.lines.append(line)
    _note_missing(checked, known)
    if checked.unread:
        checked.warnings.append(
            f"{len(checked.unread)} of {len(checked.lines)} answers are no set of "
            "labels. They are kept word for word and counted; they say nothing of any "
            "finding."
        )
    return checked


def _answer(line: str, number: int, name: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError:
        row = None
    if not isinstance(row, dict) or "image" not in row:
        raise Refused(
            f"{name}, line {number}: it is no answer of `python -m inference label`, "
            "which is a JSON object with the key image."
        )
    return row


def _making(rows: Sequence[tuple[int, dict[str, Any]]], name: str) -> dict[str, str]:
    """What the answers say of their model; they must all be of the same making."""
    prints = {str(row["fingerprint"]) for _, row in rows if row.get("fingerprint")}
    if len(prints) > 1:
        raise Refused(
            f"{name} holds answers of {len(prints)} makings: other weights, another "
            "prompt or other settings. Import each of them on its own."
        )
    kept: Any = next((row["provenance"] for _, row in rows if "provenance" in row), {})
    making = {"fingerprint": next(iter(prints), "")}
    for key in ("checkpoint", "revision", "weights_sha256"):
        making[key] = str(kept.get(key, "")) if isinstance(kept, dict) else ""
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


def _titles(content: bytes, name: str) -> dict[str, str]:
    """The titles of columns as they were written, by what `read_table` calls them."""
    text = io.StringIO(content.decode("utf-8-sig"), newline="")
    _, header = next(records(text, ",", name), (1, []))
    if len(header) < 2:
        return {}
    return {title.lower(): title for title in header}


def _is_numeric(cells: Iterable[str]) -> bool:
    filled = [cell for cell in cells if cell]
    return bool(filled) and all(_number(cell) is not None for cell in filled)


def _number(cell: str) -> float | None:
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _label(cell: str, finding: str) -> int:
    if cell not in _VALUES:
        raise ValueError(
            f"{finding} is {cell[:40]!r}; only 1, 0, -1 and an empty cell are labels."
        )
    return _VALUES[cell]


def _join(
    checked: Checked,
    rows: Iterable[tuple[int, str, Row]],
    known: Mapping[str, int],
    values: Any,
) -> None:
    """Put the rows whose case is known and whose values can be read."""
    for number, case, row in _joined(checked, list(rows), known):
        try:
            checked.lines.append(Line(number, case, values(row)))
        except ValueError as problem:
            checked.problems.append(Problem(number, "value", str(problem)))
    _note_missing(checked, known)


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


def _note_missing(checked: Checked, known: Mapping[str, int]) -> None:
    there = {line.case for line in checked.lines}
    checked.missing = [code for code, case in known.items() if case not in there]


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
