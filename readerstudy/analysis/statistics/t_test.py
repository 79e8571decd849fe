"""t, its two-sided p value and the 95% interval of an estimate."""

from typing import Any

from scipy import stats

from readerstudy.analysis.statistics.level import ALPHA
from readerstudy.analysis.statistics.p_values import two_sided
from readerstudy.analysis.statistics.sentences import Block

# Below this a variance is rounding, not variation.
NOTHING = 1e-12
NO_TEST = ("se", "df", "t", "p_value", "ci95")


def t_test(estimate: float, se: float, df: float | None) -> Block:
    """The keys of NO_TEST, for an estimate against zero.

    Without df the law is the normal distribution.
    """
    t = estimate / se
    half = half_width(se, df)
    return {
        "se": se,
        "df": df,
        "t": t,
        "p_value": t_p_value(t, df),
        "ci95": [estimate - half, estimate + half],
    }


def half_width(se: float, df: float | None, alpha: float = ALPHA) -> float:
    """Half of the interval at level 1 - alpha; without df that of the normal law."""
    law, shapes = _law(df)
    return float(law.ppf(1 - alpha / 2, *shapes)) * se


def t_p_value(t: float, df: float | None) -> float:
    """Two-sided p value of t; without df under the normal law."""
    law, shapes = _law(df)
    return two_sided(law, t, *shapes)


def _law(df: float | None) -> tuple[Any, tuple[float, ...]]:
    """Student's law and its shape, or the normal law, which has none."""
    return (stats.norm, ()) if df is None else (stats.t, (df,))
