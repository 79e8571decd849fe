"""Metrics of a comparison as JSON: a mean with its interval per source and metric."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from readerstudy.analysis.statistics.metrics import MetricTable

DRAWS, SEED = 1_000, 0


def summarised(tables: Sequence[MetricTable]) -> dict[str, Any]:
    """Rows of means, and the values of every case: {"rows", "by_case", "notes"}.

    A row is {"source", "metric", "origin", "n", "mean", "ci95", "median"}; the interval
    draws cases with replacement, 1,000 times.
    """
    return {
        "rows": [
            {
                "source": table.source,
                "metric": metric,
                "origin": table.origin.get(metric, ""),
                **_described(values),
            }
            for table in tables
            for metric, values in table.values.items()
        ],
        "by_case": [
            {
                "source": table.source,
                "case": case,
                **{name: values[place] for name, values in table.values.items()},
            }
            for table in tables
            for place, case in enumerate(table.ids)
        ],
        "notes": list(dict.fromkeys(note for each in tables for note in each.notes)),
    }


def _described(values: Sequence[float | None]) -> dict[str, Any]:
    held = np.array([value for value in values if value is not None], dtype=np.float64)
    if not len(held):
        return {"n": 0, "mean": None, "ci95": None, "median": None}
    interval = None
    if len(held) > 1:
        places = np.random.default_rng(SEED).integers(0, len(held), (DRAWS, len(held)))
        means = held[places].mean(axis=1)
        interval = [float(each) for each in np.percentile(means, [2.5, 97.5])]
    return {
        "n": len(held),
        "mean": float(held.mean()),
        "ci95": interval,
        "median": float(np.median(held)),
    }
