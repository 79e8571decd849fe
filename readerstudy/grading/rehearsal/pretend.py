"""The list of a pretend reader: a pure function, and no real reader's list."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from readerstudy.presentation.dealing import SPLIT_PLOT, Design, deal_design
from readerstudy.presentation.randomise import Deal, Infeasible
from readerstudy.presentation.sessions import SessionPlan

# Readers are R1, R2 and so on: none has this code.
READER = "R0"

Page = tuple[Deal, ...]


@dataclass(frozen=True)
class PretendList:
    """The pages of a list, in order; a page is one read, or the two of a pair.

    note  why the list is not dealt as the protocol's design asks, or ""
    """

    pages: tuple[Page, ...]
    note: str = ""


def seed_of(seed: int) -> int:
    """A seed of its own, so that the list tells nothing of a list that counts."""
    digest = hashlib.sha256(f"rehearsal\x1f{seed}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def most_readable(
    arms_of: Mapping[str, frozenset[str]],
) -> tuple[list[str], frozenset[str]]:
    """The cases and arms that make the longest list: each case has every arm.

    arms_of: the arms of which a case has a report. At least two arms; empty where no
    case has reports of two.
    """
    best: tuple[list[str], frozenset[str]] = ([], frozenset())
    for arms in sorted(
        {each for each in arms_of.values() if len(each) > 1}, key=sorted
    ):
        cases = [case for case, held in arms_of.items() if arms <= held]
        if len(cases) * len(arms) > len(best[0]) * len(best[1]):
            best = cases, arms
    return best


def pretend_list(
    design: Design,
    *,
    strata: Mapping[str, str],
    arms: list[str],
    minimum_distance: int,
    seed: int,
    plan: SessionPlan,
) -> PretendList:
    """Deal the list of a reader who is none of the study's.

    What can't be dealt as the design asks, to few cases above all, is dealt as near to
    it as can be, with a note. `strata` holds the stratum of each case. Raises
    Infeasible where nothing can be dealt: more than two arms side by side.
    """
    groups = design.reader_groups if design.allocation == SPLIT_PLOT else 1
    # The first of as many as the design must have; nobody reads the others' lists.
    names = [READER, *(f"{READER}.{number}" for number in range(1, groups))]
    near = min(minimum_distance, len(strata))
    plain = Design(pairs=design.pairs)
    note = ""
    for attempt, distance in (design, minimum_distance), (design, near), (plain, near):
        try:
            deals = deal_design(
                attempt,
                readers=names,
                strata=strata,
                arms=arms,
                minimum_distance=distance,
                seed=seed_of(seed),
                plan=plan,
            )
        except Infeasible as problem:
            note = note or str(problem)
        else:
            return PretendList(_pages(deals), note)
    raise Infeasible(note)


def _pages(deals: list[Deal]) -> tuple[Page, ...]:
    """The pages of the pretend reader: the sides of a pair are read together."""
    pages: list[Page] = []
    for deal in deals:
        if deal.reader != READER:
            continue
        if deal.side == 2:
            pages[-1] += (deal,)
        else:
            pages.append((deal,))
    return tuple(pages)
