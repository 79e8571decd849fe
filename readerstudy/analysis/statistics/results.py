"""The whole result set of one table of reads; every page and file shows it."""

import functools
import math
import platform
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import readerstudy
from readerstudy.analysis.statistics.agreement import agreement
from readerstudy.analysis.statistics.blinding import blinding
from readerstudy.analysis.statistics.cautions import cautions
from readerstudy.analysis.statistics.clustered import clustered_q
from readerstudy.analysis.statistics.cochran import cochran_q
from readerstudy.analysis.statistics.descriptive import (
    by_case,
    by_reader,
    by_stratum,
    grades_by_arm,
)
from readerstudy.analysis.statistics.design import Design
from readerstudy.analysis.statistics.errors import errors
from readerstudy.analysis.statistics.estimand import estimands
from readerstudy.analysis.statistics.gee import gee
from readerstudy.analysis.statistics.instruments import instruments
from readerstudy.analysis.statistics.learning import learning
from readerstudy.analysis.statistics.missing import bounds, missing
from readerstudy.analysis.statistics.ordinal import ordinal
from readerstudy.analysis.statistics.pairs import all_pairs
from readerstudy.analysis.statistics.preference import preference
from readerstudy.analysis.statistics.readers import readers
from readerstudy.analysis.statistics.reads import Reads
from readerstudy.analysis.statistics.repeats import repeats
from readerstudy.analysis.statistics.sensitivity import sensitivity
from readerstudy.analysis.statistics.sentences import (
    NO_RATINGS,
    ONE_CASE,
    ONE_READER,
    TOO_FEW_ARMS,
    Block,
    no_complete_blocks,
)
from readerstudy.analysis.statistics.strata import strata
from readerstudy.analysis.statistics.table import STRINGENT, BadTable, Table, table_of
from readerstudy.analysis.statistics.time_on_task import time_on_task
from readerstudy.analysis.statistics.variance import variance
from readerstudy.analysis.statistics.without_exclusions import without_exclusions

SCHEMA = "readerstudy.results/1"
MOST_ARMS = 30
_PACKAGES = ("numpy", "scipy", "statsmodels")


