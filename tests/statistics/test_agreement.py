"""Intervals of agreement: drawn by case, from formulas equal to the point estimates."""

from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from readerstudy.analysis.statistics.agreement import agreement
from readerstudy.analysis.statistics.agreement_draws import case_sums, coefficients
from readerstudy.analysis.statistics.bootstrap import draw_weights
from readerstudy.analysis.statistics.kappas import weighted_kappa
from readerstudy.analysis.statistics.reader_pairs import kappa_of_sums, pair_sums
from readerstudy.analysis.statistics.table import Table
from tests.statistics.tables import Grades, reads_of, rows, table_of
from tests.statistics.test_plain import ARMS, designs

COEFFICIENTS = (
    "fleiss_kappa",
    "fleiss_kappa_success",
    "krippendorff_alpha_ordinal",
    "gwet_ac2_ordinal",
    "percent_agreement",
)
LIMITS = [2.5, 97.5]


def tabled(grades: Grades) -> Table:
    graded = {arm for _, _, arm in grades}
    return table_of(reads_of(grades), [arm for arm in ARMS if arm in graded])


def simulated(*, cases: int, readers: int, seed: int = 1) -> Table:
    """Readers who mostly follow a case's own quality, in two arms."""
    random = np.random.default_rng(seed)
    quality = random.normal(size=(cases, 1, 2)) + np.array([0.0, 0.3])
    seen = quality + 0.8 * random.normal(size=(cases, readers, 2))
    grades = 1 + (seen < 0.6).astype(int) + (seen < -0.4) + (seen < -1.2)
    return tabled(
        {
            (f"R{reader}", f"C{case}", ARMS[arm]): "ABCD"[grade - 1]
            for (case, reader, arm), grade in np.ndenumerate(grades)
        }
    )


def drawn_by_hand(table: Table, draws: int, seed: int = 0) -> list[Table]:
    """Tables of the drawn cases, each as often as it was drawn."""
    weights = np.concatenate(
        list(draw_weights(len(table.cases), seed=seed, draws=draws))
    )
    found = []
    for each in weights.astype(int):
        taken = np.repeat(np.arange(len(each)), each)
        cases = tuple(f"C{number}" for number in range(len(taken)))
        found.append(
            replace(
                table,
                cases=cases,
                strata=("",) * len(cases),
                grades=table.grades[taken],
            )
        )
    return found


@settings(max_examples=100, deadline=None)
@given(designs())
def test_coefficients_of_sums_are_the_point_estimates(grades):
    table = tabled(grades)
    if not table.arms or len(table.readers) < 2:
        return
    counts = np.moveaxis(table.counts(np.moveaxis(table.grades, 1, 2)), 0, -1)
    units, complete, raters = case_sums(table, counts)
    found = agreement(table)
    sums = [units.sum(axis=(0, 1)), *units.sum(axis=0)]
    for scope, name in enumerate(("all", *table.arms)):
        block = found[name]
        if block["status"] in ("one_reader", "not_crossed", "no_ratings"):
            continue
        whole = complete.sum(axis=0)[scope]
        values = coefficients(sums[scope], whole, int(raters[scope]))
        for key in COEFFICIENTS:
            assert same(block[key], float(values[key])), (name, key)


@settings(max_examples=100, deadline=None)
@given(designs())
def test_kappas_of_sums_are_those_of_the_confusion_tables(grades):
    table = tabled(grades)
    pairs = list(combinations(range(len(table.readers)), 2))
    if not table.arms or not pairs:
        return
    sums, places = pair_sums(table, pairs)
    for arm in range(len(table.arms)):
        values = kappa_of_sums(sums.sum(axis=0, dtype=np.float64)[places[arm]])
        for (first, second), value in zip(pairs, values, strict=True):
            confusion = np.zeros((5, 5), dtype=np.int64)
            both = table.grades[:, first, arm], table.grades[:, second, arm]
            np.add.at(confusion, both, 1)
            assert same(weighted_kappa(confusion[1:, 1:]), float(value))


