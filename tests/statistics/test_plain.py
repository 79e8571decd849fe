"""Tables of any design give the numbers of the definitions in plain loops."""

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from readerstudy.analysis.statistics.exact_swap import exact_swap_p
from readerstudy.analysis.statistics.p_values import probability
from tests.statistics import plain
from tests.statistics.tables import Grades, reads_of, result_set

pytestmark = pytest.mark.slow(seconds=45)

# In natural order, which is that of the result set's pairs of readers too.
READERS = ("1", "Dr. Ärztin", "R2", "R10", "a, b", "all")
ARMS = ["model", "ground truth", "=A+B"]


@st.composite
def designs(draw: st.DrawFn) -> Grades:
    """Readers with odd names, missing cells and few or many kinds of letters."""
    letters = draw(st.sampled_from(["ABCD", "AD", "AABD", "AB", "D"])) * 3
    absent = draw(st.sampled_from(["", "", "."]))
    readers = draw(st.lists(st.sampled_from(READERS), min_size=1, unique=True))
    cases = draw(st.integers(1, 14))
    grades: Grades = {}
    for reader in readers:
        for case in range(cases):
            for arm in ARMS[: draw(st.sampled_from([2, 2, 3]))]:
                letter = draw(st.sampled_from(letters + absent))
                if letter != ".":
                    grades[reader, f"case {case}", arm] = letter
    return grades


def near(value: Any) -> Any:
    return None if value is None else pytest.approx(float(value), abs=1e-8)


@settings(max_examples=120, deadline=None)
@given(designs())
def test_comparisons_are_those_of_the_definitions(grades):
    found = result_set(reads_of(grades), arms=ARMS).as_json()
    arms = found["design"]["arms"]
    rows = plain.complete_rows(grades, arms)
    if len(arms) > 1 and len({case for case, _ in rows}) > 1:
        assert found["cochran_q"]["statistic"] == near(plain.q(list(rows.values())))
        assert found["clustered_q"]["statistic"] == near(plain.q(plain.totals(rows)))
    for pair in found["pairs"]:
        _check_pair(pair, grades)


def _check_pair(pair: Any, grades: Grades) -> None:
    arms = [pair["first"], pair["second"]]
    rows = plain.complete_rows(grades, arms)
    cases = {case for case, _ in rows}
    if len(cases) < 2:
        assert pair["headline"]["p_value"] is None
        return
    fixed, random = pair["fixed_readers"], pair["random_readers"]
    sums = [second - first for first, second in plain.totals(rows)]
    assert fixed["exact_swap_p"] == near(plain.swap_p(sums))
    variance = plain.fixed_variance(rows)
    assert (fixed["se"] is None) == (variance == 0)
    if variance:
        assert fixed["se"] ** 2 == near(variance)
        t = abs(pair["difference"]) / float(variance) ** 0.5
        assert fixed["p_value"] == near(2 * stats.t.sf(t, len(cases) - 1))
    readers, all_cases = len(plain.names(grades, 0)), len(plain.names(grades, 1))
    if readers > 1 and len(rows) == readers * all_cases:
        msr, msc, mse = plain.mean_squares(rows)
        assert [random["msr"], random["msc"], random["mse"]] == [
            near(msr),
            near(msc),
            near(mse),
        ]
        numerator = msr + max(msc - mse, 0)
        assert (random["se"] is None) == (numerator == 0)
        if numerator:
            assert random["se"] ** 2 == near(numerator / len(rows))
        if msr:
            assert random["df"] == near(numerator**2 / (msr**2 / (readers - 1)))
    else:
        assert random["status"] in ("one_reader", "not_crossed")


@settings(max_examples=120, deadline=None)
@given(designs())
def test_agreement_is_that_of_the_definitions(grades):
    found = result_set(reads_of(grades), arms=ARMS).as_json()
    arms = found["design"]["arms"]
    for scope in ("all", *arms):
        block = found["agreement"][scope]
        rated = plain.units(grades, arms if scope == "all" else [scope])
        readers = {reader for unit in rated for reader in unit}
        letters = [list(unit.values()) for unit in rated]
        if len(readers) < 2 or max(map(len, letters)) < 2:
            assert block["gwet_ac2_ordinal"] is None
            continue
        whole = [unit for unit in letters if len(unit) == len(readers)]
        assert block["fleiss_kappa"] == near(plain.fleiss(whole) if whole else None)
        paired = [unit for unit in letters if len(unit) > 1]
        assert block["krippendorff_alpha_ordinal"] == near(plain.alpha(paired))
        value, se = plain.ac2(letters)
        assert block["gwet_ac2_ordinal"] == near(value)
        assert block["gwet_ac2_se"] == near(se)
        _check_kappas(block, rated, readers)


def _check_kappas(block: Any, rated: list[dict[str, str]], readers: set[str]) -> None:
    """Every two readers have a kappa or a reason why there is none."""
    known, absent = block["weighted_kappa"], block["weighted_kappa_absent"]
    ordered = [reader for reader in READERS if reader in readers]
    assert {*known, *absent} == {
        f"{first}|{second}" for first, second in combinations(ordered, 2)
    }
    for first, second in combinations(ordered, 2):
        shared = [(u[first], u[second]) for u in rated if {first, second} <= u.keys()]
        kappa = plain.weighted_kappa(shared) if shared else None
        assert known.get(f"{first}|{second}") == near(kappa)
        if kappa is None:
            reason = absent[f"{first}|{second}"]
            assert reason["status"] == ("one_category" if shared else "not_crossed")
            assert reason["message"].endswith(".")


@given(st.lists(st.integers(-6, 6), min_size=1, max_size=30))
def test_the_swap_is_exact_for_any_sizes(differences):
    expected = probability(float(plain.swap_p(differences)))
    assert exact_swap_p(np.array(differences)) == pytest.approx(expected, rel=1e-9)
