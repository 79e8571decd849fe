"""Scores of every model, label and average, in the data and in every draw."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from inference.chexpert import FINDINGS
from readerstudy.analysis.statistics.findings.averages import (
    AVERAGES,
    Bools,
    averages_of,
)
from readerstudy.analysis.statistics.findings.counts import Cells
from readerstudy.analysis.statistics.findings.draws import drawn_counts
from readerstudy.analysis.statistics.findings.groups import Group
from readerstudy.analysis.statistics.findings.scores import Counts, scores_of


@dataclass(frozen=True)
class Tally:
    """Counts and scores; a row is a label, or an average over a group.

    models   names in order; a mean of readers is no model and has a place after them
    included `included[label]`: it enters the averages
    readers  places of the models whose mean is asked for; none for no mean
    """

    models: tuple[str, ...]
    cells: Cells
    groups: tuple[Group, ...]
    included: Bools
    readers: tuple[int, ...]
    draws: int
    seed: int

    @cached_property
    def totals(self) -> Counts:
        """`totals[model, label, cell]`."""
        return self.cells.totals

    @cached_property
    def drawn(self) -> Counts:
        """`drawn[draw, model, label, cell]`."""
        return drawn_counts(self.cells.study, draws=self.draws, seed=self.seed)

    @cached_property
    def used(self) -> Bools:
        """`used[model, label, metric]`: the score is defined in the data."""
        return np.asarray(np.isfinite(scores_of(self.totals)), dtype=np.bool_)

    def named_rows(self) -> list[tuple[str | None, str | None, str]]:
        """Label, group and average of every row: labels first, then the averages."""
        averages = [
            (None, group.name, average) for group in self.groups for average in AVERAGES
        ]
        return [*((label, None, "none") for label in FINDINGS), *averages]

    @cached_property
    def values(self) -> Counts:
        """`values[model, row, metric]` in the data; NaN where undefined."""
        found = self._rows(self.totals)
        return np.concatenate([found, self._mean(found)], axis=-3)

    @cached_property
    def drawn_values(self) -> Counts:
        """`drawn_values[draw, model, row, metric]`."""
        found = self._rows(self.drawn)
        return np.concatenate([found, self._mean(found)], axis=-3)

    def of(self, counts: Counts, held: Bools, used: Bools) -> Counts:
        """`[..., row, metric]` of `counts[..., label, cell]`, averages over `used`.

        `held[..., label]` says which columns there are; a group with one that is
        lacking has no average.
        """
        parts = [scores_of(counts)]
        for group in self.groups:
            mask = group.mask
            found = averages_of(counts, mask, used)
            whole = np.asarray(held[..., mask].all(axis=-1))[
                ..., np.newaxis, np.newaxis
            ]
            parts.append(np.where(whole, found, np.nan))
        return np.concatenate(parts, axis=-2)

    def _rows(self, counts: Counts) -> Counts:
        return self.of(counts, self.cells.held, self.used)

    def _mean(self, values: Counts) -> Counts:
        """The mean over the readers whose value is defined in the data, if any."""
        places = list(self.readers)
        if not places:
            return values[..., :0, :, :]
        defined = np.isfinite(self._rows(self.totals)[places])
        kept = np.where(defined, values[..., places, :, :], 0.0).sum(axis=-3)
        number = defined.sum(axis=0)
        found = np.full(kept.shape, np.nan)
        np.divide(
            kept, number, out=found, where=np.broadcast_to(number > 0, kept.shape)
        )
        return found[..., np.newaxis, :, :]


def undefined_labels(used: Bools, group: Group, metric: int) -> Sequence[str]:
    """Labels of a group whose score is undefined in `used[label, metric]`."""
    return [
        label
        for place, label in enumerate(FINDINGS)
        if label in group.labels and not used[place, metric]
    ]
