"""The plan's alpha sets the level of the main interval, and what is judged by it."""

import functools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from readerstudy.analysis.statistics.design import (
    BadProtocol,
    Design,
    design_of_protocol,
)
from readerstudy.analysis.statistics.estimand import estimands
from readerstudy.analysis.statistics.planning.designs import Layout
from readerstudy.analysis.statistics.planning.latent import Latent
from readerstudy.analysis.statistics.planning.power import power_table
from readerstudy.analysis.statistics.reads_csv import read_csv
from readerstudy.analysis.statistics.results import result_set

TABLE_5 = Path(__file__).parent / "vectors" / "v12_table5_typical.csv"
ARMS = ("model", "ground_truth")


@functools.cache
def results(**plan):
    design = Design(arms=ARMS, reference="ground_truth", **plan)
    return result_set(read_csv(TABLE_5.read_text()), design).as_json()


def estimand(**plan):
    """The estimand of a plan, from the comparison that does not depend on it."""
    design = Design(arms=ARMS, reference="ground_truth", **plan)
    return estimands(results()["pairs"], ARMS, design)[0]


def test_at_five_percent_nothing_is_new():
    found = estimand()
    assert found["alpha"] == 0.05 and found["ci_level"] == 0.95
    assert found["ci"] == found["ci95"]
    assert found["significant"] is True


@pytest.mark.parametrize("inference", ["headline", "fixed", "random"])
@pytest.mark.parametrize("alpha", [0.01, 0.1])
def test_the_interval_is_that_of_the_t_law_at_the_plans_level(inference, alpha):
    pair, answer = results()["pairs"][0], estimand(alpha=alpha, inference=inference)
    half = {
        name: stats.t(pair[name]["df"]).ppf(1 - alpha / 2) * pair[name]["se"]
        for name in ("fixed_readers", "random_readers")
    }
    wanted = {
        "fixed": half["fixed_readers"],
        "random": half["random_readers"],
        "headline": max(half.values()),
    }[inference]
    middle = answer["difference"]
    assert answer["ci"] == pytest.approx([middle - wanted, middle + wanted], abs=1e-12)
    assert answer["ci95"] == estimand(inference=inference)["ci95"]
    assert answer["significant"] is (answer["p_value"] < alpha)


def test_the_results_keep_the_level():
    found = results(alpha=0.1, margin=0.1)
    assert found["estimand"] == estimand(alpha=0.1, margin=0.1)
    assert found["plan"]["alpha"] == 0.1


def test_non_inferiority_is_judged_at_the_plans_level():
    """Between the lower limits at 99% and at 90%, the margin decides by the level."""
    low = {alpha: estimand(alpha=alpha)["ci"][0] for alpha in (0.01, 0.1)}
    margin = -(low[0.01] + low[0.1]) / 2
    turned = abs(margin)
    verdicts = [
        estimand(alpha=alpha, margin=turned)["non_inferior"] for alpha in (0.01, 0.1)
    ]
    assert low[0.01] < low[0.1]
    assert verdicts == [low[alpha] > -turned for alpha in (0.01, 0.1)]


@given(st.floats(0.001, 0.2))
def test_a_smaller_alpha_makes_a_wider_interval(alpha):
    found, usual = estimand(alpha=alpha), estimand()
    width = found["ci"][1] - found["ci"][0]
    assert (width >= usual["ci"][1] - usual["ci"][0]) == (alpha <= 0.05)


@pytest.mark.parametrize("alpha", [0, -0.1, 0.6, "0.05", True])
def test_an_alpha_that_is_none_is_refused(alpha):
    with pytest.raises(BadProtocol, match="alpha"):
        design_of_protocol({"arms": ["a", "b"], "alpha": alpha})
    assert design_of_protocol({"arms": ["a"], "alpha": 0.1}).alpha == 0.1
    assert design_of_protocol({"arms": ["a"]}).alpha == 0.05


@pytest.mark.parametrize("margin", [None, 0.1])
def test_power_rises_with_alpha(margin):
    rates = (0.84, 0.84) if margin else (0.727, 0.84)
    powers = [
        power_table(
            Latent(rates),
            Layout(),
            sizes=[(3, 50)],
            margin=margin,
            alpha=alpha,
            replicates=300,
        )[0]
        .by_inference["headline"]
        .power
        for alpha in (0.01, 0.05, 0.2)
    ]
    assert powers == sorted(powers) and powers[0] < powers[-1]
