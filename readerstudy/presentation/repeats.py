"""Reports that come again in a reader's list, unannounced.

The list is built from its end: first the tail, in which repeats are mixed with the last
first readings, then what comes before it, round by round. A place takes any case whose
next reading lies far enough ahead, so that the distance holds for repeats as well; with
a tail of `cases - distance` first readings at most, such a case is never lacking.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from readerstudy.presentation.randomise import Infeasible, SeededStream
from readerstudy.presentation.sessions import SessionPlan
from readerstudy.presentation.who_reads import shared_out


@dataclass(frozen=True)
class Place:
    """One place of a list: `turn` counts the case's readings from 0."""

    case: str
    turn: int
    repeat: int = 0


def chosen_again(
    *,
    arms_of: Mapping[str, Sequence[str]],
    strata: Mapping[str, str],
    number: int,
    stream: SeededStream,
) -> dict[str, str]:
    """Choose the reports of a reader's list that come again: an arm by case.

    Of a radiograph one report at most; strata by their sizes, and in each the arms as
    equal as can be. Raises Infeasible where there are too few cases.
    """
    if number > len(arms_of):
        raise Infeasible(
            f"Of each radiograph one report may come again: a reader with "
            f"{len(arms_of)} cases can't have {number} repeats. Ask for fewer or draw "
            "more cases."
        )
    quotas = shared_out(number, Counter(strata[case] for case in arms_of))
    arms = stream.shuffled(sorted({arm for held in arms_of.values() for arm in held}))
    overall: Counter[str] = Counter()
    chosen: dict[str, str] = {}
    for stratum in sorted(quotas):
        left = stream.shuffled(sorted(c for c in arms_of if strata[c] == stratum))
        here: Counter[str] = Counter()
        for _ in range(quotas[stratum]):
            held = {arm for case in left for arm in arms_of[case]}
            arm = min(
                (arm for arm in arms if arm in held),
                key=lambda each: (here[each], overall[each]),
            )
            case = next(case for case in left if arm in arms_of[case])
            left.remove(case)
            chosen[case] = arm
            here[arm] += 1
            overall[arm] += 1
    return chosen


def tail_and_sessions(
    plan: SessionPlan, *, cases: int, rounds: int, repeats: int, distance: int
) -> tuple[int, list[int]]:
    """How many first readings the repeats are mixed with, and each place's session.

    Where a list has sessions, a repeat lies in a later one than its first reading:
    mixed into the last session, or in sessions of their own where the reports of a
    radiograph lie days apart or the last session has no room.
    """
    together = SessionPlan(plan.limit).sessions(
        reads=cases * rounds + repeats, rounds=1
    )
    most = min(cases - distance, cases - repeats)
    if not plan.rounds_apart:
        if together[-1] == 1:
            return most // 2, together
        beside = together.count(together[-1]) - repeats
        if 0 <= beside <= most:
            return beside, together
    first = plan.sessions(reads=cases, rounds=rounds)
    own = SessionPlan(plan.limit).sessions(reads=repeats, rounds=1)
    return 0, first + [first[-1] + number for number in own]


def order_with_repeats(
    cases: Sequence[str],
    *,
    rounds: int,
    again: Sequence[str],
    tail: int,
    distance: int,
    stream: SeededStream,
) -> list[Place]:
    """Order a list in which the cases of `again` have one reading more."""
    twice = set(again)
    once = stream.shuffled([case for case in cases if case not in twice])
    last = rounds - 1
    backwards = stream.shuffled(
        [Place(case, rounds, repeat=1) for case in again]
        + [Place(case, last) for case in once[:tail]]
    )
    read_at = {place.case: at for at, place in enumerate(backwards)}
    for turn in range(last, -1, -1):
        pool = [*once[tail:], *again] if turn == last else list(cases)
        # A case that has not been placed yet is free at once.
        waiting = sorted(pool, key=lambda case: (read_at.get(case, -distance), case))
        free: list[str] = []
        released = 0
        for at in range(len(backwards), len(backwards) + len(pool)):
            while released < len(waiting) and (
                read_at.get(waiting[released], -distance) + distance <= at
            ):
                free.append(waiting[released])
                released += 1
            chosen = stream.below(len(free))
            free[chosen], free[-1] = free[-1], free[chosen]
            case = free.pop()
            backwards.append(Place(case, turn))
            read_at[case] = at
    return backwards[::-1]
