"""McNemar's test of paired rows, and Holm's correction over all pairs."""

from scipy import stats

from readerstudy.analysis.statistics.p_values import probability, upper
from readerstudy.analysis.statistics.sentences import Block, block

_NO_CHI2 = "The chi-square is not estimable: no row differs between the arms."


def mcnemar(second: int, first: int) -> Block:
    """Exact, mid-p and uncorrected chi-square p of the discordant rows.

    `second` and `first` count the rows where only that arm succeeds; `holm_p` is left
    to whoever knows all pairs. Sources: Q.
    McNemar, Psychometrika 1947; 12: 153-157; mid-p as M. W. Fagerland et al., BMC Med
    Res Methodol 2013; 13: 91, with 1 - pmf / 2 where both counts are equal.
    """
    discordant = second + first
    if discordant == 0:
        exact = mid_p = 1.0
        chi2 = chi2_p = None
    else:
        less = min(second, first)
        pmf = float(stats.binom.pmf(less, discordant, 0.5))
        exact = probability(2 * float(stats.binom.cdf(less, discordant, 0.5)))
        mid_p = 1 - pmf / 2 if second == first else probability(exact - pmf)
        chi2 = (second - first) ** 2 / discordant
        chi2_p = upper(stats.chi2, chi2, 1)
    return block(
        "ok" if discordant else "no_discordant_pairs",
        None if discordant else _NO_CHI2,
        exact_p=exact,
        mid_p=mid_p,
        chi2=chi2,
        chi2_p=chi2_p,
        holm_p=None,
    )


def holm(p_values: list[float]) -> list[float]:
    """Holm's step-down p values (S. Holm, Scand J Stat 1979; 6: 65-70)."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    corrected = [0.0] * len(p_values)
    running = 0.0
    for rank, index in enumerate(order):
        running = max(running, min(1.0, (len(p_values) - rank) * p_values[index]))
        corrected[index] = running
    return corrected
