"""Metrics and their agreement with grades as CSV: one table, whoever computed them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from readerstudy.analysis.statistics.bootstrap import drawn_sums, percentile_interval
from readerstudy.analysis.statistics.metrics.directions import better
from readerstudy.analysis.statistics.metrics.metric_tables import MetricTable
from readerstudy.csv_text import csv_text

SUMMARY_COLUMNS = (
    "source",
    "metric",
    "origin",
    "better",
    "n",
    "mean",
    "mean_lo",
    "mean_hi",
    "median",
    "status",
)
AGREEMENT_COLUMNS = (
    "metric",
    "origin",
    "source",
    "unit",
    "better",
    "n",
    "cases",
    "readers",
    "tau",
    "tau_lo",
    "tau_hi",
    "agreement",
    "agreement_lo",
    "agreement_hi",
    "status",
    "message",
    "undefined_draws",
    "n_boot",
    "seed",
)


def metrics_csv(tables: Sequence[MetricTable]) -> str:
    """A row per source and study, a column per metric; what is not known is empty."""
    metrics = tuple(dict.fromkeys(each for table in tables for each in table.values))
    rows = [
        {
            "source": table.source,
            "study_id": study,
            **{name: numbers[row] for name, numbers in table.values.items()},
        }
        for table in tables
        for row, study in enumerate(table.ids)
    ]
    return csv_text(("source", "study_id", *metrics), rows)


def metric_summary(
    tables: Sequence[MetricTable], *, draws: int = 1_000, seed: int = 0
) -> list[dict[str, Any]]:
    """Mean with a bootstrap interval over studies, and median, of every metric."""
    rows = []
    for table in tables:
        for metric, numbers in table.values.items():
            known = np.array(
                [each for each in numbers if each is not None], dtype=float
            )
            bounds = None
            if len(known) > 1:
                sums = drawn_sums(known[:, np.newaxis], seed=seed, draws=draws)
                bounds = percentile_interval(sums[:, 0] / len(known))
            rows.append(
                {
                    "source": table.source,
                    "metric": metric,
                    "origin": table.origin.get(metric, ""),
                    "better": better(metric),
                    "n": len(known),
                    "mean": float(known.mean()) if len(known) else None,
                    "mean_ci95": bounds,
                    "median": float(np.median(known)) if len(known) else None,
                    "status": "ok" if len(known) > 1 else "too_few",
                }
            )
    return rows


def summary_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows of `metric_summary`."""
    return csv_text(
        SUMMARY_COLUMNS,
        [{**row, **_bounds("mean", row["mean_ci95"])} for row in rows],
    )


def agreement_csv(agreement: Mapping[str, Any]) -> str:
    """The rows of `agreement_with_grades`."""
    shared = {"n_boot": agreement["draws"], "seed": agreement["seed"]}
    return csv_text(
        AGREEMENT_COLUMNS,
        [
            {
                **shared,
                **row,
                "source": row["source"] or "all",
                **_bounds("tau", row["ci95"]),
                **_bounds("agreement", row["agreement_ci95"]),
            }
            for row in agreement["metrics"]
        ],
    )


def _bounds(name: str, bounds: Sequence[float] | None) -> dict[str, float | None]:
    low, high = bounds or (None, None)
    return {f"{name}_lo": low, f"{name}_hi": high}
