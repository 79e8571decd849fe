"""Two models on the same studies: differences with intervals and permutation tests."""

from itertools import combinations
from typing import Any

import numpy as np

from readerstudy.analysis.statistics.findings.averages import Bools
from readerstudy.analysis.statistics.findings.csv_rows import listed
from readerstudy.analysis.statistics.findings.draws import (
    Packed,
    drawn_swaps,
    intervals,
    permutation_p,
    swapped_counts,
)
from readerstudy.analysis.statistics.findings.scores import METRICS, Counts
from readerstudy.analysis.statistics.findings.sentences import (
    ALIKE,
    MOSTLY_UNDEFINED,
    NO_INTERVAL_OF_ONE,
    NO_PERMUTATIONS,
    READERS_ARE_NOT_SWAPPED,
    UNDEFINED_DIFFERENCE,
    number,
)
from readerstudy.analysis.statistics.findings.tally import Tally, undefined_labels
from readerstudy.analysis.statistics.mcnemar import holm
from readerstudy.analysis.statistics.sentences import Block


def differences(tally: Tally, *, permutations: int, mean_name: str = "") -> list[Block]:
    """Second minus first for every two models; and models minus the readers' mean.

    A row for each label that both have and for each average; p values are of two-sided
    tests that swap the two models' labels study by study, uncorrected, with Holm's
    correction over the included labels beside them.
    """
    studies = len(tally.cells.study)
    swaps = drawn_swaps(studies, permutations=permutations, seed=tally.seed)
    found = []
    for first, second in combinations(range(len(tally.models)), 2):
        found += _pair(tally, first, second, swaps)
    if tally.readers:
        for model, name in enumerate(tally.models):
            if model not in tally.readers:
                found += _against_mean(tally, model, name, mean_name)
    return found


def _pair(tally: Tally, first: int, second: int, swaps: Packed) -> list[Block]:
    """The differences of two models, averages over labels that are defined for both."""
    both = [first, second]
    used = _for_all(tally.used[both])
    held = _for_all(tally.cells.held[both])
    values = tally.of(tally.totals[both], held, used)
    drawn = tally.of(tally.drawn[:, both], held, used)
    if len(swaps):
        study = tally.cells.study
        one, other = swapped_counts(study[:, first], study[:, second], swaps)
        permuted = tally.of(other, held, used) - tally.of(one, held, used)
    else:
        permuted = np.empty((0, *values.shape[1:]))
    names = (tally.models[first], tally.models[second])
    return _rows(
        tally,
        names,
        values[1] - values[0],
        drawn[:, 1] - drawn[:, 0],
        held,
        used,
        permuted,
        NO_PERMUTATIONS,
    )


def _against_mean(tally: Tally, model: int, name: str, mean_name: str) -> list[Block]:
    """A model against the mean of the readers; there is nothing to swap."""
    place = len(tally.models)
    values, drawn = tally.values, tally.drawn_values
    all_of_them = [model, *tally.readers]
    held = _for_all(tally.cells.held[all_of_them])
    used = _for_all(tally.used[all_of_them])
    return _rows(
        tally,
        (mean_name, name),
        values[model] - values[place],
        drawn[:, model] - drawn[:, place],
        held,
        used,
        np.empty((0, *values.shape[1:])),
        READERS_ARE_NOT_SWAPPED,
    )


def _for_all(flags: Bools) -> Bools:
    """What holds for every one of some models, `flags[model, ...]`."""
    return np.asarray(flags.all(axis=0), dtype=np.bool_)


def _rows(
    tally: Tally,
    names: tuple[str, str],
    values: Counts,
    drawn: Counts,
    held: Bools,
    used: Bools,
    permuted: Counts,
    why_no_p: str,
) -> list[Block]:
    bounds, undefined = intervals(drawn)
    p_values, unpermuted = (
        permutation_p(values, permuted)
        if len(permuted)
        else (np.full(values.shape, np.nan), np.zeros(values.shape, dtype=np.int64))
    )
    included = tally.included
    rows = []
    for row, (label, group, average) in enumerate(tally.named_rows()):
        if label is not None and not held[row]:
            continue
        block: Block = {
            "first": names[0],
            "second": names[1],
            "label": label,
            "group": group,
            "average": average,
            "included": label is None or bool(included[row]),
        }
        for place, metric in enumerate(METRICS):
            block[metric] = _difference(
                number(values[row, place]),
                bounds[:, row, place],
                int(undefined[row, place]),
                number(p_values[row, place]),
                int(unpermuted[row, place]),
                why_no_p,
                len(tally.cells.study),
                _unlike(tally, group, average, used, place),
            )
        rows.append(block)
    _correct(rows)
    return rows


def _unlike(
    tally: Tally, group: str | None, average: str, used: Bools, metric: int
) -> str:
    """The labels that a difference of means goes without."""
    if group is None or average == "micro":
        return ""
    found = next(each for each in tally.groups if each.name == group)
    absent = undefined_labels(used, found, metric)
    return f"Without {listed(absent)}: undefined on one side." if absent else ""


def _difference(
    value: float | None,
    bounds: Counts,
    undefined: int,
    p_value: float | None,
    unpermuted: int,
    why_no_p: str,
    studies: int,
    note: str,
) -> Block:
    low, high = number(bounds[0]), number(bounds[1])
    status, said = "ok", [note] if note else []
    if value is None:
        status, said = "undefined", [UNDEFINED_DIFFERENCE]
        low = high = p_value = None
    elif studies < 2:
        status, said = "one_study", [NO_INTERVAL_OF_ONE, *said]
        low = high = p_value = None
    elif low is None:
        status, said = "mostly_undefined", [MOSTLY_UNDEFINED, *said]
    elif low == high:
        status, said = "zero_variance", [ALIKE, *said]
    if value is not None and p_value is None:
        status = "no_p_value" if status == "ok" else status
        said.append(why_no_p)
    return {
        "difference": value,
        "ci95": None if low is None or high is None else [low, high],
        "p_value": p_value,
        "holm_p": None,
        "status": status,
        "message": " ".join(said) or None,
        "undefined_draws": undefined,
        "undefined_permutations": unpermuted,
    }


def _correct(rows: list[Block]) -> None:
    """Holm's correction of each metric over the included labels of two models."""
    for metric in METRICS:
        tested: list[dict[str, Any]] = [
            row[metric]
            for row in rows
            if row["label"] and row["included"] and row[metric]["p_value"] is not None
        ]
        corrected = holm([each["p_value"] for each in tested])
        for each, p_value in zip(tested, corrected, strict=True):
            each["holm_p"] = p_value
