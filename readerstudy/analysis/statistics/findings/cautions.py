"""What a reader of the scores has to know before believing them."""

from collections.abc import Iterator

import numpy as np

from inference.chexpert import FINDINGS
from readerstudy.analysis.statistics.findings.joined import Joined
from readerstudy.analysis.statistics.findings.scores import METRICS
from readerstudy.analysis.statistics.findings.settings import ScoreSettings
from readerstudy.analysis.statistics.findings.tally import Tally

FEW_PAIRS = 10


def cautions(tables: Joined, tally: Tally, settings: ScoreSettings) -> list[str]:
    """Sentences, a few per model at most."""
    found = list(_left_out(tables))
    for model, name in enumerate(tally.models):
        found += _few_pairs(tally, model, name)
        found += _silent_omissions(tally, model, name, settings)
    return found


def _left_out(tables: Joined) -> Iterator[str]:
    """Studies that not all tables have."""
    parts = [("the reference", tables.only_reference), *tables.only_model.items()]
    told = [f"{number} of {name}" for name, number in parts if number]
    if told:
        yield (
            f"{len(tables.ids)} studies are in all tables; left out: {', '.join(told)}."
        )


def _few_pairs(tally: Tally, model: int, name: str) -> Iterator[str]:
    """Scores of few studies; one that is undefined is in no mean and says so itself."""
    pairs = tally.totals[model].sum(axis=-1)
    few = [
        f"{label} ({int(pairs[place])})"
        for place, label in enumerate(FINDINGS)
        if tally.included[place]
        and tally.used[model, place, METRICS.index("f1")]
        and pairs[place] < FEW_PAIRS
    ]
    if few:
        yield (
            f"{name}: fewer than {FEW_PAIRS} studies are scored for {', '.join(few)}; "
            "these scores say little, and weigh as much as others in the macro average."
        )


def _silent_omissions(
    tally: Tally, model: int, name: str, settings: ScoreSettings
) -> Iterator[str]:
    """Positives of the reference that the policy counts as neither found nor missed."""
    mask = tally.included & tally.cells.held[model]
    dropped = int(tally.cells.dropped[model, mask].sum())
    every = int(np.nansum(tally.cells.reference[:, mask]))
    if dropped:
        yield (
            f"{name} has no label that counts for {dropped} of {every} positives of "
            f"the reference; under {settings.policy} they are neither found nor missed."
        )
