"""Repeats, errors, instruments, preference and blinding, on small tables by hand."""

import json
import random as chance

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readerstudy.analysis.statistics.blinding import bang, james
from tests.statistics.tables import Read, blocks, result_set

BLOCKS = ("repeats", "errors", "instruments", "preference", "blinding")
ARMS = ("model", "reference", "third", "ground_truth", "fifth")


def found(reads, **plan):
    return result_set(reads, **plan).as_json()


def test_a_table_without_these_columns_says_so():
    for reads in ([], [Read("R1", "C1", "model", "A")]):
        results = found(reads)
        for name in BLOCKS:
            assert results[name]["status"] == "no_ratings", name
            assert results[name]["message"].endswith(".")


def test_the_indices_are_those_of_their_definitions():
    # Person's reports: 82 right, 25 wrong, 170 unknown; model's: 27 wrong, 29 right.
    counts = np.array([[82.0, 25.0, 170.0], [27.0, 29.0, 83.0]])
    assert bang(counts[0], "person") == pytest.approx((82 - 25) / 277)
    assert bang(counts[1], "model") == pytest.approx((29 - 27) / 139)
    unknown, guesses = 253 / 416, 82 + 25 + 27 + 29
    wrong = (25 + 27) / guesses
    expected = (107 * 54 + 56 * 109) / guesses**2
    kappa = (wrong - expected) / expected
    assert james(counts) == pytest.approx((1 + unknown + (1 - unknown) * kappa) / 2)
    assert james(np.array([[9.0, 0, 0], [0, 9, 0]])) == 0
    assert james(np.array([[9.0, 9, 0], [9, 9, 0]])) == 0.5
    assert james(np.array([[0.0, 0, 9], [0, 0, 9]])) == 1


def test_indices_are_those_of_the_published_package():
    # The example of the R package BI: 48, 4 and 330 against 22, 30 and 319.
    counts = np.array([[48.0, 4, 330], [22, 30, 319]])
    assert james(counts) == pytest.approx(0.896, abs=5e-4)
    assert bang(counts[0], "person") == pytest.approx(0.115, abs=5e-4)
    assert bang(counts[1], "model") == pytest.approx(0.022, abs=5e-4)


def guesses(right: int):
    for case in range(20):
        for arm, kind, other in (("m", "model", "person"), ("r", "person", "model")):
            said = kind if case < right else other
            yield Read("R1", f"C{case}", arm, "A", extra={"guess_source": said})


def test_right_guesses_are_no_blinding():
    block = found(guesses(15), reference="r")["blinding"]
    assert block["james"]["index"] == pytest.approx(0.25)
    assert [row["index"] for row in block["bang"]] == [0.5, 0.5]
    low, high = block["bang"][0]["ci95"]
    assert low < 0.5 < high
    assert block["reads"] == 40
    assert found(guesses(15))["blinding"]["status"] == "too_few_arms"


def pairs(answers: str):
    for case, answer in enumerate(answers):
        said = {"1": "a", "2": "b", "=": "equal"}[answer]
        for arm in "ab":
            yield Read("R1", f"C{case}", arm, "A", extra={"preference": said})


def test_preferences_are_counted_once_per_pair():
    block = found(pairs("1222222==2"))["preference"]
    (pair,) = block["pairs"]
    assert [pair[key] for key in ("n", "prefer_first", "prefer_second", "equal")] == [
        *(10, 1, 7),
        2,
    ]
    assert pair["share"] == 7 / 8
    assert pair["p_value"] < 0.05
    # Saturated with two arms: the chances are the shares.
    worth = block["bradley_terry"]
    assert worth["arms"][1]["log_ability"] == pytest.approx(np.log(7), abs=1e-5)
    assert worth["tie"] == pytest.approx(2 / np.sqrt(7), abs=1e-5)
    expected = np.sqrt((1 / 1 + 1 / 7) * 10 / 9)
    assert worth["arms"][1]["se"] == pytest.approx(expected, abs=1e-4)


def test_an_arm_never_preferred_has_no_worth():
    worth = found(pairs("222="))["preference"]["bradley_terry"]
    assert worth["status"] == "separation"


def test_errors_are_compared_by_case():
    reads = [
        Read("R1", f"C{case}", arm, "A", extra={"errors_omission": str(count)})
        for case, counts in enumerate([(0, 1), (0, 2), (1, 1), (0, 0)])
        for arm, count in zip("ab", counts, strict=True)
    ]
    block = found(reads)["errors"]
    assert block["by_arm"][1]["errors"] == 4
    assert block["by_arm"][1]["share"] == 0.75
    (pair,) = block["pairs"]
    assert pair["difference"] == 0.75
    d = np.array([1, 2, 0, 0])
    half = 3.182446305 * d.std(ddof=1) / 2
    assert pair["ci95"] == pytest.approx([0.75 - half, 0.75 + half])
    assert pair["holm_p"] == pair["p_value"]


