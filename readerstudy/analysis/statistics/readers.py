"""Whose difference it is: each reader alone, and the headline without each of them."""

from readerstudy.analysis.statistics.exact_swap import exact_swap_p
from readerstudy.analysis.statistics.headline import headline, needs_swap
from readerstudy.analysis.statistics.intervals import newcombe
from readerstudy.analysis.statistics.mcnemar import mcnemar
from readerstudy.analysis.statistics.mrmc import fixed_readers, random_readers
from readerstudy.analysis.statistics.reads import Bools
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
    graded = table.given.any(axis=2)
    # Cases that somebody graded besides this reader.
    remaining = graded.sum(axis=1, keepdims=True) - graded > 0
    return [_pair(arms, remaining) for arms in two_arms(table)]


def _pair(arms: TwoArms, remaining: Bools) -> Block:
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
            {"reader": name} | _left_out(arms, place, remaining[:, place])
            for place, name in enumerate(names)
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


def _left_out(arms: TwoArms, place: int, cases: Bools) -> Block:
    """Difference and headline as if one reader had not taken part.

    `cases` are those with any grade of another reader.
    """
    empty = dict.fromkeys(("difference", "ci95", "p_value", "rule"))
    if arms.complete.shape[1] == 1:
        return block("one_reader", ONE_READER, **empty)
    others = [other for other in range(arms.complete.shape[1]) if other != place]
    complete = arms.complete[cases][:, others]
    if not complete.any():
        return block("no_complete_blocks", no_complete_blocks(2), **empty)
    d = arms.d[cases][:, others]
    missing = 2 * complete.size - int(arms.given[cases][:, others].sum())
    totals = d.sum(axis=1)
    fixed = fixed_readers(d, complete)
    sizes = {
        "cases": int(complete.any(axis=1).sum()),
        "discordant_cases": int((totals != 0).sum()),
    }
    swap = needs_swap(fixed, **sizes)
    fixed["exact_swap_p"] = exact_swap_p(totals) if swap else None
    random = random_readers(d, missing)
    found = headline(fixed, random, readers=len(others), **sizes)
    return block(
        found["status"],
        found["message"],
        difference=float(d.sum() / complete.sum()),
        **{key: found[key] for key in ("ci95", "p_value", "rule")},
    )
