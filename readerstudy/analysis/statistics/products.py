"""Products of long matrices, alike to the last digit on any number of cores.

The linear algebra library shares a large product among threads: the order of its sums
depends on how many there are, and on a busy machine they wait for each other far
longer than they compute. Blocks that are too small to be shared avoid both.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.floating[Any]]

_LENGTH = 32
# OpenBLAS shares nothing below 2^18 multiplications.
_SMALL = 200_000


def long_product(left: Matrix, right: Matrix) -> Matrix:
    """`left[row, n] @ right[n, column]`, summed over blocks of n."""
    rows = max(1, _SMALL // (_LENGTH * max(right.shape[1], 1)))
    pieces = [
        _piece(left[start : start + rows], right) for start in range(0, len(left), rows)
    ]
    return np.concatenate(pieces) if pieces else left @ right


def _piece(left: Matrix, right: Matrix) -> Matrix:
    rows, length = left.shape
    blocks, whole = length // _LENGTH, length - length % _LENGTH
    first = left[:, :whole].reshape(rows, blocks, _LENGTH).swapaxes(0, 1)
    second = right[:whole].reshape(blocks, _LENGTH, right.shape[1])
    found: Matrix = np.matmul(first, second).sum(axis=0)
    found += left[:, whole:] @ right[whole:]
    return found