def test_answers_are_counted_per_arm():
    reads = [
        Read("R1", f"C{n}", "a", "A", extra={"clarity": c})
        for n, c in enumerate("5541")
    ]
    rows = found(reads)["instruments"]["by_arm"]
    assert [(row["answer"], row["n"], row["share"]) for row in rows] == [
        ("1", 1, 0.25),
        ("4", 1, 0.25),
        ("5", 2, 0.5),
    ]


def test_repeats_have_intervals():
    reads = []
    for case in range(20):
        reads.append(Read("R1", f"C{case}", "a", "AB"[case % 2]))
        again = "B" if case < 4 else "AB"[case % 2]
        reads.append(Read("R1", f"C{case}", "a", again, repeat=True))
    block = found(reads)["repeats"]
    for name in ("percent_agreement", "weighted_kappa"):
        low, high = block[f"{name}_ci95"]
        assert low < block[name] < high or high == block[name]
        assert block["by_reader"][0][name] == block[name]


@st.composite
def anything(draw):
    extra = {
        "guess_source": st.sampled_from(["", "person", "model", "unknown", "?"]),
        "preference": st.sampled_from(["", "equal", *ARMS]),
        "errors_omission": st.sampled_from(["", "0", "1", "2"]),
        "errors_significant": st.sampled_from(["", "0", "x", "-1"]),
        "radpeer": st.sampled_from(["", "1", "2a"]),
    }
    reads = []
    for reader in range(draw(st.integers(1, 3))):
        for case in range(draw(st.integers(1, 4))):
            for arm in ARMS[: draw(st.integers(1, 5))]:
                for repeat in (False, True):
                    if draw(st.booleans()):
                        cells = {key: draw(value) for key, value in extra.items()}
                        grade = draw(st.sampled_from(["A", "B", "D", None]))
                        name = f"R{reader}", f"C{case}", arm
                        reads.append(Read(*name, grade, repeat=repeat, extra=cells))
    return reads


@settings(max_examples=80, deadline=None)
@given(anything(), st.integers(0, 99))
def test_odd_tables_give_json_reasons_and_do_not_depend_on_the_order(reads, seed):
    named = [arm for arm in ARMS if any(read.arm == arm for read in reads)]
    results = found(reads, arms=named) if named else found([])
    json.dumps(results, allow_nan=False)
    shuffled = list(reads)
    chance.Random(seed).shuffle(shuffled)
    other = found(shuffled, arms=named) if named else found([])
    for name in BLOCKS:
        assert results[name] == other[name], name
        for path, block in blocks(results[name], name):
            if None in [v for key, v in block.items() if key != "message"]:
                assert block["status"] != "ok", path
                assert block["message"].endswith("."), path


def test_guesses_of_which_one_kind_is_nowhere_give_no_index():
    """Of the reference nobody would say anything, of the model all were right."""
    reads = [
        Read("R1", f"C{case}", arm, "A", extra={"guess_source": said})
        for case in range(5)
        for arm, said in (("m", "model"), ("r", "unknown"))
    ]
    block = found(reads, reference="r")["blinding"]
    assert block["james"]["index"] is None
    assert block["james"]["message"].startswith("The index is undefined")
    assert [row["index"] for row in block["bang"]] == [1.0, 0.0]


def test_cases_that_all_say_the_same_of_two_arms_leave_no_spread():
    reads = [
        Read(f"R{reader}", f"C{case}", arm, "A", extra={"preference": "ab"[reader]})
        for case in range(4)
        for reader in range(2)
        for arm in "ab"
    ]
    worth = found(reads)["preference"]["bradley_terry"]
    assert worth["status"] == "zero_variance"
    assert [arm["log_ability"] for arm in worth["arms"]] == [0, 0]


def test_arms_that_were_never_compared_have_no_common_scale():
    reads = [
        Read("R1", f"C{case}{two}", arm, "A", extra={"preference": two[case % 2]})
        for case in range(6)
        for two in ("ab", "cd")
        for arm in two
    ]
    worth = found(reads)["preference"]["bradley_terry"]
    assert (worth["status"], worth["arms"]) == ("separation", [])
    assert "arms were not compared" in worth["message"]
