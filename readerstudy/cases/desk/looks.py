"""How a radiograph looks, in 256 bits: alike pictures have codes that differ in few.

The code is the sign pattern of the lowest cosine frequencies of a 64 x 64 reduction,
which stays nearly the same under another size, compression or window. 64 bits, as
usual for photographs, do not tell chest radiographs apart: one looks much like another.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import PIL.Image
from numpy.typing import NDArray

SIDE = 64
KEPT = 16
WORDS = KEPT * KEPT // 64
# Measured on 42 chest radiographs: the same one in another size, compression, window or
# gamma differs in 0 to 38 bits, cut by 2 % at each edge in 40 on average; any two of
# different patients differ in 80 or more, 117 on average.
ALIKE_BITS = 40
BLOCK = 512


@dataclass(frozen=True)
class Look:
    """What the pixels say by themselves.

    code       64 hexadecimal digits, or empty where there is nothing to be seen
    spread     greys of 256 between the 1st and the 99th percentile
    inverted   the corners are brighter than the middle of the picture
    """

    code: str
    spread: int
    inverted: bool


def look_of(greys: NDArray[np.uint8]) -> Look:
    """Return the look of an 8-bit rendering [rows, columns]."""
    # A sixteenth of the pixels tells as much of their spread.
    low, high = np.percentile(greys[::4, ::4], (1, 99))
    spread = round(float(high - low))
    small = np.asarray(
        PIL.Image.fromarray(greys, "L").resize(
            (SIDE, SIDE), PIL.Image.Resampling.LANCZOS
        ),
        dtype=np.float64,
    )
    has_look = spread >= 2
    return Look(_code(small) if has_look else "", spread, _is_inverted(small))


def _code(small: NDArray[np.float64]) -> str:
    waves = _waves()
    low = (waves @ small @ waves.T).reshape(-1)
    # The mean brightness says nothing of what is seen.
    bits = low > np.median(low[1:])
    return np.packbits(bits).tobytes().hex()


def _waves() -> NDArray[np.float64]:
    """The first rows of the cosine transform (DCT-II) of SIDE samples."""
    places = (np.arange(SIDE) + 0.5) * np.pi / SIDE
    waves: NDArray[np.float64] = np.cos(np.outer(np.arange(KEPT), places))
    return waves


def _is_inverted(small: NDArray[np.float64]) -> bool:
    edge = SIDE // 8
    corners = np.concatenate([small[:edge, :edge], small[:edge, -edge:]], axis=None)
    return bool(np.median(corners) > np.percentile(small, 75))


def pairs_alike(
    codes: Sequence[str], bits: int = ALIKE_BITS
) -> list[tuple[int, int, int]]:
    """Return which of the codes are alike: pairs of places, and the bits that differ.

    Every code is held against every later one: 10,000 take two seconds.
    """
    numbers = np.array([_words(code) for code in codes], dtype=np.uint64).reshape(
        -1, WORDS
    )
    found: list[tuple[int, int, int]] = []
    for start in range(0, len(numbers), BLOCK):
        differing = _differing(numbers[start : start + BLOCK], numbers[start:])
        firsts, seconds = np.nonzero(differing <= bits)
        found += [
            (start + int(first), start + int(second), int(differing[first, second]))
            for first, second in zip(firsts, seconds, strict=True)
            if first < second
        ]
    return found


def _words(code: str) -> list[int]:
    return [int(code[place : place + 16], 16) for place in range(0, 16 * WORDS, 16)]


def _differing(
    some: NDArray[np.uint64], all_: NDArray[np.uint64]
) -> NDArray[np.uint16]:
    """How many bits of each of some differ from each of all: [some, all]."""
    differing = np.zeros((len(some), len(all_)), dtype=np.uint16)
    for word in range(WORDS):
        differing += np.bitwise_count(some[:, word, None] ^ all_[None, :, word])
    return differing
