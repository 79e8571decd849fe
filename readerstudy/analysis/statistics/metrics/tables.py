"""The agreement of metrics with grades as CSV."""

from collections.abc import Mapping, Sequence
from typing import Any

from readerstudy.csv_text import csv_text

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
