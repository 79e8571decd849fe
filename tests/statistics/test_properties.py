"""What holds for every table of reads, however small or lopsided."""

import json
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.statistics.tables import Grades, Read, blocks, reads_of, result_set

ARMS = ("model", "reference", "third")
UNEXPLAINED = {"estimand", "margin", "non_inferior", "superior", "message", "rule"} | {
    "reference",
    "planned",
    "without_exclusions",
}


@st.composite
def tables(draw: st.DrawFn, arms: int | None = None) -> list[Read]:
    """Any few readers, cases and arms; cells may be missing, letters may be few."""
    letters = draw(st.sampled_from(["ABCD", "AD", "AB", "AAAAAD", "D"]))
    absent = draw(st.sampled_from(["", "", "."]))
    number = arms or draw(st.integers(1, 3))
    grades: Grades = {}
    for reader in range(draw(st.integers(1, 4))):
        for case in range(draw(st.integers(1, 5))):
            for arm in ARMS[:number]:
                letter = draw(st.sampled_from(letters + absent))
                grades[f"R{reader}", f"C{case}", arm] = letter.strip(".")
    return reads_of(grades)


def results(reads: list[Read], **options: Any) -> dict[str, Any]:
    named = [arm for arm in ARMS if any(read.arm == arm for read in reads)]
    return result_set(reads, arms=named, **options).as_json()


def close(ours: Any, theirs: Any) -> bool:
    """Equal, with room for the order of floating-point sums."""
    if isinstance(ours, dict):
        return ours.keys() == theirs.keys() and all(
            close(ours[key], theirs[key]) for key in ours
        )
    if isinstance(ours, list):
        return len(ours) == len(theirs) and all(map(close, ours, theirs))
    if isinstance(ours, float) and isinstance(theirs, float):
        return math.isclose(ours, theirs, rel_tol=1e-7, abs_tol=1e-9)
    return bool(ours == theirs)


@settings(max_examples=150, deadline=None)
@given(tables())
def test_every_result_set_is_json_and_an_absent_number_is_explained(reads):
    found = results(reads, reference="model", margin=0.1)
    json.dumps(found, allow_nan=False)
    for path, block in blocks(found):
        absent = {key for key, value in block.items() if value is None} - UNEXPLAINED
        if not absent:
            continue
        assert block.get("status", "ok") != "ok", (path, absent)
        assert block["message"].endswith("."), path


@settings(max_examples=40, deadline=None)
@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_digit(reads, random):
    shuffled = list(reads)
    random.shuffle(shuffled)
    assert results(shuffled) == results(reads)


@settings(max_examples=40, deadline=None)
@given(tables(), st.permutations(range(4)), st.permutations(range(5)))
def test_names_of_readers_and_cases_change_nothing(reads, readers, cases):
    renamed = [
        replace(
            read,
            reader=f"R{readers[int(read.reader[1:])]}",
            case=f"C{cases[int(read.case[1:])]}",
        )
        for read in reads
    ]
    ours, theirs = results(reads), results(renamed)
    for key in (
        "status",
        "design",
        "grades",
        "cochran_q",
        "clustered_q",
        "pairs",
        "gee",
    ):
        assert close(ours[key], theirs[key]), key
    for scope, block in ours["agreement"].items():
        other = theirs["agreement"][scope]
        by_reader = dict.fromkeys(key for key in block if "weighted_kappa" in key)
        assert close(block | by_reader, other | by_reader)
        kappas = [sorted(each["weighted_kappa"].values()) for each in (block, other)]
        assert close(*kappas)


@settings(max_examples=40, deadline=None)
@given(tables(arms=3))
def test_holm_raises_the_headline_by_the_number_of_pairs_at_most(reads):
    pairs = [pair["headline"] for pair in results(reads)["pairs"]]
    known = [pair for pair in pairs if pair["p_value"] is not None]
    for pair in known:
        most = min(1.0, len(known) * pair["p_value"])
        assert pair["p_value"] <= pair["holm_p_value"] <= most
    ordered = sorted(known, key=lambda pair: pair["p_value"])
    raised = [pair["holm_p_value"] for pair in ordered]
    assert raised == sorted(raised)
    assert all(pair["holm_p_value"] is None for pair in pairs if pair not in known)


@settings(max_examples=60, deadline=None)
@given(tables(arms=2))
def test_with_two_arms_q_is_mcnemars_chi_square_without_correction(reads):
    found = results(reads)
    for pair in found["pairs"]:
        chi2 = pair["mcnemar"]["chi2"]
        assert found["cochran_q"]["statistic"] == (chi2 and pytest.approx(chi2)) or (
            chi2 == 0 == found["cochran_q"]["statistic"]
        )


@settings(max_examples=40, deadline=None)
@given(tables(arms=2))
def test_the_other_order_of_arms_turns_the_sign(reads):
    here = result_set(reads, arms=ARMS[:2]).as_json()["pairs"]
    there = result_set(reads, arms=ARMS[1::-1]).as_json()["pairs"]
    for pair, turned in zip(here, there, strict=True):
        if pair["difference"] is None:
            continue
        assert turned["difference"] == -pair["difference"]
        assert close(turned["mcnemar"], pair["mcnemar"])
        for name in ("newcombe_ci95", "tango_ci95"):
            low, high = pair[name]
            assert close(turned[name], [-high, -low])
        for name in ("fixed_readers", "random_readers", "headline"):
            assert turned[name]["status"] == pair[name]["status"]
            assert close(turned[name]["p_value"], pair[name]["p_value"])


@settings(max_examples=40, deadline=None)
@given(tables())
def test_rows_without_a_grade_are_as_good_as_no_rows(reads):
    ours = results(reads)
    theirs = results([read for read in reads if read.grade])
    for key in ("status", "design", "grades", "cochran_q", "pairs", "agreement", "gee"):
        assert ours[key] == theirs[key]
