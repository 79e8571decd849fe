"""What a reader of the results should know about the table of reads itself."""

from collections.abc import Iterable, Sequence

from readerstudy.analysis.statistics.table import Read, natural_order

_MOST_NAMES = 3


def cautions(reads: Sequence[Read], named: Sequence[str]) -> list[str]:
    """Sentences about arms left out, doubtful names and contradictory strata.

    `named` are the arms that were asked for, in their order.
    """
    graded = {read.arm for read in reads if read.counts and read.grade}
    found = [
        f"Arm {arm} has no grades and is left out of the comparison."
        for arm in named
        if arm not in graded
    ]
    if "all" in graded:
        found.append(
            "Under agreement, all stands for the pooled arms; the arm of that name has "
            "no figures of its own there."
        )
    for kind, names in (
        ("readers", {read.reader for read in reads}),
        ("cases", {read.case for read in reads}),
        ("arms", set(named)),
    ):
        found += _alike(kind, names)
    counting = [read for read in reads if read.counts]
    rated = [read for read in counting if read.grade]
    if rated:
        for kind, asked, given in (
            ("readers gave", {r.reader for r in counting}, {r.reader for r in rated}),
            ("cases got", {r.case for r in counting}, {r.case for r in rated}),
        ):
            found += _ungraded(kind, asked, given)
    return found + _strata(rated)


def _alike(kind: str, names: Iterable[str]) -> list[str]:
    """Names that differ in case or spacing alone are taken apart, perhaps wrongly."""
    groups: dict[str, list[str]] = {}
    for name in natural_order(names):
        groups.setdefault(" ".join(name.casefold().split()), []).append(name)
    return [
        f"The {kind} {' and '.join(group)} are taken for different ones."
        for group in groups.values()
        if len(group) > 1
    ]


def _ungraded(what: str, asked: set[str], rated: set[str]) -> list[str]:
    """Those with rows and without a grade: the results are about the others."""
    without = natural_order(asked - rated)
    if not without:
        return []
    return [f"{len(without)} of {len(asked)} {what} no grade: {_some(without)}."]


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_MOST_NAMES]) + (", ..." if names[_MOST_NAMES:] else "")


def _strata(rated: Sequence[Read]) -> list[str]:
    said: dict[str, set[str]] = {}
    for read in rated:
        if read.stratum:
            said.setdefault(read.case, set()).add(read.stratum)
    torn = natural_order(case for case, strata in said.items() if len(strata) > 1)
    if not torn:
        return []
    return [
        "A case has one stratum, the one that most of its reads name; "
        f"{len(torn)} here have several: {_some(torn)}."
    ]
