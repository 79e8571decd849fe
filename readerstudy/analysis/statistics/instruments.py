"""Answers to the further questions of a read: counts and shares per arm."""

from collections.abc import Sequence

import numpy as np

from readerstudy.analysis.statistics.reads import Reads
from readerstudy.analysis.statistics.sentences import Block, block
from readerstudy.analysis.statistics.table import natural_order

INSTRUMENTS = ("referable", "radpeer", "hallucination", "clarity", "confidence")
_NONE = "No answers: the table holds none to a further question."


def instruments(reads: Reads, arms: Sequence[str]) -> Block:
    """Counts of every answer that was given; shares are of the arm's answers."""
    rows: list[Block] = []
    place = reads.arm.places(arms)
    for name in INSTRUMENTS:
        column = reads.column(name)
        used = reads.counting & ~column.is_any([""]) & (place >= 0)
        counts = np.zeros((len(arms), len(column.names)), dtype=np.int64)
        np.add.at(counts, (place[used], column.codes[used]), 1)
        code = {answer: index for index, answer in enumerate(column.names)}
        for index, arm in enumerate(arms):
            total = int(counts[index].sum())
            for answer in natural_order(column.names):
                number = int(counts[index, code[answer]])
                if number:
                    row = {"instrument": name, "arm": arm, "answer": answer}
                    rows.append(row | {"n": number, "share": number / total})
    if not rows:
        return block("no_ratings", _NONE, by_arm=[])
    return block("ok", None, by_arm=rows)
