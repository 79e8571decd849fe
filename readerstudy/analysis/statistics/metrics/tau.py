"""How far a metric ranks reports as radiologists' grades do: Kendall's tau-b."""

from collections.abc import Sequence
from typing import Any

from readerstudy.analysis.statistics.metrics.metric_tables import MetricTable
from readerstudy.analysis.statistics.reads import Reads


def agreement_with_grades(
    reads: Reads, tables: Sequence[MetricTable], *, draws: int = 1_000, seed: int = 0
) -> dict[str, Any]:
    """Kendall's tau-b of every metric with the grades, with case-bootstrap intervals.

    A table's source is an arm of the reads, its ids are their cases. JSON-ready:
    {"schema": "readerstudy.metric_agreement/1", "draws", "seed", "warnings",
     "metrics": [{"metric", "origin", "source" (null for all), "unit": "report"|"read",
                  "better": "higher"|"lower", "n", "cases", "readers", "tau", "ci95",
                  "agreement" (tau with its sign turned where lower is better),
                  "status", "message", "undefined_draws"}]}
    """
    raise NotImplementedError
