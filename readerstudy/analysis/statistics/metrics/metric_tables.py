"""Metrics of reports by study and source, whoever computed them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from readerstudy.analysis.statistics.findings.csv_rows import rows_of
from readerstudy.analysis.statistics.findings.id_columns import id_place, study_ids
from readerstudy.analysis.statistics.findings.label_tables import BadLabels
from readerstudy.csv_cells import is_blank, number_in
from readerstudy.csv_text import unguarded

_LONGEST_CELL = 40
# Columns of the table of metrics that no metric may be called after.
_OWN_COLUMNS = {"source", "study_id", "case"}


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

    Columns without a name or without a single number, such as the text of a report, are
    passed over with a note. Raises BadMetrics with one sentence that names file, row
    and column.
    """
    if isinstance(content, Path):
        name = name or content.name
    name = name or "the metric table"
    try:
        rows = rows_of(content, name)
        if not rows:
            raise BadMetrics(f"{name} is empty; it has to hold a header and rows.")
        header, body = rows[0][1], rows[1:]
        place = id_place(header, frozenset(), id_column, name)
        ids = study_ids(body, place, header, name)
    except BadLabels as refusal:
        raise BadMetrics(str(refusal)) from None
    if not body:
        raise BadMetrics(f"{name} has a header but no row of metrics below it.")
    values: dict[str, tuple[float | None, ...]] = {}
    passed = []
    for column, title in enumerate(header):
        metric = unguarded(title.strip())
        cells = [(number, cells[column]) for number, cells in body]
        if column == place:
            continue
        if not metric or not any(number_in(cell) is not None for _, cell in cells):
            passed.append(metric or f"column {column + 1}")
        elif metric.casefold() in _OWN_COLUMNS:
            raise BadMetrics(
                f"{name}: column {metric} has the name of a column of the table of "
                "metrics; rename it."
            )
        elif metric in values:
            raise BadMetrics(f"{name}: column {metric} is there twice; keep one.")
        else:
            values[metric] = tuple(_checked(name, metric, *cell) for cell in cells)
    if not values:
        raise BadMetrics(f"{name} has no column of numbers beside {header[place]}.")
    notes = (f"{name}: {', '.join(passed)} passed over: no metric.",) if passed else ()
    return MetricTable(source, ids, values, dict.fromkeys(values, name), notes)


def joined_metrics(tables: Sequence[MetricTable]) -> list[MetricTable]:
    """One table per source out of several, by study id; a metric twice is refused.

    A study that only some of the tables have keeps what they say; the rest is None.
    Raises BadMetrics.
    """
    return [
        _joined(source, [table for table in tables if table.source == source])
        for source in dict.fromkeys(table.source for table in tables)
    ]


def _joined(source: str, tables: Sequence[MetricTable]) -> MetricTable:
    ids = tuple(dict.fromkeys(study for table in tables for study in table.ids))
    values: dict[str, tuple[float | None, ...]] = {}
    origin: dict[str, str] = {}
    for table in tables:
        for metric, numbers in table.values.items():
            if metric in values:
                raise BadMetrics(
                    f"{metric} of {source} comes from {origin[metric]} and from "
                    f"{table.origin.get(metric, 'another table')}; keep one of them."
                )
            known = dict(zip(table.ids, numbers, strict=True))
            values[metric] = tuple(known.get(study) for study in ids)
            origin[metric] = table.origin.get(metric, "")
    notes = tuple(note for table in tables for note in table.notes)
    return MetricTable(source, ids, values, origin, notes)


def _checked(name: str, metric: str, row: int, cell: str) -> float | None:
    text = unguarded(cell.strip())
    if is_blank(text):
        return None
    value = number_in(text)
    if value is None:
        raise BadMetrics(
            f"{name}, row {row}, column {metric}: {text[:_LONGEST_CELL]} is no number; "
            "leave the cell empty where there is none."
        )
    return value