def same(estimate: float | None, value: float) -> bool:
    if estimate is None:
        return bool(np.isnan(value))
    return value == pytest.approx(estimate, abs=1e-9)


def test_the_case_is_drawn_with_all_of_its_arms():
    table = simulated(cases=25, readers=3)
    # Too few draws for an interval to quote, enough to see the same spread.
    redrawn = [agreement(each) for each in drawn_by_hand(table, 200, seed=9)]
    found = agreement(table, seed=4)
    for scope in ("all", *table.arms):
        for key in COEFFICIENTS:
            values = [each[scope][key] for each in redrawn]
            check(found[scope][f"{key}_ci95"], values)
        for pair, limits in found[scope]["weighted_kappa_ci95"].items():
            kappas = [each[scope]["weighted_kappa"].get(pair) for each in redrawn]
            check(limits, kappas)
        assert found[scope]["weighted_kappa_ci95_absent"] == {}


def check(limits: Any, values: list[float | None]) -> None:
    """Limits near the percentiles of independent draws: by a quarter of the width."""
    expected = np.percentile([value for value in values if value is not None], LIMITS)
    room = (expected[1] - expected[0]) / 4
    assert limits == pytest.approx(list(expected), abs=room)


def test_more_cases_give_narrower_intervals_around_the_estimate():
    widths = []
    for cases in (20, 80, 320):
        block = agreement(simulated(cases=cases, readers=4))["all"]
        assert block["bootstrap"] == {"draws": 1000, "seed": 0, "unit": "case"}
        for key in COEFFICIENTS:
            low, high = block[f"{key}_ci95"]
            assert low < block[key] < high
        low, high = block["krippendorff_alpha_ordinal_ci95"]
        widths.append(high - low)
    assert widths[0] > 1.5 * widths[1] > 2.25 * widths[2]


def test_a_seed_decides_the_draws():
    table = simulated(cases=30, readers=3)
    assert agreement(table, seed=1) == agreement(table, seed=1)
    assert agreement(table, seed=1)["all"] != agreement(table, seed=2)["all"]


def test_one_case_has_no_interval_and_says_so():
    block = agreement(table_of(rows("R1 C1 AB", "R2 C1 AC"), ["model", "reference"]))
    assert block["all"]["status"] == "one_case"
    assert block["all"]["message"].endswith("1 case: no interval.")
    assert block["all"]["percent_agreement"] == 0.5
    assert block["all"]["percent_agreement_ci95"] is None
    assert block["all"]["weighted_kappa_ci95"] == {}
    assert block["all"]["weighted_kappa_ci95_absent"]["R1|R2"]["status"] == "one_case"


def test_readers_who_never_differ_have_agreement_and_no_interval():
    lines = [
        f"R{reader} C{case} {'AD'[case % 2]}A" for reader in (1, 2) for case in range(8)
    ]
    block = agreement(table_of(rows(*lines), ["model", "reference"]))["all"]
    assert block["percent_agreement"] == block["krippendorff_alpha_ordinal"] == 1
    assert block["status"] == "zero_variance"
    assert block["percent_agreement_ci95"] is None
    assert block["weighted_kappa"] == {"R1|R2": 1.0}
    absent = block["weighted_kappa_ci95_absent"]["R1|R2"]
    assert absent["status"] == "zero_variance"
    assert absent["message"].endswith(".")


def test_a_coefficient_that_most_draws_leave_undefined_has_no_interval():
    # Only C0 and C1 are complete, and success varies only where both are drawn.
    lines = ["R1 C0 A", "R2 C0 A", "R1 C1 D", "R2 C1 D"]
    lines += [f"R{1 + case % 2} C{case} A" for case in range(2, 40)]
    block = agreement(table_of(rows(*lines), ["model"]))["all"]
    assert block["fleiss_kappa"] == 1
    assert block["fleiss_kappa_ci95"] is None
    assert block["status"] == "one_category"
    assert "most of the bootstrap's draws" in block["message"]
