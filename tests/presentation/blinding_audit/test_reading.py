"""The statistical reader on made-up arms: it finds what is there, and no more."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readerstudy.presentation.blinding_audit.reading.audit import audit
from readerstudy.presentation.blinding_audit.reading.measures import interval
from readerstudy.presentation.blinding_audit.reading.texts import ArmText

pytestmark = pytest.mark.slow(seconds=45)
LABELS = {"a": "Person", "b": "Model"}
SENTENCES = [
    f"{subject} {state}."
    for subject in ("The heart", "The left lung", "The pleura", "A rib", "The hilum")
    for state in ("is normal", "is enlarged", "shows no change", "appears clear")
]


def made(cases, arms="ab", seed=1, planted="", into="b", share=1.0):
    """Reports of one style for all arms; a phrase may be planted into one of them."""
    chance = random.Random(seed)
    texts = []
    for number in range(cases):
        for arm in arms:
            lines = [chance.choice(SENTENCES) for _ in range(5)]
            if planted and arm == into and chance.random() < share:
                lines[2] = planted
            texts.append(ArmText(f"CXR{number}", arm, tuple(lines)))
    return texts


def test_one_style_is_not_told_apart():
    """One study may look a little told by chance; over several it evens out."""
    several = [audit(made(30, seed=seed), LABELS) for seed in range(6)]
    assert sum(found["auc"] for found in several) / 6 == pytest.approx(0.5, abs=0.12)
    told = [found["permutation"]["p_value"] <= 0.05 for found in several]
    assert sum(told) <= 1
    covering = [found["ci95"][0] <= 0.5 <= found["ci95"][1] for found in several]
    assert sum(covering) >= 4
    assert {found["status"] for found in several} == {"ok"}


def test_a_planted_phrase_is_found_and_named():
    texts = made(50, planted="Clinical correlation is advised.", share=0.8)
    found = audit(texts, LABELS)
    assert found["auc"] > 0.8
    assert found["ci95"][0] > 0.7
    assert found["permutation"]["p_value"] < 0.01
    first = next(row for row in found["phrases"] if row["arm"] == "b")
    assert first["phrase"] in "clinical correlation is advised"
    assert first["reports"]["a"] == 0
    assert first["reports"]["b"] > 30
    assert first["example"] == "Clinical correlation is advised."


def test_the_same_texts_give_the_same_number_again():
    texts = made(12, planted="As before.", share=0.5)
    assert audit(texts, LABELS) == audit(list(reversed(texts)), LABELS)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10**6), share=st.sampled_from([0, 0.4, 1]))
def test_exchanging_the_arms_mirrors_what_is_found(seed, share):
    texts = made(8, seed=seed, planted="Stable, as before.", share=share)
    turned = [
        ArmText(text.case, {"a": "b", "b": "a"}[text.arm], text.sentences)
        for text in texts
    ]
    one, other = audit(texts, LABELS), audit(turned, LABELS)
    assert one["auc"] == pytest.approx(other["auc"], abs=0.02)

    def pointing(found, arm):
        return {row["phrase"] for row in found["phrases"] if row["arm"] == arm}

    assert pointing(one, "a") == pointing(other, "b")
    assert pointing(one, "b") == pointing(other, "a")


def test_of_more_arms_each_is_told_from_the_rest():
    texts = made(25, arms="abc", planted="As an AI I see no mass.", into="c")
    found = audit(texts, LABELS | {"c": "Chat"})
    told = {row["arm"]: row["auc"] for row in found["each"]}
    assert told["c"] > 0.95
    assert found["auc"] == pytest.approx(sum(told.values()) / 3, abs=1e-3)
    assert found["within_cases"] is None


def test_few_cases_are_said_to_be_few():
    found = audit(made(6), LABELS)
    assert found["status"] == "few_cases"
    assert "too few for a useful number" in found["message"]
    low, high = found["ci95"]
    assert low < high


def test_one_case_gives_no_number():
    found = audit(made(1), LABELS)
    assert (found["status"], found["auc"], found["ci95"]) == ("no_number", None, None)


@pytest.mark.parametrize("text", ["", "Clear.", "XXXX."])
def test_texts_that_say_nothing_give_chance(text):
    lines = (text,) if text else ()
    same = [ArmText(f"CXR{n}", arm, lines) for n in range(4) for arm in "ab"]
    assert audit(same, LABELS)["auc"] == 0.5


def test_an_arm_that_stands_in_one_case_alone_is_no_stumbling_block():
    """The fold that holds its only report has nothing to learn of the arm."""
    texts = [*made(8, arms="a"), ArmText("CXR0", "b", ("A mass is seen.",))]
    found = audit(texts, LABELS)
    assert [row["reports"] for row in found["arms"]] == [8, 1]
    assert 0 <= found["auc"] <= 1
    assert found["within_cases"] in (0, 0.5, 1)


def test_an_arm_that_says_nothing_leaves_every_phrase_to_the_other():
    silent = [ArmText(f"CXR{number}", "b", ()) for number in range(6)]
    telling = [ArmText(f"CXR{number}", "a", ("Clear.",)) for number in range(6)]
    found = audit(telling + silent, LABELS)
    assert [(row["arm"], row["phrase"]) for row in found["phrases"]] == [("a", "clear")]


def test_a_long_sentence_is_cut_where_it_is_an_example():
    planted = f"Clinical correlation {'and follow-up ' * 20}is advised."
    found = audit(made(20, planted=planted), LABELS)
    examples = [row["example"] for row in found["phrases"] if row["arm"] == "b"]
    assert any(each.endswith("\u2026") for each in examples)
    assert max(map(len, examples)) <= 160


def test_draws_that_say_nothing_give_no_interval():
    assert interval(np.full(3, np.nan)) is None
    assert interval(np.array([np.nan, 0.5, 0.5])) == [0.5, 0.5]


@pytest.mark.parametrize(
    ("arms", "told"), [("a", "There is one arm only"), ("abcdefghijklm", "12 arms")]
)
def test_neither_one_arm_nor_too_many_are_told_apart(arms, told):
    with pytest.raises(ValueError, match=told):
        audit(made(2, arms=arms), {arm: f"Arm {arm}" for arm in arms})


def test_an_arm_without_reports_is_named():
    with pytest.raises(ValueError, match="Model has no report yet"):
        audit([ArmText("CXR1", "a", ("Clear.",))], LABELS)


@pytest.mark.parametrize(
    ("planted", "kind"),
    [
        ("This was written by ChatGPT.", "model_name"),
        ("As an AI I cannot be sure.", "model_speech"),
        ("Discussed with Dr. Miller.", "human_speech"),
        ("No […] of effusion.", "removed_words"),
        ("There is no evidence of acute disease.", "template"),
    ],
)
def test_plain_leaks_are_told_with_arm_and_count(planted, kind):
    found = audit(made(10, planted=planted), LABELS)
    (leak,) = [leak for leak in found["leaks"] if leak["kind"] == kind]
    assert leak["arm"] == "b"
    assert leak["sentence"].startswith("Model: 10 of 10 reports")


def test_a_great_difference_in_length_is_told():
    texts = [
        ArmText(text.case, text.arm, text.sentences * (3 if text.arm == "b" else 1))
        for text in made(10)
    ]
    found = audit(texts, LABELS)
    assert "length" in {leak["kind"] for leak in found["leaks"]}
    assert found["styles"][0]["auc"] == 1.0


def test_one_report_over_many_cases_is_told():
    texts = [
        ArmText(text.case, text.arm, ("All is clear.",)) if text.arm == "b" else text
        for text in made(10)
    ]
    kinds = {leak["kind"] for leak in audit(texts, LABELS)["leaks"]}
    assert "same_text" in kinds


def test_of_very_many_cases_some_are_read(monkeypatch):
    monkeypatch.setattr(
        "readerstudy.presentation.blinding_audit.reading.audit.MOST_CASES", 10
    )
    found = audit(made(15), LABELS)
    assert (found["cases"], found["cases_read"], found["reports"]) == (15, 10, 20)


def test_the_cases_of_the_dealings_are_drawn_by_lot(monkeypatch):
    """What gives the arms away in later cases alone is not overlooked."""
    monkeypatch.setattr(
        "readerstudy.presentation.blinding_audit.reading.audit._MOST_DEALT", 80
    )
    plain = made(60)
    told = made(160, planted="As seen before, unremarkable.")
    late = [text for text in told if int(text.case[3:]) >= 60]
    permutation = audit(plain + late, LABELS)["permutation"]
    assert permutation["cases"] == 40
    assert permutation["p_value"] < 0.01
