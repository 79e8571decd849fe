"""Whether readers could tell who wrote a report: the indices of James and of Bang."""

from collections.abc import Sequence

import numpy as np

from readerstudy.analysis.statistics.bootstrap import (
    DRAWS,
    MOSTLY_UNDEFINED,
    drawn_sums,
    interval,
    ratio,
)
from readerstudy.analysis.statistics.reads import Floats, Reads
from readerstudy.analysis.statistics.sentences import Block, block

GUESSES = ("person", "model", "unknown")
UNKNOWN = ("unknown", "dont_know", "don't know")
_NONE = "No guesses: no reader was asked who wrote a report."
_ONE_KIND = "No index: the guesses are about reports of one kind of author alone."
_NO_INDEX = "The index is undefined: the guesses about one kind of author are missing."
READING = (
    "James: 0 where every guess is right, 0.5 where readers guess at random, 1 where "
    "nobody knows or every guess is wrong. Bang, per arm: 0 where readers guess at "
    "random, 1 where every guess is right, -1 where every guess is wrong."
)


def blinding(
    reads: Reads, arms: Sequence[str], reference: str | None, *, seed: int = 0
) -> Block:
    """Indices with case-bootstrap intervals, for a reader's guesses share cases.

    An arm is a person's where it is the reference or is called ground truth.
    """
    kinds = [_kind(arm, reference) for arm in arms]
    sums = _sums(reads, arms)
    counts = sums.sum(axis=0)
    asked = [
        {"arm": arm, "kind": kind, "n": int(row.sum())}
        | {guess: int(n) for guess, n in zip(GUESSES, row, strict=True)}
        for arm, kind, row in zip(arms, kinds, counts, strict=True)
        if row.sum()
    ]
    common: Block = {"reads": int(counts.sum()), "asked": asked, "reading": READING}
    common["bootstrap"] = {"draws": DRAWS, "seed": seed, "unit": "case"}
    empty: Block = {"index": None, "ci95": None}
    if not asked:
        james_ = block("no_ratings", _NONE, **empty)
        return block("no_ratings", _NONE, **common, james=james_, bang=[])
    drawn = drawn_sums(sums.reshape(len(sums), -1), seed=seed)
    drawn = drawn.reshape(DRAWS, len(arms), len(GUESSES))
    bang_ = [
        {"arm": arm, "n": int(counts[index].sum())}
        | _index(
            bang(drawn[:, index], kinds[index]),
            bang(counts[index], kinds[index]),
            int((sums[:, index].sum(axis=1) > 0).sum()),
        )
        for index, arm in enumerate(arms)
        if counts[index].sum()
    ]
    if len({row["kind"] for row in asked}) < 2:
        james_ = block("too_few_arms", _ONE_KIND, **empty)
        return block("too_few_arms", _ONE_KIND, **common, james=james_, bang=bang_)
    found = _index(
        james(_by_kind(drawn, kinds)), james(_by_kind(counts, kinds)), len(sums)
    )
    return block("ok", None, **common, james=found, bang=bang_)


def _kind(arm: str, reference: str | None) -> str:
    return "person" if arm == reference or "ground_truth" in arm else "model"


def _sums(reads: Reads, arms: Sequence[str]) -> Floats:
    """[case, arm, guess]: how many readers guessed so, of cases with any guess."""
    column = reads.column("guess_source")
    place = {name: index for index, name in enumerate(GUESSES)}
    place |= dict.fromkeys(UNKNOWN, place["unknown"])
    known = np.array([place.get(name.lower(), -1) for name in column.names] or [-1])
    guess, arm = known[column.codes], reads.arm.places(arms)
    used = reads.counting & (guess >= 0) & (arm >= 0)
    cases, case = np.unique(reads.case.codes[used], return_inverse=True)
    sums = np.zeros((len(cases), len(arms), len(GUESSES)))
    np.add.at(sums, (case, arm[used], guess[used]), 1)
    return sums


def _by_kind(counts: Floats, kinds: Sequence[str]) -> Floats:
    """[..., kind, guess], persons first."""
    chosen = [np.array([kind == each for kind in kinds]) for each in GUESSES[:2]]
    return np.stack([counts[..., each, :].sum(axis=-2) for each in chosen], axis=-2)


def james(counts: Floats) -> Floats:
    """James's index of `counts[..., kind, guess]`; NaN where it is 0/0.

    (1 + P(unknown) + (1 - P(unknown)) K) / 2, K the excess of wrong guesses over those
    of chance, relative to these. Source: K. E. James et al., Stat Med 1996; 15:
    1421-1434.
    """
    total = counts.sum(axis=(-2, -1))
    unknown = ratio(counts[..., 2].sum(axis=-1), total)
    guesses = counts[..., :2]
    number = guesses.sum(axis=(-2, -1))
    wrong = ratio(guesses[..., 0, 1] + guesses[..., 1, 0], number)
    kind, said = guesses.sum(axis=-1), guesses.sum(axis=-2)
    chance = ratio(kind[..., 0] * said[..., 1] + kind[..., 1] * said[..., 0], number**2)
    found = (1 + unknown + (1 - unknown) * ratio(wrong - chance, chance)) / 2
    return np.where((number == 0) & (total > 0), 1.0, found)


def bang(counts: Floats, kind: str) -> Floats:
    """Bang's index of one arm's `counts[..., guess]`: right minus wrong, per guess.

    Source: H. Bang et al., Control Clin Trials 2004; 25: 143-156.
    """
    right = GUESSES.index(kind)
    return ratio(counts[..., right] - counts[..., 1 - right], counts.sum(axis=-1))


def _index(drawn: Floats, value: Floats, cases: int) -> Block:
    if not np.isfinite(value):
        return block("one_category", _NO_INDEX, index=None, ci95=None)
    limits, reason = interval(drawn, cases, ("one_category", MOSTLY_UNDEFINED))
    status, message = reason or ("ok", None)
    return block(status, message, index=float(value), ci95=limits)
