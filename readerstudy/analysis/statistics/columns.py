"""The meaning of every column of the tables of the result set, for the codebook.

A table is named as its CSV file is; further_columns.py has those of further analyses.
"""

from readerstudy.analysis.statistics.further_columns import FURTHER_COLUMNS
from readerstudy.analysis.statistics.meanings import (
    DIFFERENCE_HIGH,
    DIFFERENCE_LOW,
    MESSAGE,
    STATUS,
    intervals,
    prefixed,
)

_GRADES = {
    "A": "Number of grades A (acceptable without revision)",
    "B": "Number of grades B",
    "C": "Number of grades C",
    "D": "Number of grades D",
    "n": "Number of grades",
    "success": "Number of grades A or B",
    "success_rate": "Share of grades A or B, 0 to 1",
}
_T_TEST = {
    "status": STATUS,
    "message": MESSAGE,
    "se": "Standard error of the difference",
    "df": "Degrees of freedom; empty where infinite",
    "t": "Difference divided by its standard error",
    "p_value": "Two-sided p value",
    "low": "Lower limit of the 95% interval of the difference",
    "high": "Upper limit of the 95% interval of the difference",
}


_PAIR = {
    "first": "First arm",
    "second": "Second arm; differences are second minus first",
    "status": STATUS,
    "message": MESSAGE,
    "n": "Rows (one reader, one case) graded in both arms",
    "cases": "Cases with such a row",
    "both": "Rows where both arms succeed",
    "only_first": "Rows where only the first arm succeeds",
    "only_second": "Rows where only the second arm succeeds",
    "neither": "Rows where neither arm succeeds",
    "difference": "Share of successes, second minus first arm",
    "newcombe_low": "Lower limit of Newcombe's paired 95% interval, row-level",
    "newcombe_high": "Upper limit of Newcombe's paired 95% interval, row-level",
    "tango_low": "Lower limit of Tango's score 95% interval, row-level",
    "tango_high": "Upper limit of Tango's score 95% interval, row-level",
    "mcnemar_exact_p": "McNemar's exact p value, row-level",
    "mcnemar_mid_p": "McNemar's mid-p value, row-level",
    "mcnemar_chi2": "McNemar's chi-square without correction, row-level",
    "mcnemar_chi2_p": "Its p value",
    "mcnemar_holm_p": "Exact p value after Holm's correction over all pairs",
    **prefixed("fixed_readers", "These readers, clustered by case", _T_TEST),
    "fixed_readers_exact_swap_p": "p value of the exact whole-case swap",
    **prefixed("random_readers", "Readers like these", _T_TEST),
    "random_readers_msr": "Mean square of readers",
    "random_readers_msc": "Mean square of cases",
    "random_readers_mse": "Mean square of error",
    "random_readers_var_unbiased": "Unbiased variance of the difference",
    "headline_status": STATUS,
    "headline_message": MESSAGE,
    "headline_p_value": "The p value to quote",
    "headline_holm_p_value": "The same after Holm's correction over all pairs",
    "headline_low": "Lower limit of the 95% interval to quote",
    "headline_high": "Upper limit of the 95% interval to quote",
    "headline_rule": "Which rule chose the headline",
    "headline_approximate": "1 where the p value is exact and the interval rough",
}
_RATES = {
    **_GRADES,
    "success_low": "Lower limit of Wilson's 95% interval of the success rate",
    "success_high": "Upper limit of Wilson's 95% interval of the success rate",
    "stringent": "Number of grades A, the stringent success",
    "stringent_rate": "Share of grades A, 0 to 1",
    "stringent_low": "Lower limit of Wilson's 95% interval of the stringent rate",
    "stringent_high": "Upper limit of Wilson's 95% interval of the stringent rate",
}


RESULT_COLUMNS: dict[str, dict[str, str]] = {
    "table5.csv": {
        "row": "A, B, C, D, A+B (success), grades (their number) or Cochran's Q",
        "arm": "Arm; empty for Cochran's Q, which compares all arms",
        "count": "Number of grades",
        "percent": "Percent of the arm's grades, one decimal",
        "statistic": "Cochran's Q of success",
        "df": "Degrees of freedom: arms minus one",
        "p_value": "p value of Cochran's Q, row-level",
        "rows": "Complete rows (one reader, one case) that entered Q",
        "columns": "Arms that entered Q",
        "status": STATUS,
        "message": MESSAGE,
    },
    "omnibus.csv": {
        "outcome": "success (A or B) or stringent (A alone)",
        "test": "cochran_q, row-level, or clustered_q, with the case as the unit",
        "status": STATUS,
        "message": MESSAGE,
        "statistic": "The statistic",
        "df": "Degrees of freedom: arms minus one",
        "p_value": "Its p value",
        "blocks": "Complete rows (one reader, one case) that entered",
        "cases": "Cases that entered clustered Q",
        "columns": "Arms that entered",
        "informative_blocks": "Rows in which the arms differ",
    },
    "pairs.csv": _PAIR,
    "pairs_stringent.csv": {
        name: meaning.replace("succeed", "get an A").replace("successes", "grades A")
        for name, meaning in _PAIR.items()
    },
    "estimands.csv": {
        "outcome": "success (A or B) or stringent (A alone)",
        "arm": "Arm",
        "reference": "The reference arm",
        "status": STATUS,
        "message": MESSAGE,
        "difference": "Share of successes, arm minus reference",
        "low": DIFFERENCE_LOW,
        "high": DIFFERENCE_HIGH,
        "p_value": "Two-sided p value",
        "margin": "Non-inferiority margin of the plan, as a share",
        "non_inferior": "1 where the lower limit lies above minus the margin, else 0",
        "superior": "1 where the arm is superior as well, else 0",
        "smallest_margin": "The margin that the data would just have met",
    },
    "agreement.csv": {
        "scope": "all, or the arm whose reports were graded",
        "readers": "all, or the two readers of a weighted kappa, joined by |",
        "status": STATUS,
        "message": MESSAGE,
        "units": "Reports (case and arm) with a grade",
        "complete_units": "Reports graded by every reader",
        "raters": "Readers with a grade",
        "fleiss_kappa": "Fleiss' kappa of the four grades, complete reports",
        "fleiss_kappa_success": "Fleiss' kappa of success, complete reports",
        "krippendorff_alpha_ordinal": "Krippendorff's alpha, ordinal metric",
        "gwet_ac2_ordinal": "Gwet's AC2, ordinal weights",
        "gwet_ac2_se": "Standard error of Gwet's AC2",
        "percent_agreement": "Share of pairs of readers with equal grades, 0 to 1",
        **intervals(
            "fleiss_kappa",
            "fleiss_kappa_success",
            "krippendorff_alpha_ordinal",
            "gwet_ac2_ordinal",
            "percent_agreement",
        ),
        "weighted_kappa": "Quadratic weighted kappa of two readers",
    },
    "by_reader.csv": {
        "reader": "Reader",
        "arm": "Arm",
        **_RATES,
        "median_seconds": "Median active reading time; empty where no time is known",
    },
    "by_stratum.csv": {
        "stratum": "Stratum of the cases",
        "arm": "Arm",
        "cases": "Cases of the stratum with a grade in the arm",
        **_RATES,
    },
    "by_case.csv": {
        "case": "Case",
        "stratum": "Stratum of the case",
        "arm": "Arm: with the case, one report",
        **_GRADES,
    },
    **FURTHER_COLUMNS,
}
