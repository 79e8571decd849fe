"""How far readers agree with themselves: first against repeated grade of a report."""

from collections.abc import Sequence

import numpy as np

from readerstudy.analysis.statistics.kappas import weighted_kappa
from readerstudy.analysis.statistics.sentences import Block, block
from readerstudy.analysis.statistics.table import (
    GRADES,
    Read,
    grade_number,
    natural_order,
)

_NO_REPEATS = "No report was graded twice by the same reader."
_ONE_CATEGORY = "Kappa is undefined: one category used."


def repeats(reads: Sequence[Read]) -> Block:
    """Share of equal grades and quadratic weighted kappa, over and per reader."""
    first = {
        (read.reader, read.case, read.arm): read.grade
        for read in reads
        if read.counts and read.grade
    }
    tables: dict[str, np.ndarray[tuple[int, int], np.dtype[np.int64]]] = {}
    for read in reads:
        before = first.get((read.reader, read.case, read.arm))
        if read.included and read.repeat and read.grade and before:
            table = tables.setdefault(
                read.reader, np.zeros((len(GRADES), len(GRADES)), dtype=np.int64)
            )
            table[grade_number(before) - 1, grade_number(read.grade) - 1] += 1
    if not tables:
        return block(
            "no_ratings",
            _NO_REPEATS,
            pairs=0,
            percent_agreement=None,
            weighted_kappa=None,
            by_reader=[],
        )
    whole = np.sum(list(tables.values()), axis=0)
    return _within(whole) | {
        "by_reader": [
            {"reader": reader, **_within(tables[reader])}
            for reader in natural_order(tables)
        ]
    }


def _within(table: np.ndarray[tuple[int, int], np.dtype[np.int64]]) -> Block:
    kappa = weighted_kappa(table)
    pairs = int(table.sum())
    return block(
        "one_category" if kappa is None else "ok",
        _ONE_CATEGORY if kappa is None else None,
        pairs=pairs,
        percent_agreement=int(np.trace(table)) / pairs,
        weighted_kappa=kappa,
    )
