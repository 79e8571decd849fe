"""The planner's rules over many studies at once are the product's, one by one."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from readerstudy.analysis.statistics.exact_swap import exact_swap_p
from readerstudy.analysis.statistics.headline import headline
from readerstudy.analysis.statistics.mrmc import fixed_readers, random_readers
from readerstudy.analysis.statistics.planning.answers import Answers, all_rows, answers
from readerstudy.analysis.statistics.planning.designs import (
    CROSSED,
    ONE_REPORT,
    SPLIT_PLOT,
    Layout,
)
from readerstudy.analysis.statistics.planning.latent import Latent, draw


def of_one_study(success, flags):
    """What the result set says about a pair of arms of one study."""
    complete = flags.all(axis=2)
    d = np.where(complete, success[..., 1].astype(int) - success[..., 0], 0)
    totals = d.sum(axis=1)
    fixed = fixed_readers(d, complete) | {"exact_swap_p": exact_swap_p(totals)}
    random = random_readers(d, int((~flags).sum()))
    first = headline(
        fixed,
        random,
        cases=int(complete.any(axis=1).sum()),
        discordant_cases=int((totals != 0).sum()),
        readers=d.shape[1],
    )
    return {"fixed": fixed, "random": random, "headline": first}


def numbers(block):
    """p value and limits of a block, NaN where there is none."""
    low, high = block["ci95"] or (None, None)
    given = (block["p_value"], low, high)
    return [math.nan if value is None else value for value in given]


def numbers_at(found: Answers, study: int):
    return [found.p_value[study], found.low[study], found.high[study]]


@given(
    seed=st.integers(0, 2**32 - 1),
    cases=st.integers(2, 30),
    readers=st.integers(1, 6),
    rates=st.tuples(*[st.sampled_from([0.02, 0.5, 0.8, 0.98])] * 2),
    layout=st.sampled_from([Layout(CROSSED), Layout(SPLIT_PLOT, 2, 3)]),
)
@example(seed=1, cases=12, readers=3, rates=(0.999999, 0.999999), layout=Layout())
@example(seed=1, cases=12, readers=3, rates=(0.000001, 0.999999), layout=Layout())
@example(seed=2, cases=40, readers=3, rates=(0.78, 0.78), layout=Layout())
def test_every_answer_is_that_of_the_result_set(seed, cases, readers, rates, layout):
    if not layout.fits(readers, cases):
        layout = Layout()
    random = np.random.default_rng(seed)
    success = draw(Latent(rates), random, replicates=8, cases=cases, readers=readers)
    flags = layout.flags(readers, cases, 2)
    found = answers(success, flags)
    for study in range(len(success)):
        expected = of_one_study(success[study], flags)
        for name, together in found.items():
            assert numbers_at(together, study) == pytest.approx(
                numbers(expected[name]), rel=1e-8, abs=1e-12, nan_ok=True
            ), name
        assert ("random" in found) or expected["random"]["p_value"] is None


@given(seed=st.integers(0, 2**32 - 1), readers=st.integers(1, 5))
def test_over_complete_blocks_all_rows_are_these_readers(seed, readers):
    random = np.random.default_rng(seed)
    success = draw(Latent((0.7, 0.8)), random, replicates=5, cases=20, readers=readers)
    flags = Layout().flags(readers, 20, 2)
    whole, fixed = all_rows(success, flags), answers(success, flags)["fixed"]
    for study in range(5):
        assert numbers_at(whole, study) == pytest.approx(
            numbers_at(fixed, study), rel=1e-8, nan_ok=True
        )


def test_all_rows_are_least_squares_with_the_sandwich_of_the_cases():
    from statsmodels.api import OLS

    random = np.random.default_rng(5)
    success = draw(Latent((0.7, 0.8)), random, replicates=1, cases=40, readers=3)
    flags = Layout(ONE_REPORT).flags(3, 40, 2)
    case, _, arm = np.nonzero(flags)
    fit = OLS(
        success[0][flags].astype(float), np.stack([np.ones(len(arm)), arm], axis=1)
    ).fit(
        cov_type="cluster",
        cov_kwds={"groups": case, "use_correction": False},
        use_t=True,
    )
    se = fit.bse[1] * math.sqrt(40 / 39)
    found = all_rows(success, flags)
    middle = (found.low[0] + found.high[0]) / 2
    assert middle == pytest.approx(fit.params[1])
    # The 97.5th percentile of Student's t on 39 degrees of freedom.
    assert (found.high[0] - found.low[0]) / 2 == pytest.approx(2.0226909 * se, rel=1e-6)


@given(readers=st.integers(1, 9), cases=st.integers(1, 60), arms=st.integers(2, 5))
def test_in_one_report_per_radiograph_nobody_sees_a_case_twice(readers, cases, arms):
    flags = Layout(ONE_REPORT).flags(readers, cases, arms)
    assert (flags.sum(axis=2) == 1).all()
    of_reader = flags.sum(axis=0)
    assert (of_reader.max(axis=1) - of_reader.min(axis=1) <= 1).all()
    of_case = flags.sum(axis=1)
    assert (of_case.max(axis=1) - of_case.min(axis=1) <= 1).all()


@given(
    readers=st.integers(2, 9),
    cases=st.integers(10, 60),
    groups=st.integers(2, 4),
    anchors=st.integers(0, 5),
)
def test_in_a_split_plot_only_anchors_are_shared_by_groups(
    readers, cases, groups, anchors
):
    layout = Layout(SPLIT_PLOT, groups, anchors)
    if not layout.fits(readers, cases):
        return
    flags = layout.flags(readers, cases, 2)
    assert (flags.all(axis=2) == flags.any(axis=2)).all()
    read = flags.all(axis=2)
    assert read[:anchors].all()
    for case in read[anchors:]:
        assert len({reader % groups for reader in np.flatnonzero(case)}) == 1
        assert case.any()
