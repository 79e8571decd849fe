"""Metrics of reports by study and source, whoever computed them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


class BadMetrics(ValueError):
    """Metrics that can't be used; the message names file, row and column."""


@dataclass(frozen=True)
class MetricTable:
    """Metrics of one source's reports (a model, an arm).

    source  name of the arm or the model
    ids     of the studies (cases), no two alike
    values  by metric, one number per study; None where there is none
    origin  by metric, who computed it: "readerstudy" or the name of a file
    notes   sentences on what was found odd
    """

    source: str
    ids: tuple[str, ...]
    values: Mapping[str, tuple[float | None, ...]]
    origin: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read_metric_table(
    content: str | bytes | Path,
    *,
    source: str,
    name: str = "",
    id_column: str = "",
) -> MetricTable:
    """Read metrics made elsewhere: a study id and one column of numbers per metric.

    Raises BadMetrics with one sentence that names file, row and column.
    """
    raise NotImplementedError


def joined_metrics(tables: Sequence[MetricTable]) -> list[MetricTable]:
    """One table per source out of several, by study id; a metric twice is refused."""
    raise NotImplementedError
