"""How far readers agree about the same reports: over all arms, and per arm."""

import math

import numpy as np

from readerstudy.analysis.statistics.agreement_draws import drawn_coefficients
from readerstudy.analysis.statistics.bootstrap import (
    DRAWS,
    MOSTLY_UNDEFINED,
    Found,
    interval,
)
from readerstudy.analysis.statistics.kappas import (
    fleiss_kappa,
    gwet_ac2,
    krippendorff_alpha,
    percent_agreement,
)
from readerstudy.analysis.statistics.reader_pairs import (
    NO_KAPPAS,
    kappa_intervals,
    weighted_kappas,
)
from readerstudy.analysis.statistics.reads import Bools, Floats, Integers
from readerstudy.analysis.statistics.sentences import (
    AGREEMENT_NEEDS_READERS,
    NO_RATINGS,
    Block,
    block,
)
from readerstudy.analysis.statistics.table import Table, everywhere

_WITH_INTERVAL = (
    "fleiss_kappa",
    "fleiss_kappa_success",
    "krippendorff_alpha_ordinal",
    "gwet_ac2_ordinal",
    "percent_agreement",
)
_NONE: Block = dict.fromkeys(
    (*_WITH_INTERVAL, "gwet_ac2_se", *(f"{name}_ci95" for name in _WITH_INTERVAL))
)
_NO_COMMON = "Not estimable: no report was graded by two readers."
_NO_COMPLETE = "Fleiss' kappa needs reports graded by every reader; there is none."
_ONE_CATEGORY = "Kappa and alpha are undefined: one category used."
_ONE_OUTCOME = "Kappa of success is undefined: one category used."
_ONE_REPORT = "The standard error of AC2 needs at least 2 reports."
_UNDEFINED = ("one_category", MOSTLY_UNDEFINED)


def agreement(table: Table, *, seed: int = 0) -> dict[str, Block]:
    """Coefficients with the report (case and arm) as the unit.

    Intervals are those of the case bootstrap: a case is drawn with all of its arms,
    and the same draws serve all arms together and each.
    """
    scopes = [np.moveaxis(table.grades, 1, 2)]
    scopes += [table.grades[:, :, arm] for arm in range(len(table.arms))]
    blocks = [_agreement(table, grades) for grades in scopes]
    if len(table.readers) > 1:
        drawn = drawn_coefficients(table, seed=seed)
        kappas = kappa_intervals(table, seed=seed)
        for scope, grades in enumerate(scopes):
            cases = int((grades > 0).reshape(len(grades), -1).any(axis=1).sum())
            _add_intervals(blocks[scope], drawn[scope], kappas[scope], cases)
    bootstrap = {"draws": DRAWS, "seed": seed, "unit": "case"}
    found: dict[str, Block] = {}
    for name, each in zip(("all", *table.arms), blocks, strict=True):
        # An arm may be called "all" too; the pooled figures keep the name then.
        found.setdefault(name, {**each, "bootstrap": bootstrap})
    return found


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
        return block("no_ratings", NO_RATINGS, **sizes, **_NONE, **NO_KAPPAS)
    if len(readers) == 1:
        return block(
            "one_reader", AGREEMENT_NEEDS_READERS, **sizes, **_NONE, **NO_KAPPAS
        )
    counts = table.counts(grades).T
    if counts.sum(axis=1).max() < 2:
        return block("not_crossed", _NO_COMMON, **sizes, **_NONE, **NO_KAPPAS)
    values = _NONE | _coefficients(counts, complete)
    status, message = _status(values, sizes["complete_units"])
    kappas = NO_KAPPAS | weighted_kappas(readers, grades)
    return block(status, message, **sizes, **values, **kappas)


def _add_intervals(
    found: Block, drawn: dict[str, Floats], kappas: dict[str, Found], cases: int
) -> None:
    """Add the interval of every coefficient that there is, or why there is none."""
    reasons: list[tuple[str, str]] = []
    for name in _WITH_INTERVAL:
        if found[name] is None:
            continue
        found[f"{name}_ci95"], reason = interval(drawn[name], cases, _UNDEFINED)
        reasons += [reason] if reason else []
    _say(found, reasons)
    known = {key: kappas[key] for key in found["weighted_kappa"]}
    found["weighted_kappa_ci95"] = {
        key: limits for key, (limits, _) in known.items() if limits is not None
    }
    found["weighted_kappa_ci95_absent"] = {
        key: block(*reason) for key, (_, reason) in known.items() if reason is not None
    }


def _say(found: Block, reasons: list[tuple[str, str]]) -> None:
    """Add sentences; the first status that is not ok stays."""
    said = [found["message"], *dict.fromkeys(sentence for _, sentence in reasons)]
    if reasons:
        found["message"] = " ".join(each for each in said if each)
    if reasons and found["status"] == "ok":
        found["status"] = reasons[0][0]


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
