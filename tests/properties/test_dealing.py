"""Every design that can be dealt keeps what it promises, for every small study."""

import hashlib
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from readerstudy.analysis.statistics.planning.designs import Layout
from readerstudy.presentation.dealing import (
    MIXED,
    ONE_REPORT,
    SPLIT_PLOT,
    WILLIAMS,
    Design,
    deal_design,
)
from readerstudy.presentation.randomise import Deal, Infeasible, deal_pairs
from readerstudy.presentation.sessions import SessionPlan
from readerstudy.presentation.who_reads import shared_out, split_plot
from readerstudy.presentation.williams import williams

ARMS = ("model", "ground_truth", "other", "fourth")


@st.composite
def studies(draw, **fixed):
    """A study with its design; most can be dealt, some can't."""
    cases = draw(st.integers(1, 14))
    pairs = fixed.pop("pairs", False)
    design = Design(
        allocation=draw(st.sampled_from(["crossed", "split_plot", "one_report"])),
        reader_groups=draw(st.integers(2, 3)),
        anchor_cases=draw(st.integers(0, 4)),
        arm_order=draw(st.sampled_from(["mixed", "williams"])),
        hidden_repeats=draw(st.integers(0, 6)),
        pairs=pairs,
    )
    limit = draw(st.one_of(st.none(), st.integers(1, 30)))
    return {
        "design": replace(design, **fixed),
        "readers": [f"R{n}" for n in range(1, draw(st.integers(1, 6)) + 1)],
        "strata": {
            f"CXR{n}": draw(st.sampled_from(["normal", "abnormal", "unknown"]))
            for n in range(cases)
        },
        "arms": list(ARMS[: draw(st.integers(1, 4))]),
        "minimum_distance": draw(st.integers(1, cases)),
        "seed": draw(st.integers(0, 2**40)),
        "plan": SessionPlan(limit, draw(st.booleans())),
    }


def dealt(study):
    """The deals of a study; one that can't be dealt is no example."""
    try:
        return deal_design(**study)
    except Infeasible:
        assume(False)
        raise


def lists(deals: list[Deal]) -> dict[str, list[Deal]]:
    found: dict[str, list[Deal]] = defaultdict(list)
    for each in deals:
        found[each.reader].append(each)
    return found


def most_apart(counts) -> int:
    counts = list(counts)
    return max(counts) - min(counts)


@given(studies())
def test_lists_are_whole_and_every_report_is_read_once_but_for_repeats(study):
    for own in lists(dealt(study)).values():
        assert [each.position for each in own] == list(range(1, len(own) + 1))
        first = Counter((each.case, each.arm) for each in own if not each.repeat)
        assert set(first.values()) == {1}
        again = [(each.case, each.arm) for each in own if each.repeat]
        assert set(again) <= set(first)
        assert len({case for case, _ in again}) == len(again)
        assert len(again) == study["design"].hidden_repeats


@given(studies())
def test_readings_of_one_radiograph_keep_their_distance_repeats_among_them(study):
    for own in lists(dealt(study)).values():
        places = defaultdict(list)
        for each in own:
            places[each.case].append(each.position)
        for found in places.values():
            for earlier, later in pairwise(found):
                assert later - earlier >= study["minimum_distance"]


@given(studies())
def test_a_repeat_comes_after_its_first_reading_and_in_a_later_session(study):
    for own in lists(dealt(study)).values():
        first = {(each.case, each.arm): each for each in own if not each.repeat}
        for each in own:
            if not each.repeat:
                continue
            before = first[each.case, each.arm]
            assert before.position < each.position
            if own[-1].session > 1:
                assert before.session < each.session


@given(studies())
def test_sessions_hold_no_more_than_they_may_and_where_days_lie_between_no_case_twice(
    study,
):
    plan = study["plan"]
    for own in lists(dealt(study)).values():
        steps = {after.session - before.session for before, after in pairwise(own)}
        assert own[0].session == 1 and steps <= {0, 1}
        if plan.limit:
            assert max(Counter(each.session for each in own).values()) <= plan.limit
        if plan.rounds_apart:
            together = Counter((each.session, each.case) for each in own)
            assert max(together.values()) == 1


@given(studies())
def test_repeats_are_balanced_over_arms_and_strata(study):
    strata, again = study["strata"], study["design"].hidden_repeats
    for own in lists(dealt(study)).values():
        read = Counter(strata[case] for case in {each.case for each in own})
        repeats = [each for each in own if each.repeat]
        found = Counter(strata[each.case] for each in repeats)
        assert found == Counter(shared_out(again, read))
        if study["design"].allocation != ONE_REPORT:
            of_arms = Counter(each.arm for each in repeats)
            assert most_apart(of_arms[arm] for arm in study["arms"]) <= 1


