"""What was not graded or does not count, and how far it could move a difference."""

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from typing import Any

from readerstudy.analysis.statistics.table import Read, Table, natural_order

Row = dict[str, Any]


def missing(reads: Sequence[Read], table: Table, arms: Sequence[str]) -> Row:
    """Compare what was given with a full crossing of readers, cases and arms.

    Readers and cases are those of the counting rows, graded or not; `arms` are all
    that were asked for, so an arm without a grade is missing as a whole.
    """
    counting = [read for read in reads if read.counts]
    readers = natural_order({read.reader for read in counting})
    cases = {read.case for read in counting}
    graded = [read for read in counting if read.grade]
    expected = len(readers) * len(cases) * len(arms)
    return {
        "expected": expected,
        "given": len(graded),
        "absent": expected - len(graded),
        "rows_without_grade": len(counting) - len(graded),
        "complete_blocks": int(table.complete.sum()),
        "arms_without_grades": [arm for arm in arms if arm not in table.arms],
        "by_reader": _absent(
            "reader", readers, [read.reader for read in graded], len(cases) * len(arms)
        ),
        "by_arm": _absent(
            "arm", arms, [read.arm for read in graded], len(readers) * len(cases)
        ),
        "bounds": _bounds(table, len(readers) * len(cases)),
        "excluded": _excluded(reads),
        "repeats": sum(read.included and read.repeat for read in reads),
    }


def _absent(
    kind: str, names: Sequence[str], given: Sequence[str], expected: int
) -> list[Row]:
    counts = Counter(given)
    return [
        {kind: name, "expected": expected, "given": counts[name]}
        | {"absent": expected - counts[name]}
        for name in names
    ]


def _bounds(table: Table, cells: int) -> list[Row]:
    """Differences if every absent grade of one arm failed and of the other succeeded.

    `cells` is how many grades each arm would have; readers and cases without any
    grade are among them. Null never occurs, for two arms have grades.
    """
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


def _excluded(reads: Sequence[Read]) -> Row:
    reasons = Counter(
        read.extra.get("exclusion_reason", "") for read in reads if not read.included
    )
    return {
        "reads": sum(reasons.values()),
        "reasons": [
            {"reason": reason, "reads": number}
            for reason, number in sorted(reasons.items())
        ],
    }
