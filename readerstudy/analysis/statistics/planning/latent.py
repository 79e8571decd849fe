"""Whole studies drawn from a latent probit model.

A report succeeds where a normal variable of total variance 1 lies above nothing: the
arm's mean, and effects of the case, the reader, the particular report (case x arm), the
reader's way with an arm, the reader's way with a case, and the residual.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import sqrt

import numpy as np
from scipy import special

from readerstudy.analysis.statistics.planning.inputs import Shares
from readerstudy.analysis.statistics.reads import Bools

# Numbers drawn at once; more studies than that hold come in several batches.
_BATCH = 4_000_000


@dataclass(frozen=True)
class Latent:
    """The success rate of every arm, in their order, and the shares of variance."""

    rates: tuple[float, ...]
    shares: Shares = field(default_factory=Shares)

    def __post_init__(self) -> None:
        if not all(0 < rate < 1 for rate in self.rates):
            raise ValueError("A success rate lies between 0 and 1.")


def draw(
    latent: Latent,
    random: np.random.Generator,
    *,
    replicates: int,
    cases: int,
    readers: int,
) -> Bools:
    """Draw studies in which every reader reads every report.

    Returns success as [replicate, case, reader, arm].
    """
    shares, arms = latent.shares, len(latent.rates)
    means = special.ndtri(np.array(latent.rates))
    value = np.empty((replicates, cases, readers, arms), dtype=np.float32)
    random.standard_normal(out=value, dtype=np.float32)
    value *= np.float32(sqrt(shares.residual))
    for share, shape in (
        (shares.case, (replicates, cases, 1, 1)),
        (shares.reader, (replicates, 1, readers, 1)),
        (shares.report, (replicates, cases, 1, arms)),
        (shares.reader_by_arm, (replicates, 1, readers, arms)),
        (shares.case_by_reader, (replicates, cases, readers, 1)),
    ):
        if share:
            effect = random.standard_normal(shape, dtype=np.float32)
            value += np.float32(sqrt(share)) * effect
    return np.asarray(value > -means.astype(np.float32), dtype=np.bool_)


def batches(
    latent: Latent, *, seed: int, replicates: int, cases: int, readers: int
) -> Iterator[Bools]:
    """Draw `replicates` studies, as many at a time as fit into the memory."""
    random = np.random.default_rng(seed)
    size = max(1, _BATCH // (cases * readers * len(latent.rates)))
    for start in range(0, replicates, size):
        number = min(size, replicates - start)
        yield draw(latent, random, replicates=number, cases=cases, readers=readers)
