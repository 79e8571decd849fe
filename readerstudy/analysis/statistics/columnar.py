"""Rows of text turned into columns, a chunk at a time, so that few are in memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

import numpy as np

from readerstudy.analysis.statistics.reads import Integers, Names

# Long lists of lists keep the garbage collector busy: a thousand rows are fastest.
CHUNK = 1_000
Value = TypeVar("Value")


class Column:
    """A growing column of text: every distinct cell is kept, and cleaned, once."""

    def __init__(self, clean: Callable[[str], str]) -> None:
        self._clean = clean
        self._code_of_cell: dict[str, int] = {}
        self._code_of_name: dict[str, int] = {}
        self._chunks: list[Integers] = []

    def extend(self, cells: Sequence[str]) -> None:
        """Take the cells of one more chunk."""
        # The site starts without pandas; it comes with the first table of reads.
        import pandas as pd

        array = np.empty(len(cells), dtype=object)
        array[:] = cells
        codes, distinct = pd.factorize(array)
        self._chunks.append(self._known(distinct.tolist())[codes])

    def _known(self, cells: list[str]) -> Integers:
        for cell in cells:
            if cell not in self._code_of_cell:
                name = self._clean(cell)
                code = self._code_of_name.setdefault(name, len(self._code_of_name))
                self._code_of_cell[cell] = code
        return np.array([self._code_of_cell[cell] for cell in cells], dtype=np.int32)

    def names(self) -> Names:
        """The whole column."""
        none = np.zeros(0, dtype=np.int32)
        codes = np.concatenate(self._chunks) if self._chunks else none
        return Names(tuple(self._code_of_name), codes)


def in_chunks(values: Iterable[Value]) -> Iterator[list[Value]]:
    """Lists of at most CHUNK values."""
    left = iter(values)
    while chunk := list(islice(left, CHUNK)):
        yield chunk
