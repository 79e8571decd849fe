"""Time on task: seconds per read and arm, and the ratio of two arms' times."""

import numpy as np

from readerstudy.analysis.statistics.case_clustered import case_clustered
from readerstudy.analysis.statistics.reads import Floats, Reads
from readerstudy.analysis.statistics.sentences import Block, block
from readerstudy.analysis.statistics.table import Table
from readerstudy.analysis.statistics.two_arms import TwoArms, two_arms

LONG_SECONDS = 1800
_NO_TIMES = "No reading times: no read has a number of seconds above zero."
_NO_BLOCKS = "No comparison: no reader's time is known in both arms of any case."
_ONE_RATIO = "Zero variance: every case shows the same ratio, so there is no interval."
_UNKNOWN = "{number} reads of zero or unknown seconds are left out."
_ONE_UNKNOWN = "1 read of zero or unknown seconds is left out."
# Beyond this a ratio is no floating-point number any more.
_LARGEST_LOG = 700.0


def time_on_task(table: Table, reads: Reads) -> Block:
    """Seconds of active reading per arm, and ratios of geometric means per pair.

    Times are skewed, so means are of logarithms. Reads of zero or unknown seconds are
    left out and counted in `left_out`; none is capped, those above 30 minutes are
    counted.
    """
    seconds = known_seconds(table, reads)
    logs = np.log(seconds)
    known = int((~np.isnan(seconds)).sum())
    left_out = int(table.given.sum()) - known
    if not known:
        values: Block = {"left_out": left_out, "by_arm": [], "pairs": []}
        return block("no_ratings", _NO_TIMES, **values)
    sentence = _UNKNOWN.format(number=left_out) if left_out > 1 else _ONE_UNKNOWN
    return block(
        "ok",
        sentence if left_out else None,
        left_out=left_out,
        by_arm=[
            row
            for index, arm in enumerate(table.arms)
            for row in _arm(arm, seconds[:, :, index])
        ],
        pairs=[_pair(arms, logs) for arms in two_arms(table)],
    )


def known_seconds(table: Table, reads: Reads) -> Floats:
    """[case, reader, arm]: seconds; NaN where they are zero or unknown."""
    seconds = table.cells(reads.seconds)
    return np.where(seconds > 0, seconds, np.nan)


def _arm(arm: str, seconds: Floats) -> list[Block]:
    """One row, or none where no time of the arm is known."""
    known = seconds[~np.isnan(seconds)]
    if not len(known):
        return []
    low, middle, high = np.percentile(known, (25, 50, 75))
    return [
        {
            "arm": arm,
            "n": len(known),
            "median": float(middle),
            "q1": float(low),
            "q3": float(high),
            "geometric_mean": _exp(float(np.log(known).mean())),
            "over_30_minutes": int((known > LONG_SECONDS).sum()),
        }
    ]


def _pair(arms: TwoArms, logs: Floats) -> Block:
    """Second over first from log seconds of complete blocks, clustered by case."""
    before, after = arms.of(logs)
    d = after - before
    known = ~np.isnan(d)
    found = case_clustered(np.where(known, d, 0.0).sum(axis=1), known.sum(axis=1))
    values: Block = {"n": int(known.sum()), "cases": found.cases}
    values |= dict.fromkeys(("ratio", "ci95", "p_value"))
    if found.estimate is None:
        return arms.names | block("no_complete_blocks", _NO_BLOCKS, **values)
    tested = found.test()
    values["ratio"] = _exp(found.estimate)
    values["p_value"] = tested["p_value"]
    if tested["ci95"] is not None:
        values["ci95"] = [_exp(limit) for limit in tested["ci95"]]
    same = tested["status"] == "zero_variance"
    message = _ONE_RATIO if same else tested["message"]
    return arms.names | block(tested["status"], message, **values)


def _exp(log: float) -> float:
    return float(np.exp(min(max(log, -_LARGEST_LOG), _LARGEST_LOG)))