@given(studies())
def test_a_reader_who_is_named_last_leaves_the_other_lists_alone(study):
    before = dealt(study)
    wider = deal_design(**study | {"readers": [*study["readers"], "R99"]})
    assert [each for each in wider if each.reader != "R99"] == before


@given(studies())
def test_the_order_in_which_cases_and_arms_come_means_nothing(study):
    turned = study | {
        "strata": dict(reversed(study["strata"].items())),
        "arms": study["arms"][::-1],
    }
    assert dealt(study) == deal_design(**turned)


@given(studies(pairs=True, allocation="crossed", arm_order=MIXED, hidden_repeats=0))
def test_pairs_are_dealt_as_ever(study):
    names = {"readers": study["readers"], "cases": list(study["strata"])}
    study["arms"] = list(ARMS[:2])
    rest = {key: study[key] for key in ("arms", "seed", "plan")}
    assert deal_design(**study) == deal_pairs(**names, **rest)


@given(studies(allocation=SPLIT_PLOT), st.booleans())
def test_groups_share_the_cases_and_all_read_the_anchors(study, pairs):
    if pairs:
        study["design"] = Design(
            SPLIT_PLOT,
            study["design"].reader_groups,
            study["design"].anchor_cases,
            pairs=True,
        )
        study["arms"] = list(ARMS[:2])
    design, strata = study["design"], study["strata"]
    groups, anchors = design.reader_groups, design.anchor_cases
    cases = {
        reader: {each.case for each in own}
        for reader, own in lists(dealt(study)).items()
    }
    of_group = [cases[reader] for reader in study["readers"][:groups]]
    for place, reader in enumerate(study["readers"]):
        assert cases[reader] == of_group[place % groups]
    shared = set.intersection(*of_group)
    assert len(shared) == anchors
    assert Counter(strata[case] for case in shared) == Counter(
        shared_out(anchors, Counter(strata.values()))
    )
    assert set.union(*of_group) == set(strata)
    for one, other in combinations(of_group, 2):
        assert one & other == shared
    for stratum in set(strata.values()):
        assert (
            most_apart(sum(strata[c] == stratum for c in own) for own in of_group) <= 1
        )
    assert most_apart(map(len, of_group)) <= 1


@given(studies(allocation=ONE_REPORT, hidden_repeats=0))
def test_one_report_of_each_radiograph_with_arms_in_balance(study):
    arms, strata = study["arms"], study["strata"]
    deals = [each for each in dealt(study) if not each.repeat]
    for own in lists(deals).values():
        assert Counter(each.case for each in own) == Counter(list(strata))
        for stratum in [None, *set(strata.values())]:
            held = Counter(e.arm for e in own if stratum in (None, strata[e.case]))
            assert most_apart(held[arm] for arm in arms) <= 1
    for case in strata:
        held = Counter(each.arm for each in deals if each.case == case)
        assert most_apart(held[arm] for arm in arms) <= 1


@given(st.integers(1, 9))
def test_a_williams_design_is_balanced_for_place_and_for_what_comes_before(arms):
    rows = williams(arms)
    assert len(rows) == (arms if arms % 2 == 0 or arms == 1 else 2 * arms)
    times = len(rows) // arms
    assert all(sorted(row) == list(range(arms)) for row in rows)
    for place in range(arms):
        assert set(Counter(row[place] for row in rows).values()) == {times}
    followers = Counter(pair for row in rows for pair in pairwise(row))
    assert len(followers) == arms * (arms - 1)
    assert set(followers.values()) <= {times}


