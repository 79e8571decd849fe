"""What was not graded or does not count, and how far it could move a difference."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np

from readerstudy.analysis.statistics.reads import Bools, Names, Reads
from readerstudy.analysis.statistics.table import Table, natural_order

Row = dict[str, Any]


def missing(
    reads: Reads, table: Table, arms: Sequence[str], *, crossed: bool = True
) -> Row:
    """Compare what was given with what was asked for.

    That is a full crossing of readers, cases and arms: readers and cases are those of
    the counting rows, graded or not; `arms` are all that were asked for, so an arm
    without a grade is missing as a whole. In a design that is not `crossed` the rows
    themselves are what was asked for.
    """
    readers = natural_order(reads.reader.among(reads.counting))
    cases = reads.case.among(reads.counting)
    given = int(reads.graded.sum())
    if crossed:
        by_reader = [len(cases) * len(arms)] * len(readers)
        by_arm = [len(readers) * len(cases)] * len(arms)
    else:
        by_reader = _counts(reads.counting, reads.reader, readers)
        by_arm = _counts(reads.counting, reads.arm, arms)
    expected = sum(by_reader)
    return {
        "expected": expected,
        "given": given,
        "absent": expected - given,
        "rows_without_grade": int(reads.counting.sum()) - given,
        "complete_blocks": int(table.complete.sum()),
        "arms_without_grades": [arm for arm in arms if arm not in table.arms],
        "by_reader": _absent("reader", readers, reads, reads.reader, by_reader),
        "by_arm": _absent("arm", arms, reads, reads.arm, by_arm),
        "bounds": bounds(reads, table, crossed=crossed),
        "cannot_assess": _cannot_assess(reads, arms),
        "excluded": _excluded(reads),
        "repeats": int((reads.included & reads.repeat).sum()),
    }


def _counts(rows: Bools, column: Names, order: Sequence[str]) -> list[int]:
    """How many of some rows hold each name of an order."""
    places = column.places(order)[rows]
    found = np.bincount(places[places >= 0], minlength=len(order))
    return [int(number) for number in found]


def _absent(
    kind: str,
    order: Sequence[str],
    reads: Reads,
    column: Names,
    expected: Sequence[int],
) -> list[Row]:
    counts = _counts(reads.graded, column, order)
    return [
        {kind: name, "expected": asked, "given": given, "absent": asked - given}
        for name, given, asked in zip(order, counts, expected, strict=True)
    ]


def bounds(reads: Reads, table: Table, *, crossed: bool = True) -> list[Row]:
    """Differences if every absent grade of one arm failed and of the other succeeded.

    Absent are the grades that readers and cases with a row would have, those without
    any grade among them; in a design that is not `crossed`, the rows without a grade.
    Null never occurs, for two arms have grades.
    """
    if crossed:
        cells = len(reads.reader.among(reads.counting))
        cells *= len(reads.case.among(reads.counting))
        asked = [cells] * len(table.arms)
    else:
        asked = _counts(reads.counting, reads.arm, table.arms)
    successes = [int(number) for number in table.success.sum(axis=(0, 1))]
    given = [int(number) for number in table.given.sum(axis=(0, 1))]
    return [
        {
            "first": table.arms[first],
            "second": table.arms[second],
            **_limits(
                [successes[arm] for arm in (first, second)],
                [asked[arm] - given[arm] for arm in (first, second)],
                [asked[arm] for arm in (first, second)],
            ),
        }
        for first, second in combinations(range(len(table.arms)), 2)
    ]


def _limits(successes: list[int], absent: list[int], asked: list[int]) -> Row:
    """The lowest and the highest difference, second arm minus first."""
    first, second = asked
    if first == second:
        difference = successes[1] - successes[0]
        lowest = (difference - absent[0]) / first
        highest = (difference + absent[1]) / first
    else:
        lowest = successes[1] / second - (successes[0] + absent[0]) / first
        highest = (successes[1] + absent[1]) / second - successes[0] / first
    return {"lowest_difference": lowest, "highest_difference": highest}


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
