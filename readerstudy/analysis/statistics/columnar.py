"""Rows of text turned into columns, a chunk at a time, so that few are in memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

import numpy as np

from readerstudy.analysis.statistics.reads import Integers, Names

# Long lists of lists keep the garbage collector busy: a thousand rows are fastest.
CHUNK = 1_000
Value = TypeVar("Value")


class _Codes(dict[str, int]):
    """The code of every cell met so far; a cell that is new is cleaned, once."""

    def __init__(self, clean: Callable[[str], str]) -> None:
        super().__init__()
        self._clean = clean
        self.code_of_name: dict[str, int] = {}

    def __missing__(self, cell: str) -> int:
        name = self._clean(cell)
        code = self.code_of_name.setdefault(name, len(self.code_of_name))
        self[cell] = code
        return code


class Column:
    """A growing column of text: every distinct cell is kept once."""

    def __init__(self, clean: Callable[[str], str]) -> None:
        self._codes = _Codes(clean)
        self._chunks: list[Integers] = []

    def extend(self, cells: Sequence[str]) -> None:
        """Take the cells of one more chunk."""
        codes = map(self._codes.__getitem__, cells)
        self._chunks.append(np.fromiter(codes, dtype=np.int32, count=len(cells)))

    def names(self) -> Names:
        """The whole column."""
        none = np.zeros(0, dtype=np.int32)
        codes = np.concatenate(self._chunks) if self._chunks else none
        return Names(tuple(self._codes.code_of_name), codes)


def in_chunks(values: Iterable[Value]) -> Iterator[list[Value]]:
    """Lists of at most CHUNK values."""
    left = iter(values)
    while chunk := list(islice(left, CHUNK)):
        yield chunk
