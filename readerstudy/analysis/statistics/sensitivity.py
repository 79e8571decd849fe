"""The difference of two arms again, by other ways of treating missing grades."""

from collections.abc import Mapping, Sequence

import numpy as np

from readerstudy.analysis.statistics.bootstrap import (
    DRAWS,
    drawn_sums,
    percentile_interval,
    ratio,
)
from readerstudy.analysis.statistics.case_clustered import case_clustered
from readerstudy.analysis.statistics.mrmc import random_readers
from readerstudy.analysis.statistics.reads import Floats
from readerstudy.analysis.statistics.sentences import (
    ONE_CASE,
    ONE_READER,
    Block,
    block,
    no_complete_blocks,
)
from readerstudy.analysis.statistics.sub_matrix import largest_complete
from readerstudy.analysis.statistics.table import Table
from readerstudy.analysis.statistics.two_arms import TwoArms, two_arms

# Of differences and numbers of blocks in one product.
_MOST_COLUMNS = 400
_TEST = ("se", "df", "p_value", "ci95")
_NO_MATRIX = "Not computed: no two readers graded both arms of the same two cases."
_SAME_DRAWS = "Zero variance: nearly all draws give the same difference."
_FEW_DRAWS = "Not estimable: most draws of cases and readers hold no complete block."


def sensitivity(
    table: Table, pairs: Sequence[Block], bounds: Sequence[Block], *, seed: int
) -> list[Block]:
    """Every two arms over all grades, over complete readers, and with both resampled.

    `pairs` and `bounds` are those of the same table, in the same order.
    """
    arms = list(two_arms(table))
    intervals = _two_way_bootstrap(arms, seed)
    return [
        each.names
        | {
            "all_rows": _all_rows(each),
            "sub_matrix": _sub_matrix(each, pair["random_readers"]),
            "two_way_bootstrap": interval,
            "bounds": {
                key: bound[key] for key in ("lowest_difference", "highest_difference")
            },
        }
        for each, pair, interval, bound in zip(
            arms, pairs, intervals, bounds, strict=True
        )
    ]


def _all_rows(arms: TwoArms) -> Block:
    """The difference of both arms' rates over every grade given.

    Marginal model with identity link and working independence, its errors clustered by
    case, with K / (K - 1) and t on K - 1 df; F where nothing is missing. Source: K.-Y.
    Liang and S. L. Zeger, Biometrika 1986; 73: 13-22.
    """
    which = [arms.first, arms.second]
    sizes = arms.given.sum(axis=1)
    successes = arms.table.success[:, :, which].sum(axis=1)
    found = case_clustered(successes, sizes, weights=(-1, 1))
    tested = found.test()
    return block(
        tested["status"],
        tested["message"],
        rows=int(sizes.sum()),
        cases=found.cases,
        difference=found.estimate,
        **{key: tested[key] for key in _TEST},
    )


def _sub_matrix(arms: TwoArms, whole: Block) -> Block:
    """R over the largest set of readers and cases without a missing grade."""
    table, d = arms.table, arms.d
    readers = list(range(len(table.readers)))
    cases = np.arange(len(table.cases))
    if whole["status"] == "not_crossed":
        readers, cases = largest_complete(arms.complete)
        d = d[np.ix_(cases, readers)]
        if not readers:
            empty = dict.fromkeys(("difference", *_TEST))
            return block("not_crossed", _NO_MATRIX, readers=[], cases=0, **empty)
        whole = random_readers(d, 0)
    known = arms.complete.any()
    return block(
        whole["status"],
        whole["message"],
        readers=[table.readers[reader] for reader in readers],
        cases=len(cases),
        difference=float(d.sum() / d.size) if known else None,
        **{key: whole[key] for key in _TEST},
    )


def _two_way_bootstrap(pairs: Sequence[TwoArms], seed: int) -> list[Block]:
    """Percentile intervals with cases and readers drawn with replacement.

    Every draw weighs a block by how often its case and its reader were taken; it is
    wider than either alone, and a conservative bound. Source: A. B. Owen, Ann Appl
    Stat 2007; 1: 386-411 (pigeonhole bootstrap).
    """
    readers = len(pairs[0].table.readers) if pairs else 0
    at_once = max(1, _MOST_COLUMNS // (2 * readers)) if readers else 1
    return [
        interval
        for start in range(0, len(pairs), at_once)
        for interval in _drawn(pairs[start : start + at_once], seed)
    ]


def _drawn(pairs: Sequence[TwoArms], seed: int) -> list[Block]:
    """The intervals of some pairs, in one product of matrices."""
    readers = len(pairs[0].table.readers)
    # Whole numbers, which float32 holds exactly.
    columns = np.concatenate(
        [part for arms in pairs for part in (arms.d, arms.complete)], axis=1
    ).astype(np.float32)
    drawn = drawn_sums(columns, seed=seed, draws=DRAWS)
    drawn = drawn.reshape(DRAWS, len(pairs), 2, readers)
    random = np.random.default_rng([seed, 1])
    taken = random.multinomial(readers, np.full(readers, 1 / readers), size=DRAWS)
    sums = np.einsum("dpsr,dr->psd", drawn, taken)
    return [
        _interval(arms, ratio(sums[place, 0], sums[place, 1]))
        for place, arms in enumerate(pairs)
    ]


def _interval(arms: TwoArms, differences: Floats) -> Block:
    empty: Mapping[str, None] = dict.fromkeys(("draws", "ci95"))
    cases = int((arms.sizes > 0).sum())
    if not cases:
        return block("no_complete_blocks", no_complete_blocks(2), **empty)
    if cases == 1:
        return block("one_case", ONE_CASE, **empty)
    if len(arms.table.readers) == 1:
        return block("one_reader", ONE_READER, **empty)
    interval = percentile_interval(differences)
    drawn = int(np.isfinite(differences).sum())
    if interval is None:
        return block("no_complete_blocks", _FEW_DRAWS, draws=drawn, ci95=None)
    if interval[0] == interval[1]:
        return block("zero_variance", _SAME_DRAWS, draws=drawn, ci95=None)
    return block("ok", None, draws=drawn, ci95=interval)
