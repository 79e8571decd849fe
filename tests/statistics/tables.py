"""Small tables of reads for the tests."""

from collections.abc import Iterator
from typing import Any

from readerstudy.analysis.statistics.table import Read

# (reader, case, arm): grade
Grades = dict[tuple[str, str, str], str]


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
