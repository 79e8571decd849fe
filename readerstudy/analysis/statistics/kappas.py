"""Coefficients of agreement from counts of categories per unit.

`counts[unit, category]` is how many readers gave a unit that category. A coefficient
that is 0/0 is None.
"""

from math import sqrt

import numpy as np
from statsmodels.stats import inter_rater

from readerstudy.analysis.statistics.reads import Floats, Integers


def fleiss_kappa(counts: Integers) -> float | None:
    """Fleiss' kappa; every unit has the same number (2 or more) of readers.

    Source: J. L. Fleiss, Psychol Bull 1971; 76: 378-382.
    """
    units, raters = len(counts), int(counts[0].sum()) if len(counts) else 0
    shares = counts.sum(axis=0)
    if units == 0 or raters < 2 or np.count_nonzero(shares) < 2:
        return None
    return float(inter_rater.fleiss_kappa(counts, method="fleiss"))


def krippendorff_alpha(counts: Integers) -> float | None:
    """Krippendorff's alpha with the ordinal metric; units with one reader are unused.

    Source: K. Krippendorff, Computing Krippendorff's Alpha-Reliability 2011.
    """
    pairable = counts[counts.sum(axis=1) >= 2]
    if np.count_nonzero(pairable.sum(axis=0)) < 2:
        return None
    others = (pairable.sum(axis=1) - 1)[:, np.newaxis, np.newaxis]
    pairs = pairable[:, :, np.newaxis] * pairable[:, np.newaxis, :].astype(np.float64)
    pairs -= pairable[:, :, np.newaxis] * np.eye(counts.shape[1])
    coincidences = (pairs / others).sum(axis=0)
    margin = coincidences.sum(axis=0)
    # An ordinal distance is one of ranks: of the middles of what each grade holds.
    rank = margin.cumsum() - margin / 2
    distance = np.subtract.outer(rank, rank) ** 2
    observed = (coincidences * distance).sum()
    expected = (np.outer(margin, margin) * distance).sum()
    return float(1 - (margin.sum() - 1) * observed / expected)


def ordinal_weights(categories: int) -> Floats:
    """Gwet's ordinal weights: 1 - C(|k - l| + 1, 2) / C(categories, 2)."""
    steps = np.abs(np.subtract.outer(np.arange(categories), np.arange(categories)))
    weights: Floats = 1 - steps * (steps + 1) / (categories * (categories - 1))
    return weights


def gwet_ac2(counts: Integers) -> tuple[float | None, float | None]:
    """Gwet's AC2 with ordinal weights and its standard error.

    Categories are those of the scale, used or not. Source: K. L. Gwet, Handbook of
    Inter-Rater Reliability, 4th ed. 2014, chapters 4 and 5: the agreement of units
    with two readers or more, prevalences from all units, linearised variance.
    """
    units, categories = counts.shape
    raters = counts.sum(axis=1)
    paired = raters >= 2
    number = int(paired.sum())
    if number == 0:
        return None, None
    weights = ordinal_weights(categories)
    agreeing = (counts * (counts @ weights - 1)).sum(axis=1)
    observed = np.where(paired, agreeing / np.maximum(raters * (raters - 1), 1), 0.0)
    share = (counts / raters[:, np.newaxis]).mean(axis=0)
    scale = float(weights.sum()) / (categories * (categories - 1))
    chance = scale * float((share * (1 - share)).sum())
    value = (float(observed.sum()) / number - chance) / (1 - chance)
    if units < 2:
        return value, None
    each = units / number * (observed - chance * paired) / (1 - chance)
    each_chance = scale * (counts @ (1 - share)) / raters
    linear = each - 2 * (1 - value) * (each_chance - chance) / (1 - chance)
    variance = float(((linear - value) ** 2).sum()) / (units * (units - 1))
    return value, sqrt(variance)


def percent_agreement(counts: Integers) -> float | None:
    """Share (0 to 1) of pairs of readers giving the same grade, averaged over units."""
    raters = counts.sum(axis=1)
    counts, raters = counts[raters >= 2], raters[raters >= 2]
    if not len(counts):
        return None
    same = (counts * (counts - 1)).sum(axis=1) / (raters * (raters - 1))
    return float(same.mean())


def weighted_kappa(confusion: Integers) -> float | None:
    """Cohen's kappa with quadratic weights of a table of two readers.

    Source: J. Cohen, Psychol Bull 1968; 70: 213-220.
    """
    categories = np.arange(len(confusion))
    distance = np.subtract.outer(categories, categories) ** 2
    chance = np.outer(confusion.sum(axis=1), confusion.sum(axis=0))
    expected = int((distance * chance).sum())
    if expected == 0:
        return None
    return 1 - float(
        int((distance * confusion).sum()) * int(confusion.sum()) / expected
    )
