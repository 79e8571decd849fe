"""Whose difference it is: each reader alone, and the headline without each of them."""

from dataclasses import replace

import numpy as np

from readerstudy.analysis.statistics.intervals import newcombe
from readerstudy.analysis.statistics.mcnemar import mcnemar
from readerstudy.analysis.statistics.pairs import one_pair
from readerstudy.analysis.statistics.sentences import (
    ONE_READER,
    Block,
    block,
    no_complete_blocks,
    no_discordant_blocks,
)
from readerstudy.analysis.statistics.table import Table
from readerstudy.analysis.statistics.two_arms import TwoArms, two_arms

_ALONE = (
    *("n", "first_rate", "second_rate", "difference", "newcombe_ci95"),
    "mcnemar_exact_p",
)
_BLOCKLESS = "No comparison: this reader graded both arms of no case."


def readers(table: Table) -> list[Block]:
    """Every two arms: a row per reader, and one per reader left out.

    A reader's own rows are independent of each other, so Newcombe's interval and the
    exact McNemar test hold for him or her.
    """
    others = [without(table, reader) for reader in range(len(table.readers))]
    return [_pair(arms, others) for arms in two_arms(table)]


def without(table: Table, reader: int) -> Table:
    """The table as if this reader had not taken part."""
    grades = np.delete(table.grades, reader, axis=1)
    kept = (grades > 0).any(axis=(1, 2))
    cases, strata = (
        tuple(name for name, stays in zip(names, kept, strict=True) if stays)
        for names in (table.cases, table.strata)
    )
    left = table.readers[:reader] + table.readers[reader + 1 :]
    return replace(
        table,
        readers=left,
        cases=cases,
        strata=strata,
        grades=grades[kept],
        rows=None,
        places=None,
    )


def _pair(arms: TwoArms, others: list[Table]) -> Block:
    names = arms.table.readers
    status, message = "ok", None
    if not arms.complete.any():
        status, message = "no_complete_blocks", no_complete_blocks(2)
    elif len(names) == 1:
        status, message = "one_reader", ONE_READER
    return arms.names | block(
        status,
        message,
        readers=[_alone(arms, place) for place in range(len(names))],
        left_out=[
            {"reader": name} | _left_out(TwoArms(other, arms.first, arms.second))
            for name, other in zip(names, others, strict=True)
        ],
    )


def _alone(arms: TwoArms, place: int) -> Block:
    before, after = arms.before[:, place], arms.after[:, place]
    named: Block = {"reader": arms.table.readers[place]}
    number = int(arms.complete[:, place].sum())
    if not number:
        empty: Block = dict.fromkeys(_ALONE) | {"n": 0}
        return named | block("no_complete_blocks", _BLOCKLESS, **empty)
    both = int((before & after).sum())
    first, second = int(before.sum()) - both, int(after.sum()) - both
    neither = number - both - first - second
    same = first + second == 0
    return named | block(
        "no_discordant_pairs" if same else "ok",
        no_discordant_blocks(number) if same else None,
        n=number,
        first_rate=(both + first) / number,
        second_rate=(both + second) / number,
        difference=(second - first) / number,
        newcombe_ci95=list(newcombe(both, second, first, neither)),
        mcnemar_exact_p=mcnemar(second, first)["exact_p"],
    )


def _left_out(arms: TwoArms) -> Block:
    """Difference and headline of the pair among the readers who are left."""
    if not arms.table.readers:
        empty = dict.fromkeys(("difference", "ci95", "p_value", "rule"))
        return block("one_reader", ONE_READER, **empty)
    found = one_pair(arms)
    headline = found["headline"]
    return block(
        headline["status"],
        headline["message"],
        difference=found["difference"],
        **{key: headline[key] for key in ("ci95", "p_value", "rule")},
    )
