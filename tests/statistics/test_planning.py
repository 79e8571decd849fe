"""Power by simulation against figures that were computed apart from this code."""

from math import sqrt

import numpy as np
import pytest

from readerstudy.analysis.statistics.planning.designs import (
    ONE_REPORT,
    SPLIT_PLOT,
    Layout,
)
from readerstudy.analysis.statistics.planning.latent import Latent, Shares, draw
from readerstudy.analysis.statistics.planning.power import power_table

CASES = (50, 100, 150, 200, 300)
# Power of F and R for .727 against .84, 600 replicates each.
KNOWN = {
    3: ((0.57, 0.78, 0.89, 0.93, 0.97), (0.32, 0.40, 0.46, 0.46, 0.49)),
    5: ((0.64, 0.87, 0.94, 0.97, 0.99), (0.48, 0.67, 0.76, 0.79, 0.84)),
    8: ((0.73, 0.93, 0.98, 0.99, 1.00), (0.64, 0.83, 0.90, 0.93, 0.97)),
}
# Power of F for non-inferiority by ten points where both arms succeed in 80%.
KNOWN_MARGIN = {(3, 200): 0.88, (5, 100): 0.82, (5, 200): 0.95, (8, 100): 0.86}
KNOWN_REPLICATES = 600
REPLICATES = 4000
# Of some 30 figures the farthest lies within this many standard errors.
FAR = 3.5


def distance(found: float, known: float) -> float:
    """How far two shares lie apart, in standard errors of both."""
    share = min(max(found, 0.002), 0.998)
    se = sqrt(share * (1 - share) * (1 / REPLICATES + 1 / KNOWN_REPLICATES))
    # The known figure is rounded to two places.
    return max(0.0, abs(found - known) - 0.005) / se


def test_the_power_table_is_reproduced():
    sizes = [(readers, cases) for readers in KNOWN for cases in CASES]
    cells = power_table(
        Latent((0.727, 0.84)), Layout(), sizes=sizes, replicates=REPLICATES, seed=11
    )
    assert [(cell.readers, cell.cases) for cell in cells] == sizes
    far = [
        distance(cell.by_inference[name].power, known[CASES.index(cell.cases)])
        for cell in cells
        for name, known in zip(("fixed", "random"), KNOWN[cell.readers], strict=True)
    ]
    assert len(far) == 30
    assert max(far) < FAR


def test_the_non_inferiority_row_is_reproduced():
    cells = power_table(
        Latent((0.8, 0.8)),
        Layout(),
        sizes=list(KNOWN_MARGIN),
        margin=0.1,
        replicates=REPLICATES,
        seed=12,
    )
    for cell in cells:
        found = cell.by_inference["fixed"].power
        assert distance(found, KNOWN_MARGIN[cell.readers, cell.cases]) < FAR


def test_another_variance_is_noticed():
    cells = power_table(
        Latent((0.727, 0.84), Shares(report=0.0)),
        Layout(),
        sizes=[(8, 50)],
        replicates=REPLICATES,
        seed=11,
    )
    assert distance(cells[0].by_inference["fixed"].power, 0.73) > FAR


def test_without_a_difference_the_headline_seldom_finds_one():
    sizes = [(3, 50), (5, 50), (2, 8), (1, 60)]
    cells = power_table(
        Latent((0.78, 0.78), Shares(reader_by_arm=0)),
        Layout(),
        sizes=sizes,
        replicates=REPLICATES,
        seed=3,
    )
    for cell in cells:
        found = cell.by_inference["headline"]
        assert found.power <= 0.06 + 2 * sqrt(0.06 * 0.94 / REPLICATES)


def test_the_headline_is_never_more_powerful_than_its_parts():
    cells = power_table(
        Latent((0.7, 0.8)), Layout(), sizes=[(3, 60), (6, 60)], replicates=500, seed=4
    )
    for cell in cells:
        found = cell.by_inference
        least = min(found["fixed"].power, found["random"].power)
        assert found["headline"].power <= least
        assert found["headline"].half_width >= found["random"].half_width
        assert 0 < found["headline"].se < 0.03


@pytest.mark.parametrize(
    ("layout", "names"),
    [
        (Layout(), {"fixed", "random", "headline"}),
        (Layout(SPLIT_PLOT, 2), {"fixed", "headline"}),
        (Layout(ONE_REPORT), {"all_rows"}),
    ],
)
def test_a_design_has_the_inference_that_it_allows(layout, names):
    cells = power_table(
        Latent((0.7, 0.8)), layout, sizes=[(4, 40)], replicates=50, seed=4
    )
    assert cells[0].by_inference.keys() == names


def test_a_split_plot_without_a_reader_in_every_group_is_left_out():
    cells = power_table(
        Latent((0.7, 0.8)),
        Layout(SPLIT_PLOT, 4),
        sizes=[(3, 40), (4, 40)],
        replicates=50,
    )
    assert [cell.readers for cell in cells] == [4]


def test_drawn_studies_have_the_rates_and_shares_asked_for():
    """Two readers of one report agree as its latent correlation says."""
    shares = Shares(case=0.25, reader=0, report=0.30, reader_by_arm=0, case_by_reader=0)
    random = np.random.default_rng(8)
    success = draw(
        Latent((0.5, 0.9), shares), random, replicates=400, cases=200, readers=2
    )
    assert success.mean(axis=(0, 1, 2)) == pytest.approx([0.5, 0.9], abs=0.01)
    first, second = success[:, :, 0, 0].ravel(), success[:, :, 1, 0].ravel()
    both = (first & second).mean()
    # P(both above their medians) = 1/4 + asin(correlation) / (2 pi)
    assert both == pytest.approx(0.25 + np.arcsin(0.55) / (2 * np.pi), abs=0.01)


@pytest.mark.parametrize("shares", [{"case": -0.1}, {"case": 0.7, "report": 0.6}])
def test_shares_that_are_none_are_refused(shares):
    with pytest.raises(ValueError, match="share"):
        Shares(**shares)


@pytest.mark.parametrize("rates", [(0.0, 0.5), (0.5, 1.0)])
def test_a_rate_of_nothing_or_all_is_refused(rates):
    with pytest.raises(ValueError, match="rate"):
        Latent(rates)


def test_no_design_but_the_three_is_known():
    with pytest.raises(ValueError, match="There is no design latin"):
        Layout("latin")
    with pytest.raises(ValueError, match="has two groups or more"):
        Layout(SPLIT_PLOT, 1)


def test_sizes_of_which_none_fits_have_no_power():
    layout = Layout(SPLIT_PLOT, 4)
    assert power_table(Latent((0.7, 0.8)), layout, sizes=[(3, 40)]) == []
