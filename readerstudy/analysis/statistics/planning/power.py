"""Power and precision over readers and cases, each with its Monte-Carlo error."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy import special

from readerstudy.analysis.statistics.level import ALPHA
from readerstudy.analysis.statistics.planning.answers import (
    Answers,
    answers,
    t_test,
)
from readerstudy.analysis.statistics.planning.designs import Layout
from readerstudy.analysis.statistics.planning.latent import Latent, batches
from readerstudy.analysis.statistics.reads import Bools, Floats
from readerstudy.analysis.statistics.t_test import NOTHING


@dataclass(frozen=True)
class Power:
    """What one way of inference achieves in one design.

    power       share of studies that show what they were to show
    se          Monte-Carlo standard error of that share
    half_width  mean half-width of the interval, a share; None without interval
    """

    power: float
    se: float
    half_width: float | None


@dataclass(frozen=True)
class Cell:
    """A number of readers and cases with the power of each way of inference."""

    readers: int
    cases: int
    by_inference: dict[str, Power]


def power_table(
    latent: Latent,
    layout: Layout,
    *,
    sizes: Sequence[tuple[int, int]],
    arms: int = 2,
    margin: float | None = None,
    alpha: float = ALPHA,
    replicates: int = 1000,
    seed: int = 0,
) -> list[Cell]:
    """Power for some numbers of readers and cases, second minus first of the arms.

    Without margin a study shows a difference where the two-sided p is below alpha;
    with one (a share), that the second arm is not worse, where the lower limit lies
    above -margin. All sizes are parts of the same drawn studies, so that the figures
    of neighbours differ by less than their errors.
    """
    flags = {
        size: layout.flags(*size, arms=arms)[:, :, :2]
        for size in dict.fromkeys(sizes)
        if layout.fits(*size)
    }
    if not flags:
        return []
    shown: dict[tuple[int, int], dict[str, list[Bools]]] = {size: {} for size in flags}
    widths: dict[tuple[int, int], dict[str, list[Floats]]] = {
        size: {} for size in flags
    }
    for success in batches(
        latent,
        seed=seed,
        replicates=replicates,
        cases=max(cases for _, cases in flags),
        readers=max(readers for readers, _ in flags),
    ):
        for (readers, cases), read in flags.items():
            part = success[:, :cases, :readers]
            for name, found in answers(part, read, alpha=alpha).items():
                size = readers, cases
                shown[size].setdefault(name, []).append(_shown(found, margin, alpha))
                widths[size].setdefault(name, []).append((found.high - found.low) / 2)
    return [
        Cell(
            readers,
            cases,
            {
                name: _power(
                    np.concatenate(parts), np.concatenate(widths[readers, cases][name])
                )
                for name, parts in shown[readers, cases].items()
            },
        )
        for readers, cases in flags
    ]


def power_without_end(
    latent: Latent,
    *,
    readers: int,
    margin: float | None = None,
    alpha: float = ALPHA,
    replicates: int = 20_000,
    seed: int = 0,
) -> Power:
    """Power for readers like these with more cases than there can be.

    Every reader's rates are then known, and R is the t test of the readers'
    differences on readers - 1 df. More cases can't lift the power beyond it.
    """
    random, shares = np.random.default_rng(seed), latent.shares
    reader = random.standard_normal((replicates, readers, 1)) * sqrt(shares.reader)
    way = random.standard_normal((replicates, readers, len(latent.rates)))
    means = special.ndtri(np.array(latent.rates))
    rest = sqrt(max(1 - shares.reader - shares.reader_by_arm, NOTHING))
    value = (means + reader + way * sqrt(shares.reader_by_arm)) / rest
    rates = special.ndtr(value)
    d = rates[..., 1] - rates[..., 0]
    # Readers who are all alike leave no doubt about the others.
    se = np.maximum(d.std(axis=1, ddof=1) / sqrt(readers), 2 * NOTHING)
    found = t_test(d.mean(axis=1), se, np.full(replicates, readers - 1.0), alpha=alpha)
    return _power(_shown(found, margin, alpha), (found.high - found.low) / 2)


def _shown(found: Answers, margin: float | None, alpha: float) -> Bools:
    """Whether each study shows it; NaN is below and above nothing."""
    if margin is None:
        return np.asarray(found.p_value < alpha)
    return np.asarray(found.low > -margin)


def _power(shown: Bools, widths: Floats) -> Power:
    share = float(shown.mean())
    known = widths[~np.isnan(widths)]
    return Power(
        power=share,
        se=sqrt(share * (1 - share) / len(shown)),
        half_width=float(known.mean()) if len(known) else None,
    )
