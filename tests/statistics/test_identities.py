"""What has to hold between the comparisons of any table, however odd it is."""

import json
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.statistics.designs import ARMS, full_designs
from tests.statistics.tables import Read, blocks, result_set
from tests.statistics.test_properties import UNEXPLAINED, close
from tests.statistics.test_shape import STATUSES

pytestmark = pytest.mark.slow(seconds=40)

FURTHER = ("ordinal", "strata", "sensitivity", "variance", "time", "learning")
TESTED = ("cochran_q", "clustered_q", "pairs", *FURTHER)
# What is drawn at random, or picks the first of equals, follows the names.
BY_NAME = {"two_way_bootstrap", "sub_matrix"}


def results(reads: list[Read], **plan: Any) -> dict[str, Any]:
    present = {read.arm for read in reads}
    return result_set(
        reads, arms=[arm for arm in ARMS if arm in present], **plan
    ).as_json()


def without(value: Any, keys: set[str]) -> Any:
    """The same without some keys at any depth."""
    if isinstance(value, dict):
        return {k: without(v, keys) for k, v in value.items() if k not in keys}
    return [without(each, keys) for each in value] if isinstance(value, list) else value


@settings(max_examples=60, deadline=None)
@given(full_designs(), st.sampled_from(["success", "stringent"]))
def test_any_design_has_numbers_or_reasons(reads, outcome):
    found = results(reads, outcome=outcome)
    json.dumps(found, allow_nan=False)
    for path, block in blocks({key: found[key] for key in (*FURTHER, "readers")}):
        assert block.get("status", "ok") in STATUSES, path
        absent = {key for key, value in block.items() if value is None} - UNEXPLAINED
        if absent:
            assert block.get("status", "ok") != "ok", (path, absent)
            assert block["message"].endswith("."), path


