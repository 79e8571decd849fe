"""Which cases and which arms of them a reader reads: the allocation, without any order.

The layouts of analysis/statistics/planning/designs.py reckon with the same sizes.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from readerstudy.presentation.randomise import Infeasible, SeededStream


def split_plot(
    *,
    readers: Sequence[str],
    strata: Mapping[str, str],
    groups: int,
    anchors: int,
    seed: int,
) -> dict[str, list[str]]:
    """The cases of each reader, where groups of readers share the cases out.

    Readers join the groups in turn, in the order in which they are named, so that a
    reader who comes later changes no list. Every group reads the anchors, drawn by
    stratum; of all other cases it has its own, as many of each stratum as the others,
    within one. Raises Infeasible where a group would lack a reader or a case.
    """
    if groups < 2:
        raise Infeasible("Cases are shared out between two groups at the least.")
    if len(readers) < groups:
        raise Infeasible(
            f"{groups} groups need {groups} readers at the least; there are "
            f"{len(readers)}. Name more readers or ask for fewer groups."
        )
    if len(strata) - anchors < groups:
        raise Infeasible(
            f"{groups} groups need {groups} cases besides the {anchors} that all read; "
            f"there are {len(strata)} in all. Draw more cases or ask for fewer."
        )
    order = in_strata(strata, SeededStream("split plot/1", seed))
    left = shared_out(anchors, Counter(strata.values()))
    for_all: list[str] = []
    rest: list[str] = []
    for case in order:
        is_anchor = left[strata[case]] > 0
        left[strata[case]] -= is_anchor
        (for_all if is_anchor else rest).append(case)
    of_group = [rest[(group - anchors) % groups :: groups] for group in range(groups)]
    return {
        reader: for_all + of_group[place % groups]
        for place, reader in enumerate(readers)
    }


def one_report(
    *,
    readers: Sequence[str],
    strata: Mapping[str, str],
    arms: Sequence[str],
    seed: int,
) -> dict[str, dict[str, str]]:
    """The one arm of every case that each reader reads.

    The arms take turns over cases and readers: those of a reader differ by one at most,
    over all cases and in each stratum, and so do those of a case over its readers.
    """
    stream = SeededStream("one report/1", seed)
    turns = stream.shuffled(sorted(arms))
    cases = in_strata(strata, stream)
    return {
        reader: {
            case: turns[(place + number) % len(turns)]
            for number, case in enumerate(cases)
        }
        for place, reader in enumerate(readers)
    }


def in_strata(strata: Mapping[str, str], stream: SeededStream) -> list[str]:
    """The cases stratum by stratum, in random order within each."""
    order: list[str] = []
    for stratum in sorted(set(strata.values())):
        held = sorted(case for case, its in strata.items() if its == stratum)
        order += stream.shuffled(held)
    return order


def shared_out(number: int, sizes: Mapping[str, int]) -> dict[str, int]:
    """Share a number out over strata by their sizes (largest remainders)."""
    total = max(1, sum(sizes.values()))
    shares = {name: number * size // total for name, size in sizes.items()}
    by_rest = sorted(sizes, key=lambda name: (-(number * sizes[name] % total), name))
    for name in by_rest[: number - sum(shares.values())]:
        shares[name] += 1
    return shares
