"""The paper's Table 5 under three layouts of its discordant rows.

109 and 126 successes of 150 (3 readers, 50 cases) with 21 rows where only the second
arm succeeds and 4 where only the first does: one Q and one Newcombe interval, but what
can be concluded depends on how the 25 rows lie in the cases.
"""

from pathlib import Path
from typing import Any

import pytest

from readerstudy.analysis.statistics.reads_csv import read_csv
from tests.statistics.tables import Grades, reads_of, result_set

VECTORS = Path(__file__).parent / "vectors"
ARMS = ("model", "ground_truth")
READERS, CASES, FIRST, SECOND = 3, 50, 109, 126
# Per reader, how many rows only the second and only the first arm succeeds in.
APART = ((9, 1), (7, 1), (5, 2))
# Per case, the readers' differences.
TOGETHER = (*[(1, 1, 1)] * 7, (-1, -1, -1), (0, 0, -1))


def apart() -> dict[tuple[int, int], int]:
    """25 different cases with one discordant row each."""
    signs = [
        (reader, sign)
        for reader, (second, first) in enumerate(APART)
        for sign in [1] * second + [-1] * first
    ]
    return {(case, reader): sign for case, (reader, sign) in enumerate(signs)}


def together() -> dict[tuple[int, int], int]:
    """9 cases, in nearly all of which the three readers are of one mind."""
    return {
        (case, reader): sign
        for case, signs in enumerate(TOGETHER)
        for reader, sign in enumerate(signs)
        if sign
    }


def results_of(discordant: dict[tuple[int, int], int]) -> dict[str, Any]:
    """Results with the rows that agree filled up to the paper's margins."""
    successes = FIRST - sum(sign < 0 for sign in discordant.values())
    grades: Grades = {}
    for case in range(CASES):
        for reader in range(READERS):
            sign = discordant.get((case, reader), 0)
            if not sign:
                letters = "BB" if successes > 0 else "CC"
                successes -= 1
            else:
                letters = "DA" if sign > 0 else "AD"
            for arm, letter in zip(ARMS, letters, strict=True):
                grades[f"R{reader + 1}", f"C{case + 1}", arm] = letter
    return result_set(reads_of(grades), arms=ARMS).as_json()


def vector() -> dict[str, Any]:
    content = (VECTORS / "v12_table5_typical.csv").read_bytes()
    return result_set(read_csv(content), arms=ARMS).as_json()


# p of F, its interval in points, p of the swap, of R and of the headline, as printed.
PRINTED = {
    "25 cases": (0.0004, (5.4, 17.3), 0.0009, 0.060, 0.060),
    "14 cases": (0.018, (2.0, 20.6), 0.024, 0.0058, 0.018),
    "9 cases": (0.045, (0.2, 22.4), 0.070, 0.040, 0.045),
}
DIGITS = {0.0004: 4, 0.0009: 4, 0.0058: 4}


@pytest.fixture(scope="module")
def layouts() -> dict[str, dict[str, Any]]:
    return {
        "25 cases": results_of(apart()),
        "14 cases": vector(),
        "9 cases": results_of(together()),
    }


@pytest.mark.parametrize("name", PRINTED)
def test_the_margins_and_the_rows_are_those_of_the_paper(name, layouts):
    found = layouts[name]
    (pair,) = found["pairs"]
    assert [found["grades"][arm]["success"] for arm in ARMS] == [FIRST, SECOND]
    assert (pair["n"], pair["only_second"], pair["only_first"]) == (150, 21, 4)
    assert found["cochran_q"]["statistic"] == pytest.approx(11.56)
    assert round(found["cochran_q"]["p_value"], 5) == 0.00067
    low, high = pair["newcombe_ci95"]
    assert (round(100 * low, 1), round(100 * high, 1)) == (4.9, 17.9)


@pytest.mark.parametrize("name", PRINTED)
def test_what_can_be_concluded_depends_on_the_cases(name, layouts):
    (pair,) = layouts[name]["pairs"]
    fixed, interval, swap, random, headline = PRINTED[name]
    found = {
        fixed: pair["fixed_readers"]["p_value"],
        swap: pair["fixed_readers"]["exact_swap_p"],
        random: pair["random_readers"]["p_value"],
        headline: pair["headline"]["p_value"],
    }
    for printed, p_value in found.items():
        assert round(p_value, DIGITS.get(printed, 3)) == printed
    low, high = pair["fixed_readers"]["ci95"]
    assert (round(100 * low, 1), round(100 * high, 1)) == interval
    assert pair["headline"]["rule"] == "max_fixed_random"


def test_readers_differ_where_the_rows_lie_apart(layouts):
    (pair,) = layouts["25 cases"]["readers"]
    assert [round(50 * row["difference"]) for row in pair["readers"]] == [8, 6, 3]
    (pair,) = layouts["25 cases"]["pairs"]
    assert pair["random_readers"]["df"] == pytest.approx(2)


def test_the_shares_of_variance_tell_the_layouts_apart(layouts):
    correlations = [
        layouts[name]["variance"][0]["same_report_correlation"] for name in PRINTED
    ]
    assert correlations == sorted(correlations)
    assert correlations[0] < 0 < 0.9 < correlations[2]
