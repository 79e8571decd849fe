"""A case set can be worked out again from the protocol, whatever was struck."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readerstudy.cases.sampling import (
    METHOD,
    STRATA,
    Struck,
    TooFew,
    draw,
    draw_and_strike,
    ranking,
    replay_case_set,
)


@st.composite
def blocks(draw_: st.DrawFn) -> dict[str, Any]:
    """A protocol's block: candidates, sizes that they allow, and exclusions."""
    codes = draw_(st.lists(st.text(min_size=1, max_size=6), unique=True, max_size=24))
    candidates: dict[str, list[str]] = {}
    for code in codes:
        candidates.setdefault(draw_(st.sampled_from(STRATA)), []).append(code)
    block: dict[str, Any] = {
        "method": METHOD,
        "seed": draw_(st.integers(0, 2**62)),
        "candidates": candidates,
    }
    for stratum in STRATA:
        most = len(candidates.get(stratum, ()))
        block[stratum] = draw_(st.none() | st.integers(0, most))
    struck = draw_(st.permutations(codes)) if codes else []
    block["exclusions"] = [
        {
            "case": code,
            "after_draw": draw_(st.booleans()),
            "replaced": draw_(st.booleans()),
        }
        for code in struck[: draw_(st.integers(0, len(codes)))]
    ]
    return block


def parts(block: dict[str, Any]) -> dict[str, Any]:
    return {
        "codes_by_stratum": block["candidates"],
        "sizes": {stratum: block[stratum] for stratum in STRATA},
        "seed": block["seed"],
    }


def struck(block: dict[str, Any]) -> list[Struck]:
    return [
        Struck(each["case"], each["replaced"])
        for each in block["exclusions"]
        if each["after_draw"]
    ]


@given(blocks(), st.randoms(use_true_random=False))
def test_a_block_gives_the_same_cases_after_a_journey_through_a_file(block, shuffler):
    expected = draw_and_strike(**parts(block), struck=struck(block)).codes
    travelled = json.loads(json.dumps(block))
    for codes in travelled["candidates"].values():
        shuffler.shuffle(codes)
    assert replay_case_set(travelled) == expected


@given(blocks())
def test_no_struck_case_stays_and_none_comes_twice(block):
    outcome = draw_and_strike(**parts(block), struck=struck(block))
    assert set(outcome.codes).isdisjoint(each.code for each in struck(block))
    assert len(set(outcome.codes)) == len(outcome.codes)
    came = [code for code in outcome.replacements.values() if code]
    assert len(set(came)) == len(came)


@given(blocks())
def test_a_replaced_case_leaves_its_stratum_as_large_as_it_was_while_cases_last(block):
    always = [Struck(each.code, True) for each in struck(block)]
    outcome = draw_and_strike(**parts(block), struck=always)
    gone = {each.code for each in always}
    for stratum, codes in block["candidates"].items():
        size = len(codes) if block[stratum] is None else block[stratum]
        left = len(set(codes) - gone)
        assert len(set(codes) & set(outcome.codes)) == min(size, left)


@given(blocks())
def test_each_stratum_is_what_comes_first_in_its_ranking(block):
    """With every exclusion replaced, it does not matter when a case was excluded."""
    always = [Struck(each.code, True) for each in struck(block)]
    outcome = draw_and_strike(**parts(block), struck=always)
    gone = {each.code for each in always}
    expected: set[str] = set()
    for stratum, codes in block["candidates"].items():
        ranked = ranking(codes, stratum=stratum, seed=block["seed"])
        size = len(codes) if block[stratum] is None else block[stratum]
        expected |= set([code for code in ranked if code not in gone][:size])
    assert set(outcome.codes) == expected


def test_the_draws_of_old_seeds_stay_as_they_were():
    pool = {
        "normal": [f"N{n}" for n in range(9)],
        "abnormal": [f"A{n}" for n in range(9)],
    }
    sizes = {"normal": 3, "abnormal": 2}
    assert draw(codes_by_stratum=pool, sizes=sizes, seed=1) == OF_SEED_1
    assert draw(codes_by_stratum=pool, sizes=sizes, seed=2**62) == OF_SEED_2_TO_62


OF_SEED_1 = ["A4", "A5", "N1", "N4", "N5"]
OF_SEED_2_TO_62 = ["A2", "A7", "N1", "N3", "N6"]


@pytest.mark.parametrize(
    ("block", "sentence"),
    [
        ({"seed": 1, "normal": 3}, "earlier versions"),
        ({"seed": 1, "candidates": {}, "method": "draw/9"}, "draw/9"),
    ],
)
def test_a_block_that_cannot_be_replayed_says_why(block, sentence):
    with pytest.raises(ValueError, match=sentence):
        replay_case_set(block)


def test_a_block_that_asks_for_more_than_it_lists_is_refused():
    block = {"seed": 1, "method": METHOD, "candidates": {"normal": ["N1"]}, "normal": 2}
    with pytest.raises(TooFew, match="only 1 can be drawn"):
        replay_case_set(block)
