"""How far readers agree with themselves: first against repeated grade of a report."""

import numpy as np

from readerstudy.analysis.statistics.kappas import weighted_kappa
from readerstudy.analysis.statistics.reads import Integers, Reads
from readerstudy.analysis.statistics.sentences import Block, block
from readerstudy.analysis.statistics.table import GRADES, natural_order

_NO_REPEATS = "No report was graded twice by the same reader."
_ONE_CATEGORY = "Kappa is undefined: one category used."


def repeats(reads: Reads) -> Block:
    """Share of equal grades and quadratic weighted kappa, over and per reader."""
    tables = _tables(reads)
    if not tables:
        return block(
            "no_ratings",
            _NO_REPEATS,
            pairs=0,
            percent_agreement=None,
            weighted_kappa=None,
            by_reader=[],
        )
    whole = np.sum(list(tables.values()), axis=0)
    return _within(whole) | {
        "by_reader": [
            {"reader": reader, **_within(tables[reader])}
            for reader in natural_order(tables)
        ]
    }


def _tables(reads: Reads) -> dict[str, Integers]:
    """Per reader, how often grade i + 1 was followed by grade j + 1."""
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
    counts = np.zeros((len(reads.reader.names), len(GRADES), len(GRADES)), np.int64)
    np.add.at(counts, (reader, before - 1, after - 1), 1)
    return {reads.reader.names[code]: counts[code] for code in np.unique(reader)}


def _within(table: Integers) -> Block:
    kappa = weighted_kappa(table)
    pairs = int(table.sum())
    return block(
        "one_category" if kappa is None else "ok",
        _ONE_CATEGORY if kappa is None else None,
        pairs=pairs,
        percent_agreement=int(np.trace(table)) / pairs,
        weighted_kappa=kappa,
    )
