"""Drawing the cases of a study from a collection: stratified, seeded, repeatable."""

import hashlib
from collections.abc import Mapping, Sequence


class TooFew(ValueError):
    """A stratum holds fewer cases than the protocol asks for."""


def draw(
    *,
    codes_by_stratum: Mapping[str, Sequence[str]],
    sizes: Mapping[str, int | None],
    seed: int,
) -> list[str]:
    """Draw the asked number of cases from each stratum without replacement.

    A size of None takes the whole stratum. The draw ranks cases by a hash of seed,
    stratum and code, so it does not depend on the order of import and stays the same
    for ever. Raises TooFew with a sentence for the coordinator.
    """
    drawn: list[str] = []
    for stratum in sorted({*codes_by_stratum, *sizes}):
        codes = codes_by_stratum.get(stratum, ())
        size = sizes.get(stratum)
        wanted = len(codes) if size is None else size
        if wanted > len(codes):
            raise TooFew(
                f"{wanted} {stratum} cases are asked for, but the collection has "
                f"{len(codes)} with an image."
            )
        ranked = sorted(codes, key=lambda code: _rank(seed, stratum, code))
        drawn.extend(ranked[:wanted])
    return sorted(drawn)


def _rank(seed: int, stratum: str, code: str) -> bytes:
    return hashlib.sha256(f"draw/1\x1f{seed}\x1f{stratum}\x1f{code}".encode()).digest()
