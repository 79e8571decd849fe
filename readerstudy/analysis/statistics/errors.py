"""Errors that readers marked in reports: rates per arm, differences of paired reads."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from readerstudy.analysis.statistics.blocks_of_reads import (
    Blocks,
    blocks_of,
    clustered_mean,
)
from readerstudy.analysis.statistics.intervals import wilson
from readerstudy.analysis.statistics.mcnemar import holm
from readerstudy.analysis.statistics.reads import Reads
from readerstudy.analysis.statistics.sentences import (
    Block,
    block,
    no_complete_blocks,
)

PREFIX = "errors_"
# More errors than a report has words are no count.
MOST_ERRORS = 1_000_000
_NONE = "No errors: the table holds no count of errors."


def errors(reads: Reads, arms: Sequence[str]) -> Block:
    """Errors per report and category, and their paired differences clustered by case.

    An empty cell was not asked for and counts as no report. Holm's correction is over
    the categories of a pair of arms.
    """
    by_arm: list[Block] = []
    found: dict[str, Blocks] = {}
    for name in sorted(name for name in reads.more if name.startswith(PREFIX)):
        counts = reads.more[name].numbers()
        asked = reads.counting & (counts >= 0) & (counts <= MOST_ERRORS)
        if asked.any():
            category = name.removeprefix(PREFIX)
            found[category] = blocks_of(reads, arms, counts, asked)
            by_arm += _by_arm(found[category], arms, category)
    if not found:
        return block("no_ratings", _NONE, by_arm=[], pairs=[])
    pairs: list[Block] = []
    for first, second in combinations(range(len(arms)), 2):
        names: Block = {"first": arms[first], "second": arms[second]}
        each = [
            names | {"category": category} | _difference(blocks, first, second)
            for category, blocks in found.items()
        ]
        known = [row for row in each if row["p_value"] is not None]
        corrected = holm([row["p_value"] for row in known])
        for row, p_value in zip(known, corrected, strict=True):
            row["holm_p"] = p_value
        pairs += each
    return block("ok", None, by_arm=by_arm, pairs=pairs)


def _by_arm(blocks: Blocks, arms: Sequence[str], category: str) -> list[Block]:
    rows: list[Block] = []
    for index, arm in enumerate(arms):
        counts = blocks.values[:, index]
        counts = counts[~np.isnan(counts)]
        if not len(counts):
            continue
        with_error, total = int((counts > 0).sum()), float(np.sort(counts).sum())
        rows.append(
            {
                "arm": arm,
                "category": category,
                "reports": len(counts),
                "errors": int(total) if total == int(total) else total,
                "per_report": total / len(counts),
                "with_error": with_error,
                "share": with_error / len(counts),
                "share_ci95": list(wilson(with_error, len(counts))),
            }
        )
    return rows


def _difference(blocks: Blocks, first: int, second: int) -> Block:
    d = blocks.values[:, second] - blocks.values[:, first]
    used = ~np.isnan(d)
    empty: Block = dict.fromkeys(("difference", "ci95", "p_value", "holm_p"))
    if not used.any():
        return block("no_complete_blocks", no_complete_blocks(2), **empty)
    totals, sizes = blocks.totals(d, used)
    difference = float(np.sort(totals).sum()) / int(sizes.sum())
    return empty | clustered_mean(totals, sizes) | {"difference": difference}


def is_count(text: str) -> bool:
    """Whether a cell is empty or holds a number of errors."""
    try:
        return not text or 0 <= float(text) <= MOST_ERRORS
    except ValueError:
        return False
