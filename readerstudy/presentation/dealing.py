"""The lists of every reader by the design of the protocol: a pure function.

The design of the paper is the one that needs nothing said: crossed, arms mixed, no
repeats. Each reader has a stream of random numbers of their own, so that a reader who
is named after the others changes no other list.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import gcd, lcm

from readerstudy.presentation.randomise import (
    Deal,
    Infeasible,
    SeededStream,
    arm_per_round,
    deal_pairs,
    require_names,
    rounds_of,
)
from readerstudy.presentation.repeats import (
    chosen_again,
    order_with_repeats,
    tail_and_sessions,
)
from readerstudy.presentation.sessions import WITHOUT_LIMIT, SessionPlan
from readerstudy.presentation.who_reads import one_report, split_plot
from readerstudy.presentation.williams import williams

CROSSED, SPLIT_PLOT, ONE_REPORT = "crossed", "split_plot", "one_report"
MIXED, WILLIAMS = "mixed", "williams"
_CHOICES = {
    "allocation": (CROSSED, SPLIT_PLOT, ONE_REPORT),
    "arm_order": (MIXED, WILLIAMS),
}


@dataclass(frozen=True)
class Design:
    """Who reads what; the names are those of the protocol. `pairs`: side by side."""

    allocation: str = CROSSED
    reader_groups: int = 2
    anchor_cases: int = 0
    arm_order: str = MIXED
    hidden_repeats: int = 0
    pairs: bool = False

    def __post_init__(self) -> None:
        for name, known in _CHOICES.items():
            if getattr(self, name) not in known:
                raise ValueError(f"{name} is none of {', '.join(known)}.")


@dataclass(frozen=True)
class _List:
    """What a reader reads: of each case its arms, in the order of the rounds."""

    reader: str
    arms_of: dict[str, list[str]]

    @property
    def rounds(self) -> int:
        return len(next(iter(self.arms_of.values())))


def deal_design(
    design: Design,
    *,
    readers: Sequence[str],
    strata: Mapping[str, str],
    arms: Sequence[str],
    minimum_distance: int,
    seed: int,
    plan: SessionPlan = WITHOUT_LIMIT,
) -> list[Deal]:
    """Deal a study, by reader and position. `strata` holds the stratum of each case.

    Raises Infeasible, with a sentence that names what to change, where the design can't
    be dealt to these readers, cases and arms.
    """
    require_names(readers, list(strata), arms)
    _require_together(design)
    cases_of = _cases_of(design, readers, strata, seed)
    if design.pairs:
        return [
            each
            for reader in readers
            for each in deal_pairs(
                readers=[reader],
                cases=cases_of[reader],
                arms=arms,
                seed=seed,
                plan=plan,
            )
        ]
    deals: list[Deal] = []
    chosen_arms = (
        one_report(readers=readers, strata=strata, arms=arms, seed=seed)
        if design.allocation == ONE_REPORT
        else None
    )
    for place, reader in enumerate(readers):
        # The stream of the paper's design, whose lists must not change.
        stream = SeededStream("deal/1", seed, reader)
        cases = sorted(cases_of[reader])
        if chosen_arms is not None:
            arms_of = {case: [chosen_arms[reader][case]] for case in cases}
        elif design.arm_order == WILLIAMS:
            order = _order_of_arms(design, place, arms, seed)
            arms_of = dict.fromkeys(cases, order)
        else:
            arms_of = arm_per_round(cases, sorted(arms), stream)
        deals += _list(
            design, _List(reader, arms_of), strata, minimum_distance, stream, plan
        )
    return deals


def _require_together(design: Design) -> None:
    """Refuse choices that exclude each other."""
    if design.pairs and design.hidden_repeats:
        raise Infeasible(
            "Two reports side by side don't come again. Set the hidden repeats to 0, "
            "or show one report at a time."
        )
    if design.allocation == ONE_REPORT and design.hidden_repeats:
        raise Infeasible(
            "With one report per radiograph, one that comes again is a repeat, and "
            "every reader would see it. Set the hidden repeats to 0, or let readers "
            "read every report."
        )
    if design.pairs and design.allocation == ONE_REPORT:
        raise Infeasible(
            "Two reports side by side are two reports of one radiograph. Let readers "
            "read every report, or show one report at a time."
        )
    if design.arm_order == WILLIAMS and (
        design.pairs or design.allocation == ONE_REPORT
    ):
        raise Infeasible(
            "In Williams orders a reader reads one arm after the other, and so all "
            "reports of a radiograph, one at a time. Mix the arms instead."
        )


def _cases_of(
    design: Design, readers: Sequence[str], strata: Mapping[str, str], seed: int
) -> dict[str, list[str]]:
    """The cases of each reader."""
    if design.allocation != SPLIT_PLOT:
        return {reader: list(strata) for reader in readers}
    return split_plot(
        readers=readers,
        strata=strata,
        groups=design.reader_groups,
        anchors=design.anchor_cases,
        seed=seed,
    )


def _order_of_arms(
    design: Design, place: int, arms: Sequence[str], seed: int
) -> list[str]:
    """The Williams order of the reader at a place.

    The rows are used in turn, over all readers. Where groups and rows have a divisor in
    common, a group would meet some of the rows alone: once a block of both is full, the
    next begins one row later.
    """
    stream = SeededStream("williams/1", seed)
    names = stream.shuffled(sorted(arms))
    rows = stream.shuffled(williams(len(names)))
    groups = design.reader_groups if design.allocation == SPLIT_PLOT else 1
    block = lcm(groups, len(rows))
    shift = place // block if gcd(groups, len(rows)) > 1 else 0
    row = rows[(place + shift) % len(rows)]
    return [names[arm] for arm in row]


def _list(
    design: Design,
    wanted: _List,
    strata: Mapping[str, str],
    distance: int,
    stream: SeededStream,
    plan: SessionPlan,
) -> list[Deal]:
    """Order one reader's list."""
    cases, rounds, again = sorted(wanted.arms_of), wanted.rounds, design.hidden_repeats
    distance = max(distance, 1)
    if distance > len(cases) and (rounds > 1 or again):
        raise Infeasible(
            f"With {len(cases)} cases two reports of one radiograph can be at most "
            f"{len(cases)} reads apart; the protocol asks for {distance}. Lower the "
            "distance or let each reader read more cases."
        )
    if not again:
        sessions = plan.sessions(reads=len(cases), rounds=rounds)
        order = rounds_of(cases, rounds, distance, stream)
        return [
            Deal(
                wanted.reader,
                case,
                wanted.arms_of[case][number // len(cases)],
                number + 1,
                sessions[number],
            )
            for number, case in enumerate(order)
        ]
    arm_again = chosen_again(
        arms_of=wanted.arms_of, strata=strata, number=again, stream=stream
    )
    tail, sessions = tail_and_sessions(
        plan, cases=len(cases), rounds=rounds, repeats=again, distance=distance
    )
    places = order_with_repeats(
        cases,
        rounds=rounds,
        again=list(arm_again),
        tail=tail,
        distance=distance,
        stream=stream,
    )
    return [
        Deal(
            wanted.reader,
            place.case,
            arm_again[place.case]
            if place.repeat
            else wanted.arms_of[place.case][place.turn],
            number + 1,
            sessions[number],
            repeat=place.repeat,
        )
        for number, place in enumerate(places)
    ]
