"""Which labels enter the averages, and the reason printed for each that does not."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inference.chexpert import FINDINGS
from readerstudy.analysis.statistics.findings.counts import FN, FP, TN, TP, Cells
from readerstudy.analysis.statistics.findings.csv_rows import listed
from readerstudy.analysis.statistics.findings.joined import Joined
from readerstudy.analysis.statistics.findings.settings import ScoreSettings

_ON = {
    "reference_definite": "of the reference",
    "joint_definite": "of the pairs with",
}


@dataclass(frozen=True)
class Limits:
    """`reasons[label]` is why a label is left out of the averages; "" where it is in.

    The labels are the same for all models, so that their averages are comparable.
    """

    reasons: tuple[str, ...]

    @property
    def included(self) -> npt.NDArray[np.bool_]:
        return np.array([not reason for reason in self.reasons], dtype=np.bool_)


def limits_of(tables: Joined, cells: Cells, settings: ScoreSettings) -> Limits:
    """Apply names, columns, count and share, in this order; the first reason stands."""
    totals = cells.totals
    return Limits(
        tuple(
            _reason(place, tables, cells, totals, settings)
            for place in range(len(FINDINGS))
        )
    )


def _reason(
    place: int,
    tables: Joined,
    cells: Cells,
    totals: npt.NDArray[np.float64],
    settings: ScoreSettings,
) -> str:
    label = FINDINGS[place]
    if label not in tables.reference_present:
        return "The reference has no column for it."
    if not cells.held[:, place].any():
        has = "has" if len(tables.models) == 1 else "have"
        return f"{listed(tables.models)} {has} no column for it."
    if label in settings.left_out:
        return settings.left_out[label]
    if settings.counted_on == "reference_definite":
        found = cells.reference[:, place]
        counts = [(int((found == 1).sum()), int((found == 0).sum()), "")]
    else:
        counts = [
            (
                int(totals[model, place, [TP, FN]].sum()),
                int(totals[model, place, [FP, TN]].sum()),
                name,
            )
            for model, name in enumerate(tables.models)
            if cells.held[model, place]
        ]
    for positive, negative, model in counts:
        reason = _too_few(positive, negative, settings)
        if reason:
            whose = f"{_ON[settings.counted_on]} {model}".rstrip()
            return f"{reason} ({positive} positive, {negative} negative {whose})."
    return ""


def _too_few(positive: int, negative: int, settings: ScoreSettings) -> str:
    """What falls short, or "" where nothing does."""
    smaller = min(positive, negative)
    which = "positive" if positive <= negative else "negative"
    if smaller < settings.minimum_count:
        least = settings.minimum_count
        return f"Fewer than {least} {which}" if least > 1 else f"No {which} study"
    both = positive + negative
    if both and smaller / both < settings.minimum_share:
        return f"Under {100 * settings.minimum_share:g}% {which}"
    return ""