@pytest.mark.parametrize("arms", [2, 3, 4])
@pytest.mark.parametrize("times", [2, 3, 4])
@pytest.mark.parametrize("groups", [1, 2, 3, 4])
def test_readers_in_williams_orders_are_balanced_over_a_multiple_of_the_rows(
    arms, times, groups
):
    names = list(ARMS[:arms])
    allocation = "crossed" if groups == 1 else "split_plot"
    readers = len(williams(arms)) * times
    deals = deal_design(
        Design(allocation=allocation, reader_groups=groups, arm_order=WILLIAMS),
        readers=[f"R{n}" for n in range(readers)],
        strata={f"CXR{n}": "normal" for n in range(12)},
        arms=names,
        minimum_distance=3,
        seed=7,
    )
    orders = [
        list(dict.fromkeys(each.arm for each in own)) for own in lists(deals).values()
    ]
    for own in lists(deals).values():
        # One arm a round: it never comes back.
        changes = sum(a.arm != b.arm for a, b in pairwise(own))
        assert changes == arms - 1
    for place in range(arms):
        counts = Counter(order[place] for order in orders)
        assert set(counts.values()) == {readers // arms}
    followers = Counter(pair for order in orders for pair in pairwise(order))
    assert len(followers) == arms * (arms - 1) and len(set(followers.values())) == 1
    if times % groups == 0:
        for group in range(groups):
            own = Counter(map(tuple, orders[group::groups]))
            assert len(own) == len(williams(arms)) and len(set(own.values())) == 1


@given(studies(hidden_repeats=0, arm_order=MIXED))
def test_power_is_worked_out_for_what_is_dealt(study):
    """The planning layouts have the same readers per report and reads per reader."""
    design, arms = study["design"], study["arms"]
    deals = dealt(study)
    layout = Layout(design.allocation, design.reader_groups, design.anchor_cases)
    readers, cases = len(study["readers"]), len(study["strata"])
    assert layout.fits(readers, cases)
    flags = layout.flags(readers, cases, len(arms))
    own = lists(deals)
    assert [len(own[reader]) for reader in study["readers"]] == list(
        flags.sum(axis=(0, 2))
    )
    of_cases = Counter(each.case for each in deals)
    assert sorted(of_cases.values()) == sorted(flags.sum(axis=(1, 2)))
    for one, other in combinations(range(readers), 2):
        both = (flags[:, one] & flags[:, other]).sum()
        shared = {(e.case, e.arm) for e in own[study["readers"][one]]} & {
            (e.case, e.arm) for e in own[study["readers"][other]]
        }
        assert len(shared) == both


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"design": Design(SPLIT_PLOT, reader_groups=3)}, "Name more readers"),
        ({"design": Design(SPLIT_PLOT, anchor_cases=5)}, "Draw more cases or ask for"),
        ({"design": Design(hidden_repeats=7)}, "can't have 7 repeats"),
        ({"design": Design(hidden_repeats=1, pairs=True)}, "hidden repeats to 0"),
        ({"design": Design(ONE_REPORT, pairs=True)}, "Let readers read every report"),
        ({"design": Design(ONE_REPORT, arm_order=WILLIAMS)}, "Mix the arms instead"),
        ({"design": Design(arm_order=WILLIAMS, pairs=True)}, "Mix the arms instead"),
        ({"minimum_distance": 7}, "Lower the distance"),
        ({"design": Design(SPLIT_PLOT), "minimum_distance": 4}, "With 3 cases"),
        ({"design": Design(ONE_REPORT, hidden_repeats=1)}, "would see it"),
    ],
)
def test_what_cannot_be_dealt_is_refused_with_what_to_change(changes, sentence):
    study = {
        "design": Design(),
        "readers": ["R1", "R2"],
        "strata": {f"CXR{n}": "normal" for n in range(6)},
        "arms": ["model", "ground_truth"],
        "minimum_distance": 2,
        "seed": 1,
    }
    with pytest.raises(Infeasible, match=sentence):
        deal_design(**study | changes)


def test_an_unknown_design_is_no_design():
    with pytest.raises(ValueError, match="allocation is none of"):
        Design(allocation="latin")


def test_the_lists_of_a_seed_stay_for_ever():
    """The paper's study as it was dealt before there were other designs."""
    deals = deal_design(
        Design(),
        readers=["R1", "R2"],
        strata={f"CXR{n}": "normal" if n % 2 else "abnormal" for n in range(50)},
        arms=["cxr_llava", "ground_truth"],
        minimum_distance=10,
        seed=20240501,
    )
    rows = ";".join(
        f"{each.reader},{each.position},{each.case},{each.arm},{each.session}"
        for each in deals
    )
    assert hashlib.sha256(rows.encode()).hexdigest() == (
        "ad42f6d33cd15e9cd9c8335bc883b97485ace788d711d180018eee2ec00e8c79"
    )


def test_cases_are_shared_out_between_two_groups_at_the_least():
    with pytest.raises(Infeasible, match="between two groups at the least"):
        split_plot(
            readers=["R1"], strata={"CXR1": "normal"}, groups=1, anchors=0, seed=1
        )


def test_an_order_needs_an_arm():
    with pytest.raises(ValueError, match="An order needs an arm"):
        williams(0)