@dataclass(frozen=True)
class ResultSet:
    """Results as JSON-ready values, and the table per case that files hold besides."""

    values: dict[str, Any]
    by_case: tuple[dict[str, Any], ...]

    @property
    def message(self) -> str | None:
        """What a reader of the results has to know first, as a sentence."""
        message: str | None = self.values["message"]
        return message

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences about what was left out or is doubtful."""
        return tuple(self.values["warnings"])

    def as_json(self) -> dict[str, Any]:
        """Plain values: never NaN or Infinity; an absent number is None."""
        return self.values


def result_set(
    reads: Reads, design: Design | None = None, *, seed: int = 0
) -> ResultSet:
    """Compute every number about some reads under a plan.

    Arms stand in the plan's order, else that of first appearance; a reference adds the
    estimand, a margin its non-inferiority. `seed` is that of the bootstrap. Raises
    BadTable where arms and reads disagree.
    """
    design = design or Design()
    named = _named_arms(reads, design)
    graded = reads.arm.among(reads.graded)
    table = table_of(reads, [arm for arm in named if arm in graded])
    success = _compared(table, design)
    status, message = _status(table, success["pairs"])
    strict = table.at_cut(STRINGENT)
    stringent = _compared(strict, design)
    primary = stringent if design.outcome == "stringent" else success
    values = {
        "schema": SCHEMA,
        "status": status,
        "message": message,
        "warnings": cautions(reads, named),
        "plan": _plan(design),
        "design": _design(table),
        "grades": grades_by_arm(table),
        **{name: success[name] for name in ("cochran_q", "clustered_q", "pairs")},
        "stringent": stringent,
        "estimand": primary["estimand"],
        "estimands": primary["estimands"],
        "without_exclusions": without_exclusions(reads, design, named),
        "agreement": agreement(table, seed=seed),
        "gee": _or_no_ratings(gee(table), table),
        "by_reader": by_reader(table, reads),
        "by_stratum": by_stratum(table),
        **_further(
            table if primary is success else strict, reads, primary, design, seed
        ),
        "repeats": repeats(reads, seed=seed),
        "errors": errors(reads, named),
        "instruments": instruments(reads, named),
        "preference": preference(reads, named),
        "blinding": blinding(reads, named, design.reference, seed=seed),
        "missing": missing(
            reads,
            table if primary is success else strict,
            named,
            crossed=design.crossed,
        ),
        "seed": seed,
        "versions": _versions(),
    }
    return ResultSet(values=_plain(values), by_case=tuple(by_case(table)))


def by_case_of(reads: Reads, design: Design | None = None) -> tuple[Block, ...]:
    """The table per case of a result set alone, without its statistics."""
    named = _named_arms(reads, design or Design())
    graded = reads.arm.among(reads.graded)
    return tuple(by_case(table_of(reads, [arm for arm in named if arm in graded])))


def _compared(table: Table, design: Design) -> Block:
    """The arms against each other at one cut-point."""
    pairs = all_pairs(table)
    found = estimands(pairs, table.arms, design) if design.reference is not None else []
    return {
        "cochran_q": _or_no_ratings(cochran_q(table), table),
        "clustered_q": _or_no_ratings(clustered_q(table), table),
        "pairs": pairs,
        "estimand": found[0] if found else None,
        "estimands": found,
    }


def _further(
    table: Table, reads: Reads, compared: Block, design: Design, seed: int
) -> Block:
    """Comparisons beside the main one, at the primary cut-point."""
    pairs = compared["pairs"]
    sizes = {"cases": len(table.cases), "readers": len(table.readers)}
    limits = bounds(reads, table, crossed=design.crossed)
    return {
        "ordinal": ordinal(table),
        "strata": strata(table),
        "readers": readers(table),
        "sensitivity": sensitivity(table, pairs, limits, seed=seed),
        "variance": variance(pairs, **sizes),
        "time": time_on_task(table, reads),
        "learning": learning(table, reads),
    }


def _plan(design: Design) -> Block:
    """What was asked for, so that a result can be told from an exploratory one."""
    return {
        "reference": design.reference,
        "margin": design.margin,
        "alpha": design.alpha,
        "primary_outcome": design.outcome,
        "reader_inference": design.inference,
        "planned": None if design.planned is None else list(design.planned),
    }


def _named_arms(reads: Reads, design: Design) -> list[str]:
    """All arms in their order; refuses what does not fit together."""
    named = list(design.arms or reads.arm.names)
    reference = design.reference
    order = ", ".join(named)
    if len(named) > MOST_ARMS:
        raise BadTable(
            f"The reads name {len(named)} arms, and at most {MOST_ARMS} can be "
            "compared; perhaps the column arm holds something else."
        )
    for arm in named:
        if not arm:
            raise BadTable("The order of arms holds an empty name.")
        if named.count(arm) > 1:
            raise BadTable(f"The order of arms names {arm} twice.")
    stray = ~reads.arm.is_any(named)
    if stray.any():
        row = int(stray.argmax())
        raise BadTable(
            f"{reads.where(row)}, column arm: {reads.arm[row]!r} is not among the arms "
            f"{order}."
        )
    if reference is not None and named and reference not in named:
        raise BadTable(f"The reference {reference!r} is not among the arms {order}.")
    return named


def _status(table: Table, pairs: list[Block]) -> tuple[str, str | None]:
    """What a reader of the results has to know first."""
    if not table.arms:
        return "no_ratings", NO_RATINGS
    if len(table.arms) < 2:
        return "too_few_arms", TOO_FEW_ARMS
    if len(table.cases) == 1:
        return "one_case", ONE_CASE
    if not any(pair["n"] for pair in pairs):
        return "no_complete_blocks", no_complete_blocks(2)
    if len(table.readers) == 1:
        return "one_reader", ONE_READER
    return "ok", None


def _or_no_ratings(found: Block, table: Table) -> Block:
    if table.arms:
        return found
    return found | {"status": "no_ratings", "message": NO_RATINGS}


def _design(table: Table) -> Block:
    return {
        "readers": len(table.readers),
        "cases": len(table.cases),
        "arms": list(table.arms),
        "reads": int(table.given.sum()),
        "blocks": int(table.given.any(axis=2).sum()),
        "complete_blocks": int(table.complete.sum()),
        "fully_crossed": bool(table.given.size and table.given.all()),
    }


def _versions() -> dict[str, str]:
    return {
        "readerstudy": readerstudy.VERSION,
        "python": platform.python_version(),
        **{package: _version(package) for package in _PACKAGES},
    }


@functools.cache
def _version(package: str) -> str:
    """What is installed, whose record is read once: it takes a millisecond each."""
    return version(package)


def _plain(value: Any) -> Any:
    """The last guard: nothing that JSON can't hold leaves this module."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
