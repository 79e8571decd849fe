"""The primary result had nothing been left out: beside that with exclusions, always."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from readerstudy.analysis.statistics.design import Design
from readerstudy.analysis.statistics.estimand import estimands
from readerstudy.analysis.statistics.pairs import all_pairs
from readerstudy.analysis.statistics.reads import Reads
from readerstudy.analysis.statistics.sentences import Block
from readerstudy.analysis.statistics.table import STRINGENT, table_of

_OF_A_PAIR = ("first", "second", "status", "message", "n", "difference", "headline")


def without_exclusions(
    reads: Reads, design: Design, named: Sequence[str]
) -> Block | None:
    """The comparison at the primary cut-point with every graded read counting.

    None where no graded read was left out. `excluded` counts those that were.
    """
    left_out = ~reads.included & ~reads.repeat & (reads.grade > 0)
    if not left_out.any():
        return None
    counting = replace(reads, included=np.ones(len(reads), dtype=np.bool_))
    graded = counting.arm.among(counting.graded)
    table = table_of(counting, [arm for arm in named if arm in graded])
    if design.outcome == "stringent":
        table = table.at_cut(STRINGENT)
    pairs = all_pairs(table)
    found = estimands(pairs, table.arms, design) if design.reference is not None else []
    return {
        "excluded": int(left_out.sum()),
        "reads": int(table.given.sum()),
        "pairs": [{key: pair[key] for key in _OF_A_PAIR} for pair in pairs],
        "estimands": found,
    }
