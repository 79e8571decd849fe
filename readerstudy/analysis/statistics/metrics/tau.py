"""How far a metric ranks reports as radiologists' grades do: Kendall's tau-b.

Taken over reports, with the mean of their readers' grades, and over single reads. Whole
cases are drawn for the interval, with all their reports and reads: tau of a draw is a
quotient of sums over pairs of cases, so no draw needs a loop. Source: M. G. Kendall,
Biometrika 1945; 33: 239-251 (ties).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from readerstudy.analysis.statistics.bootstrap import (
    draw_weights,
    percentile_interval,
)
from readerstudy.analysis.statistics.metrics.directions import better, is_told
from readerstudy.analysis.statistics.metrics.metric_tables import MetricTable
from readerstudy.analysis.statistics.products import long_product
from readerstudy.analysis.statistics.reads import Reads
from readerstudy.analysis.statistics.table import GRADES, natural_order

SCHEMA = "readerstudy.metric_agreement/1"
UNITS = ("report", "read")

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_ROWS = 256
_TOO_FEW = "Tau needs at least 2 reports that have both the metric and a grade."
_ONE_GRADE = "Undefined: every grade is the same."
_ONE_VALUE = "Undefined: the metric is the same for every report."
_ONE_CASE = "1 case: no interval."
_MOSTLY_UNDEFINED = "No interval: tau is undefined in most of the draws."
# sign[a, b] of two grades: above 0 where the first is the better one.
_SIGNS = np.sign(
    np.arange(len(GRADES))[np.newaxis, :] - np.arange(len(GRADES))[:, np.newaxis]
).astype(np.float64)


@dataclass(frozen=True)
class _Reports:
    """Reports with a metric: its value, counts of grades A to D, place of the case."""

    value: Floats
    grades: Floats
    case: Integers

    @property
    def quality(self) -> Floats:
        """The mean grade of each report; more is better."""
        numbers = np.arange(len(GRADES), 0, -1)
        return np.asarray(self.grades @ numbers / self.grades.sum(axis=1))


def agreement_with_grades(
    reads: Reads, tables: Sequence[MetricTable], *, draws: int = 1_000, seed: int = 0
) -> dict[str, Any]:
    """Kendall's tau-b of every metric with the grades, with case-bootstrap intervals.

    A table's source is an arm of the reads, its ids are their cases. Repeats and
    excluded reads stay out. A tau above 0 means that more of the metric goes with
    better grades. JSON-ready:
    {"schema": "readerstudy.metric_agreement/1", "draws", "seed", "warnings",
     "metrics": [{"metric", "origin", "source" (null for all), "unit": "report"|"read",
                  "better": "higher"|"lower"|"neither", "n", "cases", "readers", "tau",
                  "ci95", "agreement" (tau with its sign turned where lower is better),
                  "agreement_ci95", "status", "message", "undefined_draws"}]}
    """
    found = []
    metrics = dict.fromkeys(metric for table in tables for metric in table.values)
    for metric in metrics:
        holding = [table for table in tables if metric in table.values]
        groups: list[tuple[str | None, list[MetricTable]]] = [
            (table.source, [table]) for table in holding
        ]
        if len(holding) > 1:
            groups.insert(0, (None, holding))
        for source, chosen in groups:
            for unit in UNITS:
                row = _row(reads, metric, chosen, unit, draws=draws, seed=seed)
                found.append({"source": source, **row})
    return {
        "schema": SCHEMA,
        "draws": draws,
        "seed": seed,
        "warnings": list(_warnings(reads, tables)),
        "metrics": found,
    }


def _row(
    reads: Reads,
    metric: str,
    tables: Sequence[MetricTable],
    unit: str,
    *,
    draws: int,
    seed: int,
) -> dict[str, Any]:
    reports, readers = _reports(reads, metric, tables)
    cases = len(np.unique(reports.case))
    n = len(reports.value) if unit == "report" else int(reports.grades.sum())
    direction = better(metric)
    tau, bounds, undefined = None, None, 0
    status, message = "ok", None
    if len(reports.value) < 2:
        status, message = "too_few", _TOO_FEW
    else:
        tau, drawn = _estimates(reports, unit, cases, draws=draws, seed=seed)
        if tau is None:
            alike = len(np.unique(reports.value)) == 1
            status = "constant_metric" if alike else "one_grade"
            message = _ONE_VALUE if alike else _ONE_GRADE
        elif cases < 2:
            status, message = "one_case", _ONE_CASE
        else:
            bounds = percentile_interval(drawn)
            undefined = int(np.isnan(drawn).sum())
            if bounds is None:
                status, message = "mostly_undefined", _MOSTLY_UNDEFINED
    turn = -1 if direction == "lower" else 1
    known = direction != "neither"
    return {
        "metric": metric,
        "origin": tables[0].origin.get(metric, ""),
        "unit": unit,
        "better": direction,
        "n": n,
        "cases": cases,
        "readers": readers,
        "tau": tau,
        "ci95": bounds,
        "agreement": turn * tau if known and tau is not None else None,
        "agreement_ci95": sorted(turn * each for each in bounds)
        if known and bounds
        else None,
        "status": status,
        "message": message,
        "undefined_draws": undefined,
    }


def _reports(
    reads: Reads, metric: str, tables: Sequence[MetricTable]
) -> tuple[_Reports, int]:
    """The reports that have both, in an order that no file decides; and readers."""
    used = reads.graded
    order = natural_order(reads.case.among(used))
    values, grades, cases = [], [], []
    readers: set[str] = set()
    for table in sorted(tables, key=lambda table: table.source):
        own = used & reads.arm.is_any([table.source])
        known = dict(zip(table.ids, table.values[metric], strict=True))
        places = reads.case.places(order)
        counts = np.zeros((len(order), len(GRADES)))
        np.add.at(counts, (places[own], reads.grade[own] - 1), 1)
        has = np.array([known.get(case) is not None for case in order], dtype=np.bool_)
        for place in np.flatnonzero(has & (counts.sum(axis=1) > 0)):
            values.append(float(known[order[place]] or 0.0))
            grades.append(counts[place])
            cases.append(int(place))
        readers |= reads.reader.among(own & has[places] if len(order) else own)
    found = _Reports(
        np.array(values, dtype=np.float64),
        np.array(grades, dtype=np.float64).reshape(-1, len(GRADES)),
        np.unique(np.array(cases, dtype=np.int64), return_inverse=True)[1],
    )
    return found, len(readers)


def _estimates(
    reports: _Reports, unit: str, cases: int, *, draws: int, seed: int
) -> tuple[float | None, Floats]:
    """Tau in the data, and in every draw of cases."""
    order = np.argsort(reports.case, kind="stable")
    value, case = reports.value[order], reports.case[order]
    signs = (
        _differences(reports.quality[order])
        if unit == "report"
        else _grade_pairs(reports.grades[order])
    )
    given = reports.grades[order].sum(axis=1)
    reads = np.ones(len(order)) if unit == "report" else given
    pairs = _pair_sums(value, case, cases, signs, reads)
    whole = float(_tau(np.ones((1, cases)), *pairs)[0])
    drawn = np.concatenate(
        [
            _tau(weights.astype(np.float64), *pairs)
            for weights in draw_weights(cases, seed=seed, draws=draws)
        ]
    )
    return (None if np.isnan(whole) else whole), drawn


# For some of the reports against all: the sum over their reads of the sign of the
# difference in quality, and how many pairs of reads differ.
_Signs = Any


def _differences(quality: Floats) -> _Signs:
    def of(rows: slice) -> tuple[Floats, Floats]:
        signs = np.sign(quality[rows, np.newaxis] - quality[np.newaxis, :])
        return signs, np.abs(signs)

    return of


def _grade_pairs(grades: Floats) -> _Signs:
    def of(rows: slice) -> tuple[Floats, Floats]:
        own = grades[rows]
        return own @ _SIGNS @ grades.T, own @ np.abs(_SIGNS) @ grades.T

    return of


def _pair_sums(
    value: Floats,
    case: Integers,
    cases: int,
    signs: _Signs,
    reads: Floats,
) -> tuple[Floats, Floats, Floats]:
    """`[case, case]` sums over pairs: concordance, metric not tied, grade not tied.

    `case` is sorted. `reads` is how many reads a report stands for.
    """
    starts = np.searchsorted(case, np.arange(cases))
    found = tuple(np.zeros((cases, cases)) for _ in range(3))
    for rows in _slices(len(value)):
        apart = np.sign(value[rows, np.newaxis] - value[np.newaxis, :])
        signed, unlike = signs(rows)
        parts = (
            apart * signed,
            np.abs(apart) * reads[rows, np.newaxis] * reads[np.newaxis, :],
            unlike,
        )
        for whole, part in zip(found, parts, strict=True):
            np.add.at(whole, case[rows], np.add.reduceat(part, starts, axis=1))
    return found[0], found[1], found[2]


def _slices(length: int) -> Iterator[slice]:
    for start in range(0, length, _ROWS):
        yield slice(start, start + _ROWS)


def _tau(weights: Floats, *pairs: Floats) -> Floats:
    """Tau of every draw, `weights[draw, case]`; NaN where it is undefined."""
    above, metric, grade = (
        (long_product(weights, sums) * weights).sum(axis=1) for sums in pairs
    )
    below = np.sqrt(metric * grade)
    found = np.full(len(weights), np.nan)
    np.divide(above, below, out=found, where=below > 0)
    return found


def _warnings(reads: Reads, tables: Sequence[MetricTable]) -> Iterator[str]:
    """Metrics without a known direction; what did not find its grade or its metric."""
    for metric in dict.fromkeys(metric for table in tables for metric in table.values):
        if not is_told(metric):
            yield (
                f"Whether more of {metric} is better can't be told by its name; its "
                "tau is not turned."
            )
    used = reads.graded
    arms = reads.arm.among(used)
    for table in tables:
        yield from table.notes
        if table.source not in arms:
            yield f"{table.source} is no arm of {reads.source}; its metrics stay out."
            continue
        graded = reads.case.among(used & reads.arm.is_any([table.source]))
        lacking = len(graded - set(table.ids))
        if lacking:
            yield f"Graded reports of {table.source} without a metric: {lacking}."
        ungraded = len(set(table.ids) - graded)
        if ungraded:
            yield f"Reports of {table.source} with a metric but no grade: {ungraded}."