@settings(max_examples=20, deadline=None)
@given(full_designs(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_digit_of_any_comparison(reads, random):
    shuffled = list(reads)
    random.shuffle(shuffled)
    assert results(shuffled) == results(reads)


@settings(max_examples=20, deadline=None)
@given(full_designs(), st.permutations(range(4)), st.permutations(range(7)))
def test_the_names_of_readers_and_cases_change_no_comparison(reads, readers, cases):
    renamed = [
        replace(
            read,
            reader=f"R{readers[int(read.reader[1:])]}",
            case=f"C{cases[int(read.case[1:])]}",
        )
        for read in reads
    ]
    ours, theirs = results(reads), results(renamed)
    for key in TESTED:
        assert close(without(ours[key], BY_NAME), without(theirs[key], BY_NAME)), key
    for here, there in zip(ours["readers"], theirs["readers"], strict=True):
        back = {f"R{new}": f"R{old}" for old, new in enumerate(readers)}
        for part in ("readers", "left_out"):
            found = {back[row["reader"]]: row for row in there[part]}
            for row in here[part]:
                other = found[row["reader"]]
                assert close(row | {"reader": ""}, other | {"reader": ""})


@settings(max_examples=30, deadline=None)
@given(full_designs(arms=2))
def test_two_arms_make_the_omnibus_tests_those_of_the_pair(reads):
    found = results(reads)
    totals: dict[str, int] = {}
    by_block: dict[tuple[str, str], dict[str, int]] = {}
    for read in reads:
        if read.grade:
            block = by_block.setdefault((read.case, read.reader), {})
            block[read.arm] = int(read.grade in "AB")
    for (case, _), block in by_block.items():
        if len(block) == 2:
            totals[case] = totals.get(case, 0) + block["reference"] - block["model"]
    for pair in found["pairs"]:
        q, chi2 = found["cochran_q"]["statistic"], pair["mcnemar"]["chi2"]
        assert (q is None) == (chi2 is None)
        assert q is None or q == pytest.approx(chi2)
        clustered = found["clustered_q"]["statistic"]
        squares = sum(total**2 for total in totals.values())
        if clustered is not None:
            assert clustered == pytest.approx(sum(totals.values()) ** 2 / squares)


@settings(max_examples=30, deadline=None)
@given(full_designs(complete=True))
def test_all_grades_are_the_complete_blocks_where_nothing_is_missing(reads):
    found = results(reads)
    for pair, other in zip(found["pairs"], found["sensitivity"], strict=True):
        rows, fixed = other["all_rows"], pair["fixed_readers"]
        assert rows["status"] == fixed["status"]
        assert rows["difference"] == pytest.approx(pair["difference"], abs=1e-12)
        for key in ("se", "df", "p_value", "ci95"):
            assert close(rows[key], fixed[key]), key
        random, matrix = pair["random_readers"], other["sub_matrix"]
        assert matrix["status"] == random["status"]
        assert all(matrix[key] == random[key] for key in ("se", "df", "p_value"))
        bounds = set(other["bounds"].values())
        assert all(math.isclose(b, pair["difference"], abs_tol=1e-12) for b in bounds)


SIGNED = {
    *("difference", "order_effect", "t", "difference_when_first_seen_first"),
    "difference_when_second_seen_first",
}


def mirrored(value: Any, key: str = "") -> Any:
    """The same block as it has to be with first and second arm exchanged."""
    if isinstance(value, dict):
        return {name: mirrored(inner, name) for name, inner in value.items()}
    if key == "ci95" and value is not None:
        return [0.0 - value[1], 0.0 - value[0]]
    if isinstance(value, list):
        return [mirrored(inner) for inner in value]
    return 0.0 - value if key in SIGNED and value is not None else value


@settings(max_examples=30, deadline=None)
@given(full_designs(arms=2))
def test_exchanging_the_arms_mirrors_every_difference_and_interval(reads):
    here = result_set(reads, arms=ARMS[:2]).as_json()
    there = result_set(reads, arms=ARMS[1::-1]).as_json()
    # The bootstrap draws cases in an order of what they hold, which is mirrored too.
    other = {"first", "second", "bounds", "two_way_bootstrap"} | RATES
    for key in ("ordinal", "sensitivity", "variance", "strata"):
        for ours, theirs in zip(here[key], there[key], strict=True):
            swapped, expected = without(theirs, other), without(ours, other)
            assert close(mirrored(expected), swapped), key
    for ours, theirs in zip(here["sensitivity"], there["sensitivity"], strict=True):
        low, high = ours["bounds"].values()
        assert close([-high, -low], list(theirs["bounds"].values()))
    for ours, theirs in zip(here["time"]["pairs"], there["time"]["pairs"], strict=True):
        assert close(ours["p_value"], theirs["p_value"])
        if ours["ratio"] is not None:
            assert theirs["ratio"] == pytest.approx(1 / ours["ratio"])
        if ours["ci95"] is not None:
            low, high = ours["ci95"]
            assert theirs["ci95"] == pytest.approx([1 / high, 1 / low])
    for ours, theirs in zip(
        here["learning"]["order"], there["learning"]["order"], strict=True
    ):
        # What was first is second: the effect of the order keeps its sign.
        assert ours["n_first_seen"] == theirs["n_second_seen"]
        assert close(ours["order_effect"], theirs["order_effect"])
        assert close(ours["ci95"], theirs["ci95"])


RATES = {"mean_first", "mean_second", "first_rate", "second_rate"}


@settings(max_examples=20, deadline=None)
@given(full_designs(arms=3), st.sampled_from("AD"), st.integers(1, 5))
def test_rows_that_are_equal_everywhere_leave_q_and_mcnemar(reads, grade, number):
    added = [
        Read("R9", f"X{case}", arm, grade) for case in range(number) for arm in ARMS[:3]
    ]
    here, there = results(reads), results(reads + added)
    if len(here["design"]["arms"]) < 3:
        return
    if here["cochran_q"]["statistic"] is not None:
        for key in ("cochran_q", "clustered_q"):
            if here[key]["statistic"] is not None:
                assert close(here[key]["statistic"], there[key]["statistic"])
    for ours, theirs in zip(here["pairs"], there["pairs"], strict=True):
        if ours["n"]:
            keys = ("exact_p", "mid_p", "chi2", "chi2_p")
            for key in keys:
                assert close(ours["mcnemar"][key], theirs["mcnemar"][key])
