"""Dealing by the paper's design holds its promises for every small study."""

import hashlib
from collections import Counter, defaultdict
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readerstudy.presentation.dealing import Design, deal_design
from readerstudy.presentation.randomise import (
    Deal,
    Infeasible,
    SeededStream,
    deal_pairs,
)
from readerstudy.presentation.sessions import SessionPlan


def deal(*, cases, **study) -> list[Deal]:
    """The paper's design, which knows of no strata."""
    return deal_design(Design(), strata=dict.fromkeys(cases, ""), **study)


@st.composite
def designs(draw: st.DrawFn) -> dict[str, object]:
    cases = draw(st.integers(1, 12))
    return {
        "readers": [f"R{n}" for n in range(1, draw(st.integers(1, 4)) + 1)],
        "cases": [f"CXR{n}" for n in range(cases)],
        "arms": ["model", "ground_truth", "other"][: draw(st.integers(1, 3))],
        "minimum_distance": draw(st.integers(1, cases)),
        "seed": draw(st.integers(0, 2**40)),
    }


def positions(deals: list[Deal]) -> dict[tuple[str, str], list[int]]:
    """Positions of each (reader, case), in order."""
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for each in deals:
        found[each.reader, each.case].append(each.position)
    return found


@given(designs())
def test_every_reader_reads_every_report_exactly_once(design):
    deals = deal(**design)
    counts = Counter((each.reader, each.case, each.arm) for each in deals)
    expected = {
        (reader, case, arm)
        for reader in design["readers"]
        for case in design["cases"]
        for arm in design["arms"]
    }
    assert set(counts) == expected
    assert set(counts.values()) == {1}
    for reader in design["readers"]:
        own = [each.position for each in deals if each.reader == reader]
        assert own == list(range(1, len(own) + 1))


@given(designs())
def test_reports_of_one_radiograph_keep_their_distance(design):
    for places in positions(deal(**design)).values():
        gaps = [later - earlier for earlier, later in pairwise(places)]
        assert all(gap >= design["minimum_distance"] for gap in gaps)


@given(designs())
def test_the_same_seed_deals_the_same_lists_in_whatever_order_cases_come(design):
    turned = design | {
        "cases": design["cases"][::-1],
        "arms": design["arms"][::-1],
    }
    assert deal(**design) == deal(**turned)


@given(designs())
def test_adding_a_reader_leaves_the_other_lists_alone(design):
    wider = design | {"readers": [*design["readers"], "R99"]}
    kept = [each for each in deal(**wider) if each.reader != "R99"]
    assert kept == deal(**design)


