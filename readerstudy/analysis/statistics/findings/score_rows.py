"""Rows of scores: each with its counts, its coverage, and why a number is absent."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from inference.chexpert import FINDINGS
from readerstudy.analysis.statistics.findings.averages import AVERAGES
from readerstudy.analysis.statistics.findings.counts import (
    CELLS,
    FN,
    FP,
    REASONS,
    TN,
    TP,
)
from readerstudy.analysis.statistics.findings.csv_rows import listed
from readerstudy.analysis.statistics.findings.draws import intervals
from readerstudy.analysis.statistics.findings.groups import Group
from readerstudy.analysis.statistics.findings.scores import (
    METRICS,
    NO_PAIRS,
    NO_WEIGHT,
    WHY_UNDEFINED,
)
from readerstudy.analysis.statistics.findings.sentences import (
    ALIKE,
    MOSTLY_UNDEFINED,
    NO_INTERVAL_OF_ONE,
    number,
)
from readerstudy.analysis.statistics.findings.tally import Tally, undefined_labels
from readerstudy.analysis.statistics.sentences import Block

_Counts = npt.NDArray[np.float64]


def label_rows(tally: Tally, reasons: Sequence[str], mean_name: str) -> list[Block]:
    """A row for every model and every label that both sides have a column for."""
    measured = _measured(tally)
    rows: list[Block] = []
    for model, name in enumerate(tally.models):
        for place, label in enumerate(FINDINGS):
            if not tally.cells.held[model, place]:
                continue
            counts = _counts(tally, [model], [place])
            why = {
                metric: WHY_UNDEFINED[metric] if counts["n_pairs"] else NO_PAIRS
                for metric in METRICS
            }
            rows.append(
                {
                    "model": name,
                    "label": label,
                    "included": not reasons[place],
                    "exclusion_reason": reasons[place] or None,
                    **counts,
                    **_metrics(measured, model, place, counts["n_pairs"], why),
                }
            )
    if tally.readers:
        rows += [
            {
                "model": mean_name,
                "label": label,
                "included": not reasons[place],
                "exclusion_reason": reasons[place] or None,
                **_counts(tally, [], [place]),
                **_mean_metrics(tally, measured, place),
            }
            for place, label in enumerate(FINDINGS)
            if tally.cells.held[list(tally.readers), place].any()
        ]
    return rows


def average_rows(tally: Tally, mean_name: str) -> list[Block]:
    """A row for every model, group and average: micro, macro and weighted together."""
    measured = _measured(tally)
    rows = []
    names = [*tally.models, *([mean_name] if tally.readers else [])]
    for model, name in enumerate(names):
        is_mean = model == len(tally.models)
        for number_, group in enumerate(tally.groups):
            places = [FINDINGS.index(label) for label in group.labels]
            for step, average in enumerate(AVERAGES):
                row = len(FINDINGS) + number_ * len(AVERAGES) + step
                counts = _counts(tally, [] if is_mean else [model], places)
                metrics = (
                    _mean_metrics(tally, measured, row)
                    if is_mean
                    else _average_metrics(tally, measured, model, row, group, average)
                )
                rows.append(
                    {
                        "model": name,
                        "group": group.name,
                        "labels": list(group.labels),
                        "average": average,
                        **counts,
                        **metrics,
                    }
                )
    return rows


def _measured(tally: Tally) -> tuple[Any, Any, Any]:
    """Values, bounds and undefined draws, `[..., model, row, metric]`."""
    return (tally.values, *intervals(tally.drawn_values))


def _counts(tally: Tally, models: list[int], places: list[int]) -> Block:
    """Counts over labels; null for a mean of readers, which has none of its own."""
    if not models:
        nothing = dict.fromkeys((*CELLS, "support_pos", "support_neg"))
        return {
            "n_pairs": None,
            "coverage": None,
            "coverage_of_reference": None,
            "excluded": dict.fromkeys(REASONS),
            "dropped_positives": None,
            **nothing,
        }
    cells = tally.cells
    model = models[0]
    totals = tally.totals[model, places].sum(axis=0)
    pairs = int(totals.sum())
    sure = int((~np.isnan(cells.reference[:, places])).sum())
    every = len(cells.study) * len(places)
    excluded = cells.excluded[model, places].sum(axis=0)
    return {
        "n_pairs": pairs,
        "coverage": pairs / every,
        "coverage_of_reference": pairs / sure if sure else None,
        "excluded": dict(zip(REASONS, map(int, excluded), strict=True)),
        "dropped_positives": int(cells.dropped[model, places].sum()),
        **dict(zip(CELLS, map(int, totals), strict=True)),
        "support_pos": int(totals[TP] + totals[FN]),
        "support_neg": int(totals[FP] + totals[TN]),
    }


def _metrics(
    measured: tuple[Any, Any, Any],
    model: int,
    row: int,
    pairs: int,
    why: dict[str, str],
) -> Block:
    values, bounds, undefined = measured
    return {
        metric: metric_block(
            number(values[model, row, place]),
            bounds[:, model, row, place],
            int(undefined[model, row, place]),
            pairs,
            why[metric],
        )
        for place, metric in enumerate(METRICS)
    }


def _average_metrics(
    tally: Tally,
    measured: tuple[Any, Any, Any],
    model: int,
    row: int,
    group: Group,
    average: str,
) -> Block:
    """Metrics of an average, with the labels that it goes without."""
    lacking = group.lacking(tally.cells.held[model])
    why = {
        metric: lacking or f"Undefined: {WHY_UNDEFINED[metric].partition(': ')[2]}"
        for metric in METRICS
    }
    found = _metrics(measured, model, row, len(tally.cells.study), why)
    for place, metric in enumerate(METRICS):
        absent = undefined_labels(tally.used[model], group, place)
        is_undefined = found[metric]["value"] is None
        if absent and average != "micro" and not is_undefined:
            over = len(group.labels) - len(absent)
            note = (
                f"Mean over {over} of {len(group.labels)} labels: undefined for "
                f"{listed(absent)}."
            )
            said = found[metric]["message"]
            found[metric]["message"] = f"{note} {said}" if said else note
        has_some = len(absent) < len(group.labels) and not lacking
        if average == "weighted" and is_undefined and has_some:
            found[metric]["message"] = NO_WEIGHT
    return found


def _mean_metrics(tally: Tally, measured: tuple[Any, Any, Any], row: int) -> Block:
    """Metrics of the readers' mean, with how many of them it is over."""
    model = len(tally.models)
    why = dict.fromkeys(METRICS, "Undefined for every reader.")
    found = _metrics(measured, model, row, len(tally.cells.study), why)
    for place, metric in enumerate(METRICS):
        values = measured[0][list(tally.readers), row, place]
        over = int(np.isfinite(values).sum())
        if 0 < over < len(values):
            note = f"Mean over {over} of {len(values)} readers: undefined for the rest."
            said = found[metric]["message"]
            found[metric]["message"] = f"{note} {said}" if said else note
    return found


def metric_block(
    value: float | None, bounds: _Counts, undefined: int, pairs: int, why: str
) -> Block:
    """A score with its interval, or the sentence that stands for what is absent."""
    low, high = number(bounds[0]), number(bounds[1])
    status, message = "ok", None
    if value is None:
        status, message = "undefined", why
        low = high = None
    elif pairs < 2:
        status, message = "one_study", NO_INTERVAL_OF_ONE
        low = high = None
    elif low is None:
        status, message = "mostly_undefined", MOSTLY_UNDEFINED
    elif low == high:
        status, message = "zero_variance", ALIKE
    return {
        "value": value,
        "ci95": None if low is None or high is None else [low, high],
        "status": status,
        "message": message,
        "undefined_draws": undefined,
    }
