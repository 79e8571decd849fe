"""Drawing the cases of a study from a collection: stratified, seeded, repeatable.

Whoever has the protocol's `case_set` can draw again with this module alone.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

METHOD = "draw/1"
STRATA = ("normal", "abnormal", "unknown")


class TooFew(ValueError):
    """A stratum holds fewer cases than the protocol asks for."""


@dataclass(frozen=True)
class Struck:
    """A case excluded after the draw; if `replaced`, the next one takes its place."""

    code: str
    replaced: bool


@dataclass
class Outcome:
    """The cases of a study, and which case came for which."""

    codes: list[str]
    replacements: dict[str, str | None] = field(default_factory=dict)


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
        wanted = _wanted(codes, sizes.get(stratum))
        if wanted > len(codes):
            raise TooFew(
                f"{wanted} {stratum} cases are asked for, but only {len(codes)} can be "
                "drawn."
            )
        drawn.extend(ranking(codes, stratum=stratum, seed=seed)[:wanted])
    return sorted(drawn)


def ranking(codes: Sequence[str], *, stratum: str, seed: int) -> list[str]:
    """The codes of a stratum in the order in which they would be drawn."""
    return sorted(codes, key=lambda code: _rank(seed, stratum, code))


def draw_and_strike(
    *,
    codes_by_stratum: Mapping[str, Sequence[str]],
    sizes: Mapping[str, int | None],
    seed: int,
    struck: Sequence[Struck],
) -> Outcome:
    """Draw, then take out what was excluded afterwards, in the order of exclusion.

    A case that is replaced makes room for the next of its stratum's ranking that was
    neither drawn nor excluded so far; where none is left, its place stays empty. One
    that was not drawn is only passed over from then on.
    """
    taken = set(draw(codes_by_stratum=codes_by_stratum, sizes=sizes, seed=seed))
    outcome = Outcome([])
    if struck:
        waiting = _Waiting(codes_by_stratum, sizes, seed)
        for each in struck:
            waiting.gone.add(each.code)
            if each.code in taken:
                taken.remove(each.code)
                following = waiting.next_for(each.code) if each.replaced else None
                taken |= {following} if following else set()
                outcome.replacements[each.code] = following
    outcome.codes = sorted(taken)
    return outcome


class _Waiting:
    """The cases that were not drawn, by stratum, in the order of the ranking."""

    def __init__(
        self,
        codes_by_stratum: Mapping[str, Sequence[str]],
        sizes: Mapping[str, int | None],
        seed: int,
    ) -> None:
        self.gone: set[str] = set()
        self._stratum_of: dict[str, str] = {}
        self._lines: dict[str, list[str]] = {}
        for stratum, codes in codes_by_stratum.items():
            self._stratum_of |= dict.fromkeys(codes, stratum)
            ranked = ranking(codes, stratum=stratum, seed=seed)
            wanted = _wanted(codes, sizes.get(stratum))
            self._lines[stratum] = ranked[: wanted - 1 : -1] if wanted else ranked[::-1]

    def next_for(self, code: str) -> str | None:
        """Take the first that waits in a case's stratum and was not excluded."""
        line = self._lines[self._stratum_of[code]]
        while line:
            following = line.pop()
            if following not in self.gone:
                return following
        return None


def replay_case_set(block: Mapping[str, Any]) -> list[str]:
    """The codes of a study's cases, worked out from its protocol's `case_set` alone.

    Raises ValueError where the block does not say what the draw needs, or was drawn by
    a rule that this module does not have.
    """
    candidates = block.get("candidates")
    if not isinstance(candidates, Mapping):
        raise ValueError(
            "The protocol does not list the candidates of the draw, as protocols of "
            "earlier versions did not."
        )
    if block.get("method") != METHOD:
        raise ValueError(f"The draw was made by {block.get('method')}, not {METHOD}.")
    outcome = draw_and_strike(
        codes_by_stratum=candidates,
        sizes={stratum: block.get(stratum) for stratum in STRATA},
        seed=block["seed"],
        struck=[
            Struck(each["case"], each["replaced"])
            for each in block.get("exclusions") or ()
            if each["after_draw"]
        ],
    )
    return outcome.codes


def _wanted(codes: Sequence[str], size: int | None) -> int:
    return len(codes) if size is None else size


def _rank(seed: int, stratum: str, code: str) -> bytes:
    return hashlib.sha256(f"draw/1\x1f{seed}\x1f{stratum}\x1f{code}".encode()).digest()
