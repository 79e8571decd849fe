"""The permutation test: exact where all arrangements can be listed, honest without a
difference, and not blind to one."""

import warnings
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from drills.permutation import compare, holm

ONE_BLOCK = [0] * 8


def kolmogorov(one: list[float], two: list[float]) -> float:
    """The largest gap between both distributions, as scipy has it."""
    with warnings.catch_warnings():
        # Of its p value, which is not asked for.
        warnings.simplefilter("ignore", RuntimeWarning)
        return float(stats.ks_2samp(one, two).statistic)


def arrangements(values: list[float], second: list[bool]) -> tuple[float, float]:
    """Both p-values by listing every arrangement."""

    def statistics(chosen: set[int]) -> tuple[float, float]:
        one = [value for place, value in enumerate(values) if place not in chosen]
        two = [value for place, value in enumerate(values) if place in chosen]
        gap = kolmogorov(one, two)
        return abs(np.median(one) - np.median(two)), gap

    observed = statistics({place for place, each in enumerate(second) if each})
    listed = [
        statistics(set(chosen))
        for chosen in combinations(range(len(values)), sum(second))
    ]
    shares = [
        np.mean([each[kind] >= observed[kind] - 1e-9 for each in listed])
        for kind in (0, 1)
    ]
    return float(shares[0]), float(shares[1])


@given(
    values=st.lists(st.integers(0, 9), min_size=8, max_size=8),
    second=st.permutations([True] * 4 + [False] * 4),
)
@settings(max_examples=15)
def test_it_agrees_with_the_list_of_all_arrangements(values, second) -> None:
    found = compare(values, second, ONE_BLOCK, permutations=20_000, seed=1)
    p_median, p_gap = arrangements(values, second)
    assert found.p_median == pytest.approx(p_median, abs=0.02)
    assert found.p_gap == pytest.approx(p_gap, abs=0.02)


@given(
    one=st.lists(st.integers(0, 20), min_size=1, max_size=30),
    two=st.lists(st.integers(0, 20), min_size=1, max_size=30),
)
@settings(max_examples=40)
def test_medians_and_gap_are_those_of_the_libraries(one, two) -> None:
    labels = [False] * len(one) + [True] * len(two)
    blocks = [0] * len(labels)
    found = compare([*one, *two], labels, blocks, permutations=1)
    assert found.n == (len(one), len(two))
    assert found.medians == (np.median(one), np.median(two))
    assert found.gap == pytest.approx(kolmogorov(one, two))


def test_without_a_difference_small_p_values_are_as_rare_as_they_say() -> None:
    chance = np.random.default_rng(5)
    labels, blocks = [False, True] * 20, [place // 10 for place in range(40)]
    found = [
        compare(chance.exponential(size=40), labels, blocks, permutations=400, seed=n)
        for n in range(400)
    ]
    for p_values in ([each.p_median for each in found], [each.p_gap for each in found]):
        # 5 %, with five standard errors of room.
        assert np.mean(np.array(p_values) <= 0.05) < 0.05 + 5 * 0.011


def test_a_shift_is_found_below_noise_that_drifts_from_block_to_block() -> None:
    chance = np.random.default_rng(7)
    blocks = np.repeat(np.arange(20), 20)
    labels = np.tile([False, True], 200)
    noise = chance.exponential(4, size=400) + 3 * np.sin(blocks / 3)
    equal = compare(noise, labels, blocks, permutations=20_000)
    assert min(equal.p_median, equal.p_gap) > 0.01
    shifted = compare(noise + 2 * labels, labels, blocks, permutations=20_000)
    assert max(shifted.p_median, shifted.p_gap) < 0.001


def test_another_spread_around_the_same_median_is_found_by_the_gap() -> None:
    chance = np.random.default_rng(11)
    labels = np.tile([False, True], 300)
    values = chance.normal(size=600) * np.where(labels, 3, 1)
    found = compare(values, labels, [0] * 600, permutations=5_000)
    assert found.p_gap < 0.001


def test_labels_are_exchanged_within_blocks_alone() -> None:
    """Two blocks far apart, each of one sample: there is nothing to exchange."""
    values, labels = [1.0, 2.0, 101.0, 102.0], [False, False, True, True]
    found = compare(values, labels, [0, 0, 1, 1], permutations=500)
    assert found.p_median == found.p_gap == 1


@pytest.mark.parametrize(
    ("values", "labels", "blocks", "sentence"),
    [
        ([1, 2], [True, True], [0, 0], "Both samples"),
        ([1, 2], [True], [0, 0], "same length"),
        ([1, float("nan")], [True, False], [0, 0], "no number"),
    ],
)
def test_what_cannot_be_compared_is_refused(values, labels, blocks, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        compare(values, labels, blocks)


def test_holm_multiplies_the_smallest_by_their_number() -> None:
    assert holm([0.04, 0.01, 0.5]) == pytest.approx([0.08, 0.03, 0.5])
    assert holm([0.6, 0.5]) == [1.0, 1.0]
    assert holm([]) == []
