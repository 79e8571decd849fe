"""How far readers agree with themselves: first against repeated grade of a report."""

import numpy as np

from readerstudy.analysis.statistics.bootstrap import (
    DRAWS,
    MOSTLY_UNDEFINED,
    drawn_sums,
    interval,
    ratio,
)
from readerstudy.analysis.statistics.kappas import weighted_kappa
from readerstudy.analysis.statistics.reader_pairs import kappa_of_sums
from readerstudy.analysis.statistics.reads import Integers, Reads
from readerstudy.analysis.statistics.sentences import Block, block
from readerstudy.analysis.statistics.table import GRADES, natural_order

_NO_REPEATS = "No report was graded twice by the same reader."
_ONE_CATEGORY = "Kappa is undefined: one category used."


def repeats(reads: Reads, *, seed: int = 0) -> Block:
    """Share of equal grades and quadratic weighted kappa, over and per reader.

    Intervals are those of the case bootstrap, over the cases that were read again.
    """
    before, after, reader, case = _pairs(reads)
    bootstrap = {"draws": DRAWS, "seed": seed, "unit": "case"}
    if not len(before):
        return block(
            "no_ratings",
            _NO_REPEATS,
            pairs=0,
            percent_agreement=None,
            weighted_kappa=None,
            percent_agreement_ci95=None,
            weighted_kappa_ci95=None,
            by_reader=[],
            bootstrap=bootstrap,
        )
    code = {name: code for code, name in enumerate(reads.reader.names)}
    readers = natural_order(reads.reader.names[each] for each in np.unique(reader))
    by_reader = []
    for name in readers:
        own = reader == code[name]
        within = _within(before[own], after[own], case[own], seed)
        by_reader.append({"reader": name, **within})
    whole = _within(before, after, case, seed)
    return whole | {"by_reader": by_reader, "bootstrap": bootstrap}


def _pairs(reads: Reads) -> tuple[Integers, Integers, Integers, Integers]:
    """First and repeated grade, reader and case of every repeat of a graded report."""
    first, again = reads.graded, reads.included & reads.repeat & (reads.grade > 0)
    key = reads.report
    order = np.argsort(key[first])
    known = key[first][order]
    place = np.searchsorted(known, key[again])
    found = np.zeros(len(place), dtype=np.bool_)
    inside = place < len(known)
    found[inside] = known[place[inside]] == key[again][inside]
    before = reads.grade[first][order][place[found]]
    after, reader = reads.grade[again][found], reads.reader.codes[again][found]
    case = reads.case.codes[again][found]
    return before.astype(np.int64), after.astype(np.int64), reader, case


def _within(before: Integers, after: Integers, case: Integers, seed: int) -> Block:
    table = np.zeros((len(GRADES), len(GRADES)), np.int64)
    np.add.at(table, (before - 1, after - 1), 1)
    kappa = weighted_kappa(table)
    pairs = len(before)
    terms = [np.ones_like(before), before, before**2, after, after**2, before * after]
    cases, place = np.unique(case, return_inverse=True)
    sums = np.zeros((len(cases), len(terms) + 1))
    np.add.at(sums, place, np.stack([*terms, before == after], axis=1))
    drawn = drawn_sums(sums, seed=seed)
    undefined = ("one_category", MOSTLY_UNDEFINED)
    share, why_share = interval(ratio(drawn[:, 6], drawn[:, 0]), len(cases), undefined)
    of_kappa, why = interval(kappa_of_sums(drawn[:, :6]), len(cases), undefined)
    reasons = [] if kappa is not None else [("one_category", _ONE_CATEGORY)]
    reasons += [
        each for each in (why_share, why if kappa is not None else None) if each
    ]
    sentences = dict.fromkeys(sentence for _, sentence in reasons)
    return block(
        reasons[0][0] if reasons else "ok",
        " ".join(sentences) if reasons else None,
        pairs=pairs,
        percent_agreement=int(np.trace(table)) / pairs,
        weighted_kappa=kappa,
        percent_agreement_ci95=share,
        weighted_kappa_ci95=of_kappa if kappa is not None else None,
    )
