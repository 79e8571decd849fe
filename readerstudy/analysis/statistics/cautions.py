"""What a reader of the results should know about the table of reads itself."""

from collections.abc import Iterable, Sequence

import numpy as np

from readerstudy.analysis.statistics.blinding import GUESSES, UNKNOWN
from readerstudy.analysis.statistics.errors import PREFIX, is_count
from readerstudy.analysis.statistics.preference import EQUAL
from readerstudy.analysis.statistics.reads import Reads
from readerstudy.analysis.statistics.table import MOST_STRATA, natural_order

_MOST_NAMES = 3


def cautions(reads: Reads, named: Sequence[str]) -> list[str]:
    """Sentences about arms left out, doubtful names and contradictory strata.

    `named` are the arms that were asked for, in their order.
    """
    graded = reads.arm.among(reads.graded)
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
        ("readers", reads.reader.names),
        ("cases", reads.case.names),
        ("arms", set(named)),
    ):
        found += _alike(kind, names)
    if reads.graded.any():
        for kind, column in (
            ("readers gave", reads.reader),
            ("cases got", reads.case),
        ):
            asked, given = column.among(reads.counting), column.among(reads.graded)
            found += _ungraded(kind, asked, given)
    return found + _strata(reads) + _unread(reads, named)


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


def _strata(reads: Reads) -> list[str]:
    """Cases whose reads name more than one stratum."""
    named = reads.graded & ~reads.stratum.is_any([""])
    said = np.unique(
        np.stack([reads.case.codes[named], reads.stratum.codes[named]]), axis=1
    )
    cases, strata = np.unique(said[0], return_counts=True)
    if len(reads.stratum.among(named)) > MOST_STRATA:
        return [
            f"The column stratum names more than {MOST_STRATA} strata and is left out."
        ]
    torn = natural_order(reads.case.names[case] for case in cases[strata > 1])
    if not torn:
        return []
    return [
        "A case has one stratum, the one that most of its reads name; "
        f"{len(torn)} here have several: {_some(torn)}."
    ]


def _unread(reads: Reads, arms: Sequence[str]) -> list[str]:
    """Cells of further columns that hold something else than the column may."""
    found = []
    if EQUAL in arms and "preference" in reads.more:
        found.append(
            f"In the column preference, {EQUAL} stands for a tie; the arm of that name "
            "is never preferred."
        )
    for name, column in reads.more.items():
        if name == "preference":
            fits, expected = (
                [text in {"", EQUAL, *arms} for text in column.names],
                (f"an arm or {EQUAL}"),
            )
        elif name == "guess_source":
            known = {"", *GUESSES, *UNKNOWN}
            fits = [text.lower() in known for text in column.names]
            expected = "person, model or unknown"
        elif name.startswith(PREFIX):
            fits = [is_count(text) for text in column.names]
            expected = "a number of errors"
        else:
            continue
        odd = ~np.array(fits)[column.codes] & reads.counting
        if odd.any():
            texts = _some(natural_order(column.among(odd)))
            found.append(
                f"Column {name}: {int(odd.sum())} cells hold something else than "
                f"{expected} and are left out: {texts}."
            )
    return found