@given(designs())
def test_arms_are_balanced_within_one_in_every_round_of_every_reader(design):
    size = len(design["cases"])
    rounds = Counter(
        (each.reader, (each.position - 1) // size, each.arm) for each in deal(**design)
    )
    for reader in design["readers"]:
        for turn in range(len(design["arms"])):
            counts = [rounds[reader, turn, arm] for arm in design["arms"]]
            assert max(counts) - min(counts) <= 1


def test_over_many_readers_each_arm_comes_first_equally_often():
    deals = deal(
        readers=[f"R{n}" for n in range(400)],
        cases=[f"CXR{n}" for n in range(5)],
        arms=["ground_truth", "model"],
        minimum_distance=1,
        seed=11,
    )
    first = Counter(each.arm for each in deals if each.position == 1)
    # 400 fair coins: five standard deviations are 50.
    assert abs(first["model"] - 200) < 50


def test_over_many_readers_a_case_stands_at_every_place_of_the_first_round():
    deals = deal(
        readers=[f"R{n}" for n in range(1000)],
        cases=[f"CXR{n}" for n in range(5)],
        arms=["ground_truth", "model"],
        minimum_distance=2,
        seed=5,
    )
    places = Counter(
        each.position for each in deals if each.case == "CXR3" and each.position <= 5
    )
    assert sum(places.values()) == 1000
    assert all(abs(count - 200) < 65 for count in places.values())


def test_another_seed_deals_other_lists():
    design = {
        "readers": ["R1"],
        "cases": [f"CXR{n}" for n in range(20)],
        "arms": ["ground_truth", "model"],
        "minimum_distance": 5,
    }
    assert deal(**design, seed=1) != deal(**design, seed=2)


def test_a_distance_beyond_the_number_of_cases_is_refused_in_a_sentence():
    with pytest.raises(Infeasible, match=r"at most 3 reads apart.*asks for 4"):
        deal(
            readers=["R1"],
            cases=["a", "b", "c"],
            arms=["x", "y"],
            minimum_distance=4,
            seed=1,
        )


@pytest.mark.parametrize("lacking", ["readers", "cases", "arms"])
def test_an_empty_list_is_refused(lacking):
    design = {"readers": ["R1"], "cases": ["a"], "arms": ["x"]} | {lacking: []}
    with pytest.raises(Infeasible, match="There is no"):
        deal(**design, minimum_distance=1, seed=1)


@given(st.integers(1, 1000), st.integers(0, 2**30))
def test_numbers_stay_below_their_bound(bound, seed):
    assert 0 <= SeededStream("test", seed).below(bound) < bound


def test_the_stream_of_a_seed_is_fixed_for_ever():
    stream = SeededStream("deal/1", 1, "R1")
    assert [stream.below(100) for _ in range(6)] == [59, 77, 90, 67, 26, 64]


@given(
    st.integers(1, 40),
    st.integers(1, 4),
    st.one_of(st.none(), st.integers(1, 60)),
    st.booleans(),
    st.sampled_from([1, 2]),
)
def test_sessions_grow_by_one_and_hold_no_more_than_they_may(
    reads, rounds, limit, rounds_apart, weight
):
    plan = SessionPlan(limit, rounds_apart)
    sessions = plan.sessions(reads=reads, rounds=rounds, weight=weight)
    assert len(sessions) == reads * rounds
    assert sessions[0] == 1
    steps = {after - before for before, after in pairwise(sessions)}
    assert steps <= {0, 1}
    sizes = Counter(sessions)
    if limit is not None:
        assert max(sizes.values()) <= max(1, limit // weight)
    if rounds_apart:
        rounds_of = {(number, at // reads) for at, number in enumerate(sessions)}
        assert len(rounds_of) == len(sizes)
    elif limit is not None:
        assert max(sizes.values()) - min(sizes.values()) <= 1


@given(st.integers(1, 30), st.integers(1, 4), st.integers(0, 2**32))
def test_a_pair_lies_side_by_side_and_each_arm_stands_left_for_half(
    number, readers, seed
):
    cases = [f"c{n}" for n in range(number)]
    names = [f"R{n}" for n in range(readers)]
    deals = deal_pairs(readers=names, cases=cases, arms=["one", "two"], seed=seed)
    for reader in names:
        own = [each for each in deals if each.reader == reader]
        assert [each.position for each in own] == list(range(1, 2 * number + 1))
        assert [each.side for each in own] == [1, 2] * number
        assert sorted(each.case for each in own[::2]) == sorted(cases)
        for first, second in zip(own[::2], own[1::2], strict=True):
            assert first.case == second.case and first.arm != second.arm
        left = Counter(each.arm for each in own[::2])
        assert abs(left["one"] - left["two"]) <= 1


def test_side_by_side_needs_two_arms():
    with pytest.raises(Infeasible, match="this study has 3"):
        deal_pairs(readers=["R1"], cases=["c"], arms=["a", "b", "c"], seed=1)


def test_a_number_behind_the_last_whole_round_is_drawn_again():
    """Otherwise low numbers would come a little more often."""

    def block(name: str, counter: int) -> int:
        content = name.encode() + counter.to_bytes(8, "big")
        return int.from_bytes(hashlib.sha256(content).digest()[:8], "big")

    bound = 2**63 + 1
    names = [f"stream-{number}" for number in range(50)]
    name = next(
        name for name in names if block(name, 0) >= bound and block(name, 1) < bound
    )
    assert SeededStream(name).below(bound) == block(name, 1)


@pytest.mark.parametrize("what", ["readers", "cases", "arms"])
def test_nothing_is_dealt_to_or_from_what_is_named_twice(what):
    named = {"readers": ["R1"], "cases": ["CXR1"], "arms": ["model"]}
    named[what] = [*named[what], named[what][0]]
    with pytest.raises(ValueError, match=f"A {what[:-1]} is listed twice"):
        deal_pairs(**named, seed=1)
