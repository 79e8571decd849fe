"""Recompute the main figures of a bundle from its reads.csv, without readerstudy.

    python analysis.py

Needs pandas, scipy and statsmodels. It looks for reads.csv, table5.csv, omnibus.csv,
pairs.csv and gee.csv beside itself and prints for every figure whether it is the same;
it ends with status 1 where one is not. A place to start from: change it as you like.
"""

import sys
import warnings
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

FOLDER = Path(__file__).resolve().parent
TOLERANCE = 1e-7
different = 0


def table(name):
    """A CSV of the bundle; empty cells are missing, text is left as it is."""
    return pd.read_csv(FOLDER / name, keep_default_na=False, na_values=[""])


def compare(figure, here, bundle):
    """Print one figure and whether the bundle says the same."""
    global different
    if pd.isna(bundle) or here is None:
        print(f"left out   {figure}: the bundle gives no number, or none is defined")
    elif abs(here - bundle) <= TOLERANCE * max(1.0, abs(bundle)):
        print(f"same       {figure}: {here:.6g}")
    else:
        different += 1
        print(f"DIFFERENT  {figure}: {here!r} here, {bundle!r} in the bundle")


def counting_reads():
    """One row per grade that counts: no repeats, nothing excluded, nothing empty."""
    text = pd.read_csv(FOLDER / "reads.csv", dtype=str, keep_default_na=False)
    text = text[text["grade"].str.strip() != ""]
    for column, wanted in (("repeat", "0"), ("included", "1")):
        if column in text:
            text = text[text[column].isin([wanted, ""])]
    graded = text[["reader", "case", "arm"]].apply(lambda cells: cells.str.strip())
    graded["grade"] = text["grade"].str.strip().str.upper()
    graded["success"] = graded["grade"].isin(["A", "B"]).astype(int)
    return graded


def q_statistic(blocks):
    """Cochran's Q of blocks x arms, or None where no block differs."""
    arms = blocks.shape[1]
    spread = ((blocks - blocks.mean(axis=1, keepdims=True)) ** 2).sum()
    if arms < 2 or spread < 1e-12:
        return None, None
    sums = blocks.sum(axis=0)
    statistic = (arms - 1) * ((sums - sums.mean()) ** 2).sum() / spread
    return statistic, stats.chi2.sf(statistic, arms - 1)


def compare_omnibus(wide):
    """Cochran's Q over rows, and clustered Q over cases."""
    complete = wide.dropna()
    totals = complete.groupby(level="case").sum()
    bundle = table("omnibus.csv")
    bundle = bundle[bundle["outcome"] == "success"].set_index("test")
    for test, blocks in (("cochran_q", complete), ("clustered_q", totals)):
        statistic, p_value = q_statistic(blocks.to_numpy(float))
        compare(f"{test}, statistic", statistic, bundle["statistic"][test])
        compare(f"{test}, p value", p_value, bundle["p_value"][test])


def compare_pair(wide, first, second, bundle):
    """McNemar's tests, these readers (F), and readers like these (R)."""
    name = f"{second} minus {first}"
    both = wide[[first, second]].dropna().astype(int)
    if not len(both):
        return
    difference = both[second] - both[first]
    compare(f"{name}, difference", difference.mean(), bundle["difference"])
    b, c = int((difference > 0).sum()), int((difference < 0).sum())
    if b + c:
        exact = stats.binomtest(b, b + c).pvalue
        compare(f"{name}, McNemar exact", exact, bundle["mcnemar_exact_p"])
        mass = stats.binom.pmf(b, b + c, 0.5)
        mid = 1 - mass / 2 if b == c else exact - mass
        compare(f"{name}, McNemar mid-p", mid, bundle["mcnemar_mid_p"])
    fixed = fixed_readers(difference)
    for key in ("se", "df", "p_value", "low", "high"):
        label = f"{name}, these readers, {key}"
        compare(label, fixed.get(key), bundle[f"fixed_readers_{key}"])
    random = random_readers(difference)
    for key in ("se", "df", "p_value", "low", "high"):
        label = f"{name}, readers like these, {key}"
        compare(label, random.get(key), bundle[f"random_readers_{key}"])


