"""Whole cases are drawn, alike for a seed, and a statistic is a product of matrices."""

import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from readerstudy.analysis.statistics import bootstrap
from readerstudy.analysis.statistics.bootstrap import (
    draw_weights,
    drawn_sums,
    percentile_interval,
    ratio,
)
from readerstudy.analysis.statistics.products import long_product


@given(st.integers(0, 40), st.integers(0, 100), st.integers(0, 9))
def test_a_product_in_blocks_is_the_product(rows, length, columns):
    random = np.random.default_rng(0)
    left = random.integers(9, size=(rows, length)).astype(np.float64)
    right = random.integers(9, size=(length, columns)).astype(np.float64)
    assert (long_product(left, right) == left @ right).all()


@given(st.integers(1, 40), st.integers(1, 60), st.integers(0, 9))
def test_every_draw_takes_as_many_cases_as_there_are(cases, draws, seed):
    weights = np.concatenate(list(draw_weights(cases, seed=seed, draws=draws)))
    assert weights.shape == (draws, cases)
    assert (weights.sum(axis=1) == cases).all()


def test_a_seed_decides_the_draws_and_the_size_of_a_chunk_does_not(monkeypatch):
    whole = np.concatenate(list(draw_weights(7, seed=3, draws=50)))
    for cells in (1, 30, 100):
        monkeypatch.setattr(bootstrap, "_CELLS", cells)
        assert (np.concatenate(list(draw_weights(7, seed=3, draws=50))) == whole).all()
    other = np.concatenate(list(draw_weights(7, seed=4, draws=50)))
    assert (other != whole).any()


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int64])
def test_drawn_sums_are_the_sums_over_the_drawn_cases(kind):
    sums = np.arange(21, dtype=kind).reshape(7, 3)
    found = drawn_sums(sums, seed=1, draws=20)
    assert (drawn_sums(sums[::-1], seed=1, draws=20) == found).all()
    weights = np.concatenate(list(draw_weights(7, seed=1, draws=20)))
    sums = sums[np.argsort([row.tobytes() for row in sums])]
    for each, taken in zip(found, weights.astype(int), strict=True):
        assert each.tolist() == np.repeat(sums, taken, axis=0).sum(axis=0).tolist()


def test_the_interval_of_a_mean_is_near_that_of_theory():
    values = np.random.default_rng(5).normal(size=(400, 1))
    low, high = percentile_interval(drawn_sums(values, seed=0)[:, 0] / 400)
    error = values.std() / 20
    assert low == pytest.approx(values.mean() - 1.96 * error, abs=0.012)
    assert high == pytest.approx(values.mean() + 1.96 * error, abs=0.012)


def test_undefined_draws_are_ignored_unless_they_are_most():
    values = np.array([np.nan] * 4 + [np.inf] + [1.0, 2.0, 3.0, 4.0, 5.0])
    assert percentile_interval(values) == pytest.approx([1.1, 4.9])
    assert percentile_interval(values[:-1]) is None
    assert percentile_interval(np.zeros(0)) is None
    assert percentile_interval(drawn_sums(np.zeros((0, 2)), seed=0)[:, 1]) is None
    assert np.isnan(ratio(np.zeros(3), np.zeros(3))).all()
    assert ratio(np.array([1.0, 1.0]), np.array([4.0, 0.0]))[0] == 0.25


def test_a_thousand_draws_of_25000_cases_take_little_time_and_memory():
    sums = np.ones((25_000, 20))
    tracemalloc.start()
    # The processor's time: on a busy machine the clock says nothing.
    began = time.process_time()
    assert drawn_sums(sums, seed=0).tolist() == [[25_000.0] * 20] * 1000
    assert time.process_time() - began < 2
    assert tracemalloc.get_traced_memory()[1] < 100e6
    tracemalloc.stop()
