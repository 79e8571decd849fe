"""Every report is laid out alike, and no word of it is changed."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from readerstudy.presentation.blind import lay_out

# What layouts are made of; whole words, so that marks meet each other often.
MARKS = [*"abc XxyZ.,!?:;12\n-•", "XXXX", "1. ", "- ", "Findings:", "\n\n", "vs."]


def sentences(text="", *, findings="", impression="", redaction="as_written"):
    body = lay_out(
        findings=findings, impression=impression, text=text, redaction=redaction
    )
    (section,) = body.sections
    assert section.heading == "Report"
    return list(section.sentences)


def test_sections_and_one_text_give_the_same_layout():
    as_text = sentences("The heart is normal. No effusion. No acute disease.")
    in_sections = sentences(
        findings="The heart is normal. No effusion.", impression="No acute disease."
    )
    assert as_text == in_sections


def test_section_names_inside_a_text_disappear():
    text = "FINDINGS: Clear lungs.\nIMPRESSION: No acute disease."
    assert sentences(text) == ["Clear lungs.", "No acute disease."]


@pytest.mark.parametrize(
    "text",
    [
        "1. Clear lungs. 2. No effusion.",
        "1) Clear lungs\n2) No effusion",
        "- Clear lungs\n- No effusion",
        "• Clear lungs.\n• No effusion.",
        "Clear  lungs .   No\teffusion .",
        "clear lungs. no effusion.",
        "Clear lungs.\r\nNo effusion.",
    ],
)
def test_list_marks_and_white_space_are_evened_out(text):
    assert sentences(text) == ["Clear lungs.", "No effusion."]


def test_decimals_and_abbreviations_do_not_end_a_sentence():
    text = "A nodule of 2.5 cm, e.g. a granuloma, vs. a vessel. Dr. Who was told."
    assert sentences(text) == [
        "A nodule of 2.5 cm, e.g. a granuloma, vs. a vessel.",
        "Dr. Who was told.",
    ]


def test_vertebral_levels_keep_their_numbers():
    assert sentences("Fracture of T 4. The rest is intact.") == [
        "Fracture of T 4.",
        "The rest is intact.",
    ]


@pytest.mark.parametrize(
    ("redaction", "shown"),
    [("as_written", "No XXXX of effusion."), ("ellipsis", "No […] of effusion.")],
)
@pytest.mark.parametrize("written", ["No XXXX of effusion.", "no xxxx of effusion ."])
def test_removed_words_look_the_same_in_every_arm(redaction, shown, written):
    assert sentences(written, redaction=redaction) == [shown]


def test_markup_like_text_stays_as_it_is():
    text = "The <XXXX> is [<...>] &lt;BR&gt; unchanged."
    assert sentences(text) == [text]


def test_an_empty_report_has_no_sentences():
    assert sentences("  \n ") == []


def test_the_note_does_not_depend_on_the_text():
    with_mark = lay_out(findings="", impression="", text="XXXX", redaction="ellipsis")
    without = lay_out(findings="", impression="", text="Clear.", redaction="ellipsis")
    assert with_mark.note == without.note


@pytest.mark.parametrize(
    "text",
    ["• • Clear lungs", "1. Findings: - Clear lungs", "1) - Impression: clear lungs"],
)
def test_marks_within_marks_go_too(text):
    assert sentences(text) == ["Clear lungs."]


@given(st.lists(st.sampled_from(MARKS), max_size=30).map("".join))
@example("• • 1")
def test_laying_out_twice_changes_nothing(text):
    once = sentences(text)
    assert sentences("\n\n".join(once)) == once


@given(st.text(alphabet="abcdefgh .,\n", max_size=80))
def test_no_letter_is_lost(text):
    def letters(value):
        return [letter.lower() for letter in value if letter.isalnum()]

    assert letters("".join(sentences(text))) == letters(text)
