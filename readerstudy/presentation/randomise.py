"""Who reads what when: pure functions of the seed, which dealing.py puts together.

A reader's list has one round per arm. Every case comes once a round, so the reports
of one radiograph lie in different rounds; which arm comes first is balanced over
the cases; and a case returns only after the minimum distance. Each reader has a
stream of random numbers of their own, so adding a reader leaves the others alone.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from readerstudy.presentation.sessions import WITHOUT_LIMIT, SessionPlan

Item = TypeVar("Item")


class Infeasible(ValueError):
    """The design can't be dealt; the message says what to change."""


@dataclass(frozen=True)
class Deal:
    """One planned read.

    position  from 1 within the reader's list
    session   number of the reading session, from 1
    side      1 or 2 of a pair that is read side by side, else None
    repeat    1 for the second reading of a report, else 0
    """

    reader: str
    case: str
    arm: str
    position: int
    session: int = 1
    side: int | None = None
    repeat: int = 0


class SeededStream:
    """Random whole numbers from SHA-256 in counter mode.

    Python's own generators may change between versions; a protocol's seed must give
    the same lists in ten years.
    """

    def __init__(self, *parts: object) -> None:
        self._key = "\x1f".join(str(part) for part in parts).encode()
        self._counter = 0

    def below(self, bound: int) -> int:
        """Return a number from 0 to bound - 1, each equally likely."""
        limit = (1 << 64) - (1 << 64) % bound
        while True:
            block = hashlib.sha256(self._key + self._counter.to_bytes(8, "big"))
            self._counter += 1
            number = int.from_bytes(block.digest()[:8], "big")
            if number < limit:
                return number % bound

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        """Return the items in a random order (Fisher and Yates)."""
        result = list(items)
        for last in range(len(result) - 1, 0, -1):
            other = self.below(last + 1)
            result[last], result[other] = result[other], result[last]
        return result


def deal_pairs(
    *,
    readers: Sequence[str],
    cases: Sequence[str],
    arms: Sequence[str],
    seed: int,
    plan: SessionPlan = WITHOUT_LIMIT,
) -> list[Deal]:
    """Deal both reports of every case to every reader, side by side, once.

    Each arm stands on side 1 for half of a reader's cases, within one. Raises
    Infeasible unless there are two arms.
    """
    require_names(readers, cases, arms)
    if len(arms) != 2:
        raise Infeasible(
            f"Side by side two arms are compared; this study has {len(arms)}. Take the "
            "others out, or show one report at a time."
        )
    cases, arms = sorted(cases), sorted(arms)
    deals: list[Deal] = []
    for reader in readers:
        stream = SeededStream("pairs/1", seed, reader)
        arms_of = arm_per_round(cases, arms, stream)
        sessions = plan.sessions(reads=len(cases), rounds=1, weight=2)
        for number, case in enumerate(stream.shuffled(cases)):
            deals.extend(
                Deal(reader, case, arm, 2 * number + side, sessions[number], side)
                for side, arm in enumerate(arms_of[case], 1)
            )
    return deals


def require_names(
    readers: Sequence[str], cases: Sequence[str], arms: Sequence[str]
) -> None:
    for name, values in (("reader", readers), ("case", cases), ("arm", arms)):
        if not values:
            raise Infeasible(f"There is no {name} to deal to or from.")
        if len(set(values)) != len(values):
            raise ValueError(f"A {name} is listed twice.")


def arm_per_round(
    cases: Sequence[str], arms: Sequence[str], stream: SeededStream
) -> dict[str, list[str]]:
    """Give each case its order of arms, each arm equally often in each round.

    Rotations of a shuffled list of arms: in every round the arms' counts differ by
    one at most.
    """
    rotation = stream.shuffled(arms)
    count = len(rotation)
    return {
        case: [rotation[(number + turn) % count] for turn in range(count)]
        for number, case in enumerate(stream.shuffled(cases))
    }


def rounds_of(
    cases: Sequence[str], rounds: int, distance: int, stream: SeededStream
) -> list[str]:
    """Order the cases round by round, never nearer than the distance.

    In a later round a place takes any case whose last reading lies far enough back.
    At place t there are at least n - distance + 1 of them, so none is ever lacking.
    """
    order = stream.shuffled(cases)
    size = len(order)
    for start in range(size, size * rounds, size):
        previous = order[start - size : start]
        eligible: list[str] = []
        released = 0
        for place in range(start, start + size):
            # Position p of the last round is free again from p + distance on.
            while released < size and start - size + released + distance <= place:
                eligible.append(previous[released])
                released += 1
            chosen = stream.below(len(eligible))
            eligible[chosen], eligible[-1] = eligible[-1], eligible[chosen]
            order.append(eligible.pop())
    return order
