"""Which of two reports readers preferred: shares, and Bradley-Terry with ties."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from readerstudy.analysis.statistics.blocks_of_reads import blocks_of, clustered_mean
from readerstudy.analysis.statistics.bradley_terry import bradley_terry
from readerstudy.analysis.statistics.reads import Reads
from readerstudy.analysis.statistics.sentences import Block, block

EQUAL = "equal"
_NONE = "No preferences: no reader compared two reports of a case."
_NO_PAIR = "No preference was given between these arms."
_ALL_EQUAL = "No share: the reports were always taken for equal."


def preference(reads: Reads, arms: Sequence[str]) -> Block:
    """Share that prefers the second arm of those who prefer one, clustered by case.

    A preference stands on both rows of a pair and is counted once; p is against 1/2.
    """
    said = reads.column("preference").places([*arms, EQUAL]).astype(np.float64)
    blocks = blocks_of(reads, arms, said, reads.counting & (said >= 0))
    pairs: list[Block] = []
    # Of every pair: the arms, and per block -1, 0, 1 (first, equal, second) or NaN.
    answers: list[tuple[int, int, np.ndarray]] = []
    for first, second in combinations(range(len(arms)), 2):
        one, two = blocks.values[:, first], blocks.values[:, second]
        answer = np.select(
            [one != two, one == first, one == second, one == len(arms)],
            [np.nan, -1.0, 1.0, 0.0],
            default=np.nan,
        )
        answers.append((first, second, answer))
        d, used = answer, np.isin(answer, (-1.0, 1.0))
        n = int((~np.isnan(answer)).sum())
        cases = len(np.unique(blocks.case[~np.isnan(answer)]))
        counts: Block = {
            "first": arms[first],
            "second": arms[second],
            "n": n,
            "cases": cases,
            "prefer_first": int((d == -1).sum()),
            "prefer_second": int((d == 1).sum()),
            "equal": int((d == 0).sum()),
        }
        empty: Block = dict.fromkeys(("share", "share_ci95", "p_value"))
        if not used.any():
            status = "no_discordant_pairs" if n else "no_ratings"
            why = _ALL_EQUAL if n else _NO_PAIR
            pairs.append(counts | block(status, why, **empty))
            continue
        tested = clustered_mean(*blocks.totals(d, used))
        limits = tested.pop("ci95")
        if limits is not None:
            limits = [min(1.0, max(0.0, (1 + limit) / 2)) for limit in limits]
        share = counts["prefer_second"] / int(used.sum())
        pairs.append(counts | tested | {"share": share, "share_ci95": limits})
    if not any(pair["n"] for pair in pairs):
        model = block("no_ratings", _NONE, tie=None, arms=[])
        return block("no_ratings", _NONE, pairs=[], bradley_terry=model)
    model = bradley_terry(arms, blocks.case, answers)
    return block("ok", None, pairs=pairs, bradley_terry=model)
