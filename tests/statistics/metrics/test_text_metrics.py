"""Text metrics by hand, and what they say where there is nothing to compare."""

import pytest
import sacrebleu
from hypothesis import given
from hypothesis import strategies as st

from readerstudy.analysis.statistics.metrics import text_metrics
from readerstudy.analysis.statistics.metrics.text_metrics import (
    METRICS,
    plain,
    rouge_l,
    words,
)

CLEAR = "The heart is normal in size. The lungs are clear. No effusion."


def one(reference, generated):
    found = text_metrics({"1": reference}, {"1": generated}, source="m")
    return {metric: values[0] for metric, values in found.values.items()}


def longest_common(first, second):
    """The textbook table of lengths."""
    lengths = [[0] * (len(second) + 1) for _ in range(len(first) + 1)]
    for row, one_ in enumerate(first, 1):
        for column, other in enumerate(second, 1):
            lengths[row][column] = (
                lengths[row - 1][column - 1] + 1
                if one_ == other
                else max(lengths[row - 1][column], lengths[row][column - 1])
            )
    return lengths[-1][-1]


def test_a_report_against_itself():
    found = one(CLEAR, CLEAR)
    assert found["BLEU-4"] == found["ROUGE-L"] == 1
    assert found["words"] == 12 and found["length ratio"] == 1
    assert found["repeated 4-grams"] == found["repeated sentences"] == 0


def test_by_hand():
    found = one("No pleural effusion.", "No effusion. No effusion. No effusion.")
    # "no effusion" is common: 2 of 6 and 2 of 3 words.
    assert found["ROUGE-L"] == pytest.approx(2 * 2 / (6 + 3))
    assert found["length ratio"] == 2
    # no-effusion-no-effusion and effusion-no-effusion-no: 2 of 3 differ.
    assert found["repeated 4-grams"] == pytest.approx(1 / 3)
    assert found["repeated sentences"] == pytest.approx(2 / 3)


def test_bleu_is_sacrebleus():
    generated = "Heart size is normal. Lungs are clear. No pleural effusion is seen."
    theirs = sacrebleu.sentence_bleu(generated, [CLEAR], lowercase=True)
    assert one(CLEAR, generated)["BLEU-4"] == pytest.approx(theirs.score / 100)


@given(st.lists(st.sampled_from("abcd")), st.lists(st.sampled_from("abcd"), min_size=1))
def test_rouge_l_is_that_of_the_textbook_table(generated, reference):
    common = longest_common(reference, generated)
    precision = common / len(generated) if generated else 0
    recall = common / len(reference)
    expected = (
        2 * precision * recall / (precision + recall) if precision + recall else 0
    )
    assert rouge_l(reference, generated) == pytest.approx(expected)


def test_typographic_signs_do_not_count():
    assert plain("\u201cno\u201d \u2018a\u2019 2\u20133\u00a0cm \ufb01ne") == (
        "\"no\" 'a' 2-3 cm fine"
    )
    assert words("Caf\u00e9 2.5 cm") == words("cafe\u0301 2.5 CM")
    found = one("The patient's heart", "The patient\u2019s heart")
    assert found["BLEU-4"] == pytest.approx(1)


def test_nothing_to_compare_with_is_undefined_and_nothing_said_is_zero():
    found = one("", CLEAR)
    assert found["BLEU-4"] is found["ROUGE-L"] is found["length ratio"] is None
    found = one(CLEAR, "")
    assert found["BLEU-4"] == found["ROUGE-L"] == found["words"] == 0
    assert found["repeated 4-grams"] is found["repeated sentences"] is None
    found = text_metrics({"1": CLEAR}, {"1": " "}, source="m")
    assert found.notes == ("Reports of m that are empty, and score 0: 1.",)


def test_studies_that_one_side_lacks_are_told():
    found = text_metrics(
        {"1": CLEAR, "2": CLEAR}, {"2": CLEAR, "3": CLEAR, "4": ""}, source="m"
    )
    assert found.ids == ("2",) and tuple(found.values) == METRICS
    assert found.notes == (
        "Studies left out without a text of reference: 2.",
        "Studies left out without a text of m: 1.",
    )
