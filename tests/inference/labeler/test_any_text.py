"""Whatever a report is, it is labelled, and the evidence stands in it."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.chexpert import FINDINGS
from inference.labeler import OTHER_ABNORMALITY, label

WORDS = st.sampled_from(
    [
        *("no", "without", "not", "effusion", "pleural", "pneumothorax", "edema", "or"),
        *("the", "heart", "size", "is", "normal", "stable", "mediastinum", "contour"),
        *("possible", "may", "represent", "versus", "and", "which", "resolved", "new"),
        *("2.5", "cm", "XXXX", ",", ".", "..", ";", ":", "/", "(", ")", "\n", "\n\n"),
        *("findings:", "indication:", "1.", "-", "\u0130", "\u2019", "<b>", "?", "\t"),
        *("<br>", "**", "|", "=", "vs.", "e.g.", "\u00ad", "e\ufb00usion", "\nedema:"),
    ]
)
REPORTS = st.lists(WORDS, max_size=60).map(" ".join)
TEXTS = st.one_of(REPORTS, st.text(max_size=300))
SENTENCES = st.sampled_from(
    [
        "No effusion.",
        "Possible pneumonia.",
        "Heart size is normal.",
        "There is edema, which may be mild.",
        "No change in the nodule.",
    ]
)


@given(TEXTS, st.booleans())
def test_every_quote_stands_where_the_evidence_says(text, strict):
    for mention in label(text, strict_chexpert=strict).mentions:
        assert mention.quote == text[mention.start : mention.end]
        assert mention.quote and mention.rule
        assert mention.finding in (*FINDINGS, OTHER_ABNORMALITY)


@given(TEXTS, st.booleans())
def test_a_label_is_one_of_four_and_no_finding_is_never_denied(text, strict):
    values = label(text, strict_chexpert=strict).values
    assert tuple(values) == FINDINGS
    assert set(values.values()) <= {1, 0, -1, None}
    assert values["No Finding"] in (1, None)


@given(TEXTS)
def test_a_finding_without_a_mention_has_no_label(text):
    labelled = label(text)
    mentioned = {mention.finding for mention in labelled.mentions}
    for finding in FINDINGS[1:]:
        # A failing heart leaves its size open.
        if finding not in mentioned and finding != "Cardiomegaly":
            assert labelled.values[finding] is None


@given(TEXTS)
def test_the_same_text_gives_the_same_labels(text):
    assert label(text) == label(text)


@given(st.lists(SENTENCES, max_size=6), st.integers(0, 6))
def test_an_empty_line_between_sentences_changes_nothing(sentences, place):
    plain = " ".join(sentences)
    broken = " ".join([*sentences[:place], "\n\n", *sentences[place:]])
    said = [(each.finding, each.polarity, each.rule) for each in label(plain).mentions]
    assert said == [
        (each.finding, each.polarity, each.rule) for each in label(broken).mentions
    ]


@given(st.lists(SENTENCES, max_size=5))
def test_the_order_of_sentences_changes_no_label(sentences):
    expected = label(" ".join(sentences)).values
    for other in itertools.islice(itertools.permutations(sentences), 6):
        assert label(" ".join(other)).values == expected


def test_a_report_as_long_as_a_book_is_read_to_its_end():
    text = "no effusion or pneumothorax, " * 3_500 + ". Edema."
    labelled = label(text)
    assert len(labelled.mentions) == 7_001
    assert labelled.values["Edema"] == 1


@pytest.mark.parametrize("piece", ["<br ", "*", "\ufb01", "? ", ": no ", "\n -", "#"])
def test_a_text_of_nothing_but_odd_signs_is_read_to_its_end(piece):
    text = piece * (100_000 // len(piece)) + ".\nEdema"
    (mention,) = label(text).mentions
    assert text[mention.start : mention.end] == "Edema"
