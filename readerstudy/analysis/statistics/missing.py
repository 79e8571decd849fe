"""What was not graded or does not count, and how far it could move a difference."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np

from readerstudy.analysis.statistics.reads import Names, Reads
from readerstudy.analysis.statistics.table import Table, natural_order

Row = dict[str, Any]


def missing(reads: Reads, table: Table, arms: Sequence[str]) -> Row:
    """Compare what was given with a full crossing of readers, cases and arms.

    Readers and cases are those of the counting rows, graded or not; `arms` are all
    that were asked for, so an arm without a grade is missing as a whole.
    """
    readers = natural_order(reads.reader.among(reads.counting))
    cases = reads.case.among(reads.counting)
    given = int(reads.graded.sum())
    expected = len(readers) * len(cases) * len(arms)
    return {
        "expected": expected,
        "given": given,
        "absent": expected - given,
        "rows_without_grade": int(reads.counting.sum()) - given,
        "complete_blocks": int(table.complete.sum()),
        "arms_without_grades": [arm for arm in arms if arm not in table.arms],
        "by_reader": _absent(
            "reader", readers, reads, reads.reader, len(cases) * len(arms)
        ),
        "by_arm": _absent("arm", arms, reads, reads.arm, len(readers) * len(cases)),
        "bounds": bounds(reads, table),
        "cannot_assess": _cannot_assess(reads, arms),
        "excluded": _excluded(reads),
        "repeats": int((reads.included & reads.repeat).sum()),
    }


def _absent(
    kind: str, order: Sequence[str], reads: Reads, column: Names, expected: int
) -> list[Row]:
    counts = np.bincount(column.places(order)[reads.graded], minlength=len(order))
    return [
        {kind: name, "expected": expected, "given": int(given)}
        | {"absent": expected - int(given)}
        for name, given in zip(order, counts, strict=True)
    ]


def bounds(reads: Reads, table: Table) -> list[Row]:
    """Differences if every absent grade of one arm failed and of the other succeeded.

    Absent are the grades that readers and cases with a row would have, those without
    any grade among them. Null never occurs, for two arms have grades.
    """
    cells = len(reads.reader.among(reads.counting))
    cells *= len(reads.case.among(reads.counting))
    successes = table.success.sum(axis=(0, 1))
    absent = cells - table.given.sum(axis=(0, 1))
    rows = []
    for first, second in combinations(range(len(table.arms)), 2):
        difference = int(successes[second]) - int(successes[first])
        rows.append(
            {
                "first": table.arms[first],
                "second": table.arms[second],
                "lowest_difference": (difference - int(absent[first])) / cells,
                "highest_difference": (difference + int(absent[second])) / cells,
            }
        )
    return rows


def _cannot_assess(reads: Reads, arms: Sequence[str]) -> list[Row]:
    """How often readers said that a report can't be assessed, by arm and reason."""
    reason = reads.column("cannot_assess_reason")
    said = reads.counting & ~reads.graded & ~reason.is_any([""])
    counts = np.zeros((len(arms), len(reason.names)), dtype=np.int64)
    np.add.at(counts, (reads.arm.places(arms)[said], reason.codes[said]), 1)
    return [
        {"arm": arm, "reason": name, "reads": int(number)}
        for arm, row in zip(arms, counts, strict=True)
        for name, number in sorted(zip(reason.names, row, strict=True))
        if number
    ]


def _excluded(reads: Reads) -> Row:
    reason = reads.column("exclusion_reason")
    counts = np.bincount(reason.codes[~reads.included], minlength=len(reason.names))
    return {
        "reads": int(counts.sum()),
        "reasons": [
            {"reason": name, "reads": int(number)}
            for name, number in sorted(zip(reason.names, counts, strict=True))
            if number
        ],
    }
