"""Counting alone tells of empty, cut off, repeated and leaking texts."""

import pytest

from readerstudy.reports.quality import Text, quality_of


def said_of(*texts, finish=""):
    found = quality_of([Text(f"C{at}", text, finish) for at, text in enumerate(texts)])
    return [(remark.sentence, remark.is_serious) for remark in found.remarks]


def different(count):
    return [f"The heart is normal. Number {number} of many." for number in range(count)]


def test_of_sound_texts_nothing_is_said():
    assert said_of(*different(30), finish="stop") == []


def test_an_empty_report_is_serious():
    assert said_of(" ", *different(3)) == [("1 of 4 reports are empty.", True)]


def test_one_text_for_all_cases_is_mode_collapse():
    text = "The lungs are clear bilaterally."
    sentences = said_of(*[text] * 5, f" {text} ")
    assert sentences == [
        (
            "One text stands under all 6 cases: the source says the same whatever it "
            "is shown.",
            True,
        )
    ]


def test_one_text_for_most_cases_is_serious_too():
    assert said_of(*["The lungs are clear."] * 4, *different(2)) == [
        ("One text stands under 4 of 6 cases.", True)
    ]


def test_a_handful_of_texts_for_many_cases_is_serious():
    texts = [text for text in different(4) for _ in range(25)]
    assert said_of(*texts) == [
        ("Only 4 different texts stand under 100 cases, the commonest under 25.", True)
    ]


def test_a_few_doubles_are_said_and_stand_in_nobodys_way():
    assert said_of(*different(5), different(1)[0]) == [
        (
            "2 of 6 reports share their text with another case; 5 texts are different.",
            False,
        )
    ]


def test_what_the_model_was_cut_off_at_is_told_from_an_open_end():
    assert said_of("The heart is normal and", finish="length") == [
        ("1 report was cut off at the most tokens.", False)
    ]
    assert said_of("The heart is normal and", *different(9)) == [
        ("1 of 10 report breaks off.", False)
    ]
    assert said_of(*(f"Heart number {each} is" for each in range(4)))[0][1] is True


@pytest.mark.parametrize(
    "leak",
    [
        "[INST] Write.",
        "Clear.</s>",
        "<image> Clear.",
        "As an AI, no.",
        "A: ``` x.",
    ],
)
def test_words_of_a_prompt_are_noticed(leak):
    words = ("1 report shows words of a prompt.", False)
    assert words in said_of(f"The lungs are clear. {leak}", *different(4))


def test_signs_that_do_not_print_and_odd_lengths_are_noticed():
    long = "The lungs are clear. " * 40
    sentences = [
        words
        for words, _ in said_of("Clear.", long, "A\u200bB " * 8 + ".", *different(8))
    ]
    assert "1 report holds signs that do not print." in sentences
    assert "1 report is very short." in sentences
    assert "1 report is very long." in sentences


def test_the_cases_are_named_but_not_all_of_them():
    remark = quality_of([Text(f"C{at}", "") for at in range(9)]).remarks[0]
    assert remark.some == "C0, C1, C2, C3, C4, ..."
