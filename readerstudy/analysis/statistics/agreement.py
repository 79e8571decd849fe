"""How far readers agree about the same reports: over all arms, and per arm."""

import math
from itertools import combinations

import numpy as np

from readerstudy.analysis.statistics.kappas import (
    fleiss_kappa,
    gwet_ac2,
    krippendorff_alpha,
    percent_agreement,
    weighted_kappa,
)
from readerstudy.analysis.statistics.reads import Bools, Integers
from readerstudy.analysis.statistics.sentences import (
    AGREEMENT_NEEDS_READERS,
    NO_RATINGS,
    Block,
    block,
)
from readerstudy.analysis.statistics.table import GRADES, Table, everywhere

_NONE: Block = dict.fromkeys(
    (
        "fleiss_kappa",
        "fleiss_kappa_success",
        "krippendorff_alpha_ordinal",
        "gwet_ac2_ordinal",
        "gwet_ac2_se",
        "percent_agreement",
    )
)
_NO_COMMON = "Not estimable: no report was graded by two readers."
_NO_COMPLETE = "Fleiss' kappa needs reports graded by every reader; there is none."
_ONE_CATEGORY = "Kappa and alpha are undefined: one category used."
_ONE_OUTCOME = "Kappa of success is undefined: one category used."
_ONE_REPORT = "The standard error of AC2 needs at least 2 reports."
_NO_SHARED = "Not estimable: these two readers graded no report in common."
_NO_SPREAD = "Weighted kappa is undefined: one category used by both readers."
_NO_KAPPAS: Block = {"weighted_kappa": {}, "weighted_kappa_absent": {}}


def agreement(table: Table) -> dict[str, Block]:
    """Coefficients with the report (case and arm) as the unit."""
    blocks = {"all": _agreement(table, np.moveaxis(table.grades, 1, 2))}
    for index, arm in enumerate(table.arms):
        # An arm may be called "all" too; the pooled figures keep the name then.
        blocks.setdefault(arm, _agreement(table, table.grades[:, :, index]))
    return blocks


def _agreement(table: Table, grades: Integers) -> Block:
    """Agreement of grades with readers along the last axis."""
    grades = grades.reshape(math.prod(grades.shape[:-1]), grades.shape[-1])
    given = grades > 0
    grades = grades[given.any(axis=1)][:, given.any(axis=0)]
    readers = [table.readers[index] for index in np.nonzero(given.any(axis=0))[0]]
    complete = everywhere(grades > 0)
    sizes: Block = {
        "units": len(grades),
        "complete_units": int(complete.sum()),
        "raters": len(readers),
    }
    if not readers:
        return block("no_ratings", NO_RATINGS, **sizes, **_NONE, **_NO_KAPPAS)
    if len(readers) == 1:
        return block(
            "one_reader", AGREEMENT_NEEDS_READERS, **sizes, **_NONE, **_NO_KAPPAS
        )
    counts = table.counts(grades).T
    if counts.sum(axis=1).max() < 2:
        return block("not_crossed", _NO_COMMON, **sizes, **_NONE, **_NO_KAPPAS)
    values = _coefficients(counts, complete) | _weighted_kappas(readers, grades)
    status, message = _status(values, sizes["complete_units"])
    return block(status, message, **sizes, **values)


def _coefficients(counts: Integers, complete: Bools) -> Block:
    whole = counts[complete]
    outcome = np.stack([whole[:, :2].sum(axis=1), whole[:, 2:].sum(axis=1)], axis=1)
    value, se = gwet_ac2(counts)
    return {
        "fleiss_kappa": fleiss_kappa(whole),
        "fleiss_kappa_success": fleiss_kappa(outcome),
        "krippendorff_alpha_ordinal": krippendorff_alpha(counts),
        "gwet_ac2_ordinal": value,
        "gwet_ac2_se": se,
        "percent_agreement": percent_agreement(counts),
    }


def _status(values: Block, complete_units: int) -> tuple[str, str | None]:
    """The first reason for an absent coefficient, and all of them as sentences."""
    reasons: list[tuple[str, str]] = []
    if not complete_units:
        reasons.append(("not_crossed", _NO_COMPLETE))
    fleiss_lacks = bool(complete_units) and values["fleiss_kappa"] is None
    if fleiss_lacks or values["krippendorff_alpha_ordinal"] is None:
        reasons.append(("one_category", _ONE_CATEGORY))
    elif complete_units and values["fleiss_kappa_success"] is None:
        reasons.append(("one_category", _ONE_OUTCOME))
    if values["gwet_ac2_se"] is None:
        reasons.append(("one_case", _ONE_REPORT))
    if not reasons:
        return "ok", None
    return reasons[0][0], " ".join(sentence for _, sentence in reasons)


def _weighted_kappas(readers: list[str], grades: Integers) -> Block:
    """Quadratic weighted kappa of every two readers; where there is none, why."""
    units, number = grades.shape
    categories = np.arange(1, len(GRADES) + 1)
    marks = (
        (grades[:, :, np.newaxis] == categories).reshape(units, -1).astype(np.float64)
    )
    tables = (marks.T @ marks).astype(np.int64)
    tables = tables.reshape(number, len(GRADES), number, len(GRADES))
    kappas: dict[str, float] = {}
    absent: dict[str, Block] = {}
    names = [reader.replace("|", "\\|") for reader in readers]
    for first, second in combinations(range(number), 2):
        key = f"{names[first]}|{names[second]}"
        confusion = tables[first, :, second, :]
        value = weighted_kappa(confusion)
        if value is not None:
            kappas[key] = value
        elif confusion.any():
            absent[key] = block("one_category", _NO_SPREAD)
        else:
            absent[key] = block("not_crossed", _NO_SHARED)
    return {"weighted_kappa": kappas, "weighted_kappa_absent": absent}
