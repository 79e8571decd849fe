"""Counts and success rates of grades: per arm, reader, stratum and case."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from readerstudy.analysis.statistics.intervals import wilson
from readerstudy.analysis.statistics.reads import Integers, Reads
from readerstudy.analysis.statistics.table import GRADES, Table

Row = dict[str, Any]


def grade_counts(counts: Sequence[int]) -> Row:
    """A to D with their number, success (A or B) and stringent success (A alone)."""
    number = int(sum(counts))
    success = int(counts[0] + counts[1])
    stringent = int(counts[0])
    return {
        **{letter: int(count) for letter, count in zip(GRADES, counts, strict=True)},
        "n": number,
        "success": success,
        "success_rate": success / number,
        "success_ci95": list(wilson(success, number)),
        "stringent": stringent,
        "stringent_rate": stringent / number,
        "stringent_ci95": list(wilson(stringent, number)),
    }


def grades_by_arm(table: Table) -> dict[str, Row]:
    """The body of Table 5; success with Wilson's 95% interval."""
    return {
        arm: grade_counts(_counts(table, table.grades[:, :, index]))
        for index, arm in enumerate(table.arms)
    }


def by_reader(table: Table, reads: Reads) -> list[Row]:
    """One row per reader and arm that he or she graded."""
    seconds = table.cells(reads.seconds)
    rows = []
    for reader_index, reader in enumerate(table.readers):
        for arm_index, arm in enumerate(table.arms):
            counts = _counts(table, table.grades[:, reader_index, arm_index])
            if not any(counts):
                continue
            row: Row = {"reader": reader, "arm": arm, **grade_counts(counts)}
            known = seconds[:, reader_index, arm_index]
            known = known[known > 0]
            if len(known):
                row["median_seconds"] = float(np.median(known))
            rows.append(row)
    return rows


def by_stratum(table: Table) -> list[Row]:
    """One row per stratum and arm; cases without a stratum have an empty one."""
    strata = np.array(table.strata, dtype=object)
    rows = []
    for stratum in sorted(set(table.strata)):
        here = strata == stratum
        for index, arm in enumerate(table.arms):
            grades = table.grades[here, :, index]
            counts = _counts(table, grades)
            if any(counts):
                cases = int((grades > 0).any(axis=1).sum())
                rows.append(
                    {"stratum": stratum, "arm": arm, "cases": cases}
                    | grade_counts(counts)
                )
    return rows


def by_case(table: Table) -> list[Row]:
    """One row per graded report: case and arm, with the number of each grade."""
    counts = table.counts(np.moveaxis(table.grades, 1, 2)).transpose(1, 2, 0)
    rows = []
    for case_index, case in enumerate(table.cases):
        for arm_index, arm in enumerate(table.arms):
            each = [int(count) for count in counts[case_index, arm_index]]
            number = sum(each)
            if number:
                success = each[0] + each[1]
                rows.append(
                    {"case": case, "stratum": table.strata[case_index], "arm": arm}
                    | dict(zip(GRADES, each, strict=True))
                    | {
                        "n": number,
                        "success": success,
                        "success_rate": success / number,
                    }
                )
    return rows


def _counts(table: Table, grades: Integers) -> list[int]:
    return [int(count) for count in table.counts(grades.reshape(-1))]