def answer(mean, se, df):
    """A t test of a mean against 0 with its 95% interval."""
    half = stats.t.ppf(0.975, df) * se
    p_value = 2 * stats.t.sf(abs(mean / se), df)
    return {
        "se": se,
        "df": df,
        "p_value": p_value,
        "low": mean - half,
        "high": mean + half,
    }


def fixed_readers(difference):
    """Case-clustered ratio estimator, t with cases - 1 degrees of freedom."""
    of_case = difference.groupby(level="case")
    sums, sizes = of_case.sum(), of_case.size()
    cases, mean = len(sums), difference.mean()
    if cases < 2:
        return {}
    squares = ((sums - sizes * mean) ** 2).sum()
    se = np.sqrt(cases / (cases - 1) * squares) / len(difference)
    return answer(mean, se, cases - 1) if se > 1e-12 else {}


def random_readers(difference):
    """Two-way analysis of variance of the differences, Hillis degrees of freedom."""
    cells = difference.unstack("reader")
    cases, readers = cells.shape
    if cells.isna().any(axis=None) or readers < 2 or cases < 2:
        return {}
    d = cells.to_numpy(float)
    of_case, of_reader = d.mean(axis=1), d.mean(axis=0)
    mean = d.mean()
    msr = cases * ((of_reader - mean) ** 2).sum() / (readers - 1)
    msc = readers * ((of_case - mean) ** 2).sum() / (cases - 1)
    residual = d - of_case[:, None] - of_reader[None, :] + mean
    mse = (residual**2).sum() / ((readers - 1) * (cases - 1))
    numerator = msr + max(msc - mse, 0)
    if numerator < 1e-12 or msr < 1e-12:
        return {}
    df = numerator**2 / (msr**2 / (readers - 1))
    return answer(mean, np.sqrt(numerator / (cases * readers)), df)


def compare_gee(reads):
    """Marginal logistic model, independence within a case, robust standard errors."""
    import statsmodels.api as sm

    bundle = table("gee.csv")
    chosen = bundle["working_correlation"].eq("independence")
    bundle = bundle[chosen & bundle["se_type"].eq("robust") & bundle["se"].notna()]
    if not len(bundle):
        print("left out   gee: the bundle gives no number")
        return
    reference = bundle["reference"].iloc[0]
    arms = list(bundle["arm"])
    rows = reads[reads["arm"].isin([reference, *arms])].sort_values("case")
    x = np.column_stack([np.ones(len(rows)), *(rows["arm"].eq(arm) for arm in arms)])
    model = sm.GEE(
        rows["success"].to_numpy(float),
        x.astype(float),
        groups=rows["case"].to_numpy(),
        family=sm.families.Binomial(),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = model.fit()
    for place, row in enumerate(bundle.to_dict("records"), 1):
        name = f"gee, {row['arm']} against {reference}"
        compare(f"{name}, log odds", fitted.params[place], row["log_odds"])
        compare(f"{name}, se", fitted.standard_errors()[place], row["se"])


def main():
    reads = counting_reads()
    table5 = table("table5.csv")
    success = table5[table5["row"].eq("A+B")].set_index("arm")["count"]
    for arm, count in success.items():
        here = int(reads.loc[reads["arm"] == arm, "success"].sum())
        compare(f"success of {arm}", here, count)
    if len(reads):
        wide = reads.pivot(index=["case", "reader"], columns="arm", values="success")[
            list(success.index)
        ]
        compare_omnibus(wide)
        pairs = table("pairs.csv").set_index(["first", "second"])
        for first, second in combinations(success.index, 2):
            compare_pair(wide, first, second, pairs.loc[(first, second)])
        compare_gee(reads)
    print(
        "All figures that were compared are the same."
        if not different
        else f"{different} figures are different."
    )
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
