"""Whether readers changed on the way: sessions, order of arms, place in the list."""

from typing import Any

import numpy as np

from readerstudy.analysis.statistics.case_clustered import case_clustered
from readerstudy.analysis.statistics.intervals import wilson
from readerstudy.analysis.statistics.reads import Floats, Integers, Reads
from readerstudy.analysis.statistics.sentences import Block, block, no_complete_blocks
from readerstudy.analysis.statistics.t_test import NO_TEST
from readerstudy.analysis.statistics.table import Table
from readerstudy.analysis.statistics.time_on_task import known_seconds
from readerstudy.analysis.statistics.trend import trend
from readerstudy.analysis.statistics.two_arms import TwoArms, two_arms

_UNKNOWN = "No order of reading: no read has a position or a period."
_NO_TIME = "No median: no read of this arm in this period has a time above zero."
_NO_POSITIONS = "No order effect: no block has the positions of both its reads."
_ONE_ORDER = (
    "No order effect: in every block with known positions {arm} was read first."
)


def learning(table: Table, reads: Reads) -> Block:
    """Success by session, by which arm a reader met first, and along the list."""
    position = table.cells(reads.position.astype(np.float64))
    period = table.cells(reads.period.astype(np.float64))
    seconds = known_seconds(table, reads)
    fitted = trend(table, position, period, seconds)
    known = bool((position > 0).any() or (period > 0).any())
    return block(
        "ok" if known else "no_ratings",
        None if known else _UNKNOWN,
        periods=_periods(table, period, seconds),
        order=[_order(arms, position) for arms in two_arms(table)] if known else [],
        trend=fitted,
    )


def _periods(table: Table, period: Floats, seconds: Floats) -> list[Block]:
    """A row per period and arm; reads without a period are in none."""
    known = period > 0
    arm = np.broadcast_to(np.arange(len(table.arms)), period.shape)[known]
    key = period[known].astype(np.int64) * max(len(table.arms), 1) + arm
    # Sorted once, so that many periods cost no more than few.
    order = np.argsort(key, kind="stable")
    keys, starts = np.unique(key[order], return_index=True)
    success = np.split(table.success[known][order], starts[1:])
    times = np.split(seconds[known][order], starts[1:])
    return [
        _period(int(place) // len(table.arms), table, int(place), each, spent)
        for place, each, spent in zip(keys, success, times, strict=False)
    ]


def _period(
    period: int, table: Table, place: int, success: Any, seconds: Floats
) -> Block:
    number, good = len(success), int(success.sum())
    timed = seconds[~np.isnan(seconds)]
    values: Block = {
        "period": period,
        "arm": table.arms[place % len(table.arms)],
        "n": number,
        "success": good,
        "success_rate": good / number,
        "success_ci95": list(wilson(good, number)),
        "median_seconds": float(np.median(timed)) if len(timed) else None,
    }
    return block(
        "ok" if len(timed) else "no_ratings", None if len(timed) else _NO_TIME, **values
    )


def _order(arms: TwoArms, position: Floats) -> Block:
    """The difference where a reader met the first arm first, and where the second.

    `order_effect` is the latter minus the former: both are ratios of case totals, and
    their variances and covariance are those of the cases.
    """
    before, after = arms.of(position)
    known = arms.complete & (before > 0) & (after > 0)
    groups = (known & (before < after), known & (after < before))
    totals: Integers = np.stack([(arms.d * g).sum(axis=1) for g in groups], axis=1)
    sizes: Integers = np.stack([group.sum(axis=1) for group in groups], axis=1)
    found = case_clustered(totals, sizes, weights=(-1, 1))
    numbers = [int(size) for size in sizes.sum(axis=0)]
    values: Block = {
        "n_first_seen": numbers[0],
        "n_second_seen": numbers[1],
        "difference_when_first_seen_first": found.rates[0],
        "difference_when_second_seen_first": found.rates[1],
        "order_effect": found.estimate,
        **dict.fromkeys(NO_TEST),
    }
    if found.estimate is not None:
        return arms.names | values | found.test()
    if any(numbers):
        arm = arms.names["first" if numbers[0] else "second"]
        missing = block("one_category", _ONE_ORDER.format(arm=arm))
    elif arms.complete.any():
        missing = block("one_category", _NO_POSITIONS)
    else:
        missing = block("no_complete_blocks", no_complete_blocks(2))
    return arms.names | values | missing
