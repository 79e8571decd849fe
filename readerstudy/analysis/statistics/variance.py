"""Where the difference of two arms varies: with readers, with cases, or in neither."""

from collections.abc import Sequence

from readerstudy.analysis.statistics.sentences import Block, block
from readerstudy.analysis.statistics.t_test import NOTHING

_KEYS = (
    *("msr", "msc", "mse", "reader_by_arm", "case_by_arm", "residual", "shares"),
    "same_report_correlation",
)
_NO_VARIATION = "Zero variance: every reader has the same difference in every case."
_NO_CORRELATION = (
    "The correlation is undefined: each reader has the same difference in every case."
)


def variance(pairs: Sequence[Block], *, cases: int, readers: int) -> list[Block]:
    """Components of d, the difference of one reader in one case, for every pair.

    By the method of moments from the mean squares of readers (MSR), cases (MSC) and
    error (MSE): (MSR - MSE) / I with readers, (MSC - MSE) / J with cases, MSE the rest;
    negative ones are 0 (S. R. Searle et al., Variance Components 1992, chapter 4).
    `same_report_correlation` is that of two readers' differences over cases,
    (MSC - MSE) / (MSC + (J - 1) MSE): ICC(3,1) of P. E. Shrout and J. L. Fleiss,
    Psychol Bull 1979; 86: 420-428; it may be negative.
    """
    return [_pair(pair, cases, readers) for pair in pairs]


def _pair(pair: Block, cases: int, readers: int) -> Block:
    names: Block = {"first": pair["first"], "second": pair["second"]}
    random = pair["random_readers"]
    if random["msr"] is None:
        empty = dict.fromkeys(_KEYS)
        return names | block(random["status"], random["message"], **empty)
    msr, msc, mse = random["msr"], random["msc"], random["mse"]
    components = {
        "reader_by_arm": max(0.0, (msr - mse) / cases),
        "case_by_arm": max(0.0, (msc - mse) / readers),
        "residual": mse,
    }
    whole = sum(components.values())
    spread = msc + (readers - 1) * mse
    values = {"msr": msr, "msc": msc, "mse": mse, **components, "shares": None}
    values["same_report_correlation"] = None
    if whole < NOTHING:
        return names | block("zero_variance", _NO_VARIATION, **values)
    values["shares"] = {name: part / whole for name, part in components.items()}
    if spread < NOTHING:
        return names | block("zero_variance", _NO_CORRELATION, **values)
    values["same_report_correlation"] = (msc - mse) / spread
    return names | block("ok", None, **values)
