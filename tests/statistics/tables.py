"""Small tables of reads for the tests; all come in through CSV, as everyone's do."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from readerstudy.analysis.statistics import results
from readerstudy.analysis.statistics import table as arrays
from readerstudy.analysis.statistics.design import Design
from readerstudy.analysis.statistics.files import result_files
from readerstudy.analysis.statistics.reads import Reads
from readerstudy.analysis.statistics.reads_csv import read_csv
from readerstudy.analysis.statistics.results import ResultSet
from readerstudy.analysis.statistics.table import GRADES, Table
from readerstudy.csv_text import csv_text

# (reader, case, arm): grade
Grades = dict[tuple[str, str, str], str]


@dataclass(frozen=True)
class Read:
    """One row of a table of reads."""

    reader: str
    case: str
    arm: str
    grade: str | None
    stratum: str = ""
    repeat: bool = False
    included: bool = True
    seconds: float | None = None
    position: int | None = None
    period: int | None = None
    extra: Mapping[str, str] = field(default_factory=dict)


def table(rows: Iterable[Read]) -> Reads:
    """Rows as the statistics take them."""
    cells = [{**vars(row), **row.extra} for row in rows]
    columns = [name for name in Read.__dataclass_fields__ if name != "extra"]
    further = dict.fromkeys(name for row in cells for name in row if name != "extra")
    return read_csv(csv_text([*dict.fromkeys([*columns, *further])], cells))


def rows_of(reads: Reads) -> list[Read]:
    """The rows of a table, as they were read."""
    return [
        Read(
            reads.reader[row],
            reads.case[row],
            reads.arm[row],
            GRADES[reads.grade[row] - 1] if reads.grade[row] else None,
            reads.stratum[row],
            bool(reads.repeat[row]),
            bool(reads.included[row]),
            None if reads.seconds[row] != reads.seconds[row] else reads.seconds[row],
            int(reads.position[row]) or None,
            int(reads.period[row]) or None,
            {name: column[row] for name, column in reads.more.items()},
        )
        for row in range(len(reads))
    ]


def reads_of(grades: Grades) -> list[Read]:
    return [
        Read(reader=reader, case=case, arm=arm, grade=grade or None)
        for (reader, case, arm), grade in grades.items()
    ]


def rows(*lines: str) -> list[Read]:
    """Reads of lines such as "R1 C1 AB": a grade per arm, in order; "." is none."""
    found: Grades = {}
    for line in lines:
        reader, case, letters = line.split()
        for arm, letter in zip(("model", "reference", "third"), letters, strict=False):
            if letter != ".":
                found[reader, case, arm] = letter
    return reads_of(found)


def blocks(value: Any, path: str = "results") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every dict inside a result set, with its path."""
    if isinstance(value, dict):
        yield path, value
        for key, inner in value.items():
            yield from blocks(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from blocks(inner, f"{path}[{index}]")


def taken(reads: Reads | Iterable[Read]) -> Reads:
    """Rows, or a table of reads that is one already."""
    return reads if isinstance(reads, Reads) else table(reads)


def result_set(
    reads: Reads | Iterable[Read], *, seed: int = 0, **plan: Any
) -> ResultSet:
    """The result set of rows, as the site and the command compute it."""
    if plan.get("arms") is not None:
        plan["arms"] = tuple(plan["arms"])
    return results.result_set(taken(reads), Design(**plan), seed=seed)


def table_of(reads: Reads | Iterable[Read], arms: Sequence[str]) -> Table:
    """The array of rows."""
    return arrays.table_of(taken(reads), arms)


def write_result_set(result: ResultSet, folder: Path) -> list[str]:
    """Write the machine's files of a result set into a folder; returns their names."""
    files = result_files(result)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return list(files)
