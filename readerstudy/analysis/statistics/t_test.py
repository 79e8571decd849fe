"""t, its two-sided p value and the 95% interval of an estimate."""

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
    law = stats.norm if df is None else stats.t(df)
    t = estimate / se
    half = half_width(se, df)
    return {
        "se": se,
        "df": df,
        "t": t,
        "p_value": two_sided(law, t),
        "ci95": [estimate - half, estimate + half],
    }


def half_width(se: float, df: float | None, alpha: float = ALPHA) -> float:
    """Half of the interval at level 1 - alpha; without df that of the normal law."""
    law = stats.norm if df is None else stats.t(df)
    return float(law.ppf(1 - alpha / 2)) * se
