"""Every layout profile: it changes layout alone, and done twice it changes nothing."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from readerstudy.presentation.blind import PLAIN, PROFILES, lay_out
from readerstudy.studies.models import Study
from tests.presentation.test_blind import MARKS

FURTHER_MARKS = [
    *MARKS,
    *("**", "## ", "IMPRESSION", "LUNGS:", "picc ", "CT ", "NO EFFUSION. ", "___"),
    *("(1) ", "clear.No ", "2cm", "Impression:", "[**a**]", "t8 ", "•/()%ÄßİΣ…"),
]
TEXTS = st.one_of(
    st.lists(st.sampled_from(FURTHER_MARKS), max_size=30).map("".join),
    st.text(max_size=60),
)
every_profile = pytest.mark.parametrize("profile", PROFILES)


def laid_out(text="", *, profile, findings="", impression="", redaction="as_written"):
    return lay_out(
        findings=findings,
        impression=impression,
        text=text,
        redaction=redaction,
        profile=profile,
    )


def lines(body):
    return [line for section in body.sections for line in section.sentences]


def letters(text):
    """Letters and digits in order, whatever their case and what lies between."""
    return [letter for letter in text.casefold() if letter.isalnum()]


def test_a_study_may_choose_every_profile_and_no_other():
    assert set(Study.LayoutProfile.values) == set(PROFILES)
    assert Study._meta.get_field("layout_profile").default == PLAIN


@every_profile
@given(text=TEXTS)
@example(text="İ I. SUMMARY ß")
@example(text="Findings: clear. Impression: clear.")
def test_laying_out_twice_changes_nothing(profile, text):
    once = laid_out(text, profile=profile)
    parts = ["\n\n".join(section.sentences) for section in once.sections]
    if len(parts) == 1:
        again = laid_out(parts[0], profile=profile)
    else:
        again = laid_out(profile=profile, findings=parts[0], impression=parts[1])
    assert again == once


@every_profile
@given(text=st.text(alphabet="abcdefghIVPCT .,;()/!?\n", max_size=120))
def test_no_letter_is_lost_and_none_is_added(profile, text):
    assert letters("".join(lines(laid_out(text, profile=profile)))) == letters(text)


@every_profile
@given(text=TEXTS)
def test_what_is_shown_stood_in_the_text_in_the_same_order(profile, text):
    """Headings and list marks may go; nothing comes but the mark of removed words."""
    shown = "".join(lines(laid_out(text, profile=profile)))
    held = iter(letters(re.sub(r"_{3,}|\[\*\*.*?\*\*\]", "XXXX", text)))
    assert all(letter in held for letter in letters(shown))


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("THE HEART IS NORMAL. NO EFFUSION.", ["The heart is normal.", "No effusion."]),
        ("PICC LINE ENDS IN THE SVC.", ["PICC line ends in the SVC."]),
        ("pa and lateral . t8 fracture .", ["PA and lateral.", "T8 fracture."]),
        ("the ng tube ends low .", ["The NG tube ends low."]),
        ("LUNGS: Clear of disease.", ["Lungs: Clear of disease."]),
        ("COPD.", ["COPD."]),
        ("NO XXXX EFFUSION.", ["No XXXX effusion."]),
        ("Seen by ___ on [**2101-1-1**].", ["Seen by XXXX on XXXX."]),
        ("**Findings:**\n- Clear\n- No effusion", ["Clear.", "No effusion."]),
        ("## Findings\nClear.\n## Impression\nNormal.", ["Clear.", "Normal."]),
        ("(1) Clear (2) Stable", ["Clear (2) Stable."]),
        ("A 2cm nodule,stable .", ["A 2 cm nodule, stable."]),
        ("Lungs are clear.No effusion.", ["Lungs are clear.", "No effusion."]),
        ("Heart ( and aorta ) large...", ["Heart (and aorta) large."]),
    ],
)
def test_even_levels_what_plain_leaves(written, shown):
    assert lines(laid_out(written, profile="even/1")) == shown


@pytest.mark.parametrize(
    "report",
    [
        {"findings": "Clear lungs.", "impression": "No disease."},
        {"text": "FINDINGS: clear lungs. IMPRESSION: no disease."},
        {"text": "**Findings:** clear lungs\n\n**Impression:** no disease"},
        {"text": "Findings\nClear lungs.\nImpression\nNo disease."},
        {"text": "Clear lungs.\nCONCLUSION: No disease."},
    ],
)
def test_sections_keep_findings_and_impression_apart(report):
    body = laid_out(profile="sections/1", **report)
    assert [(part.heading, part.sentences) for part in body.sections] == [
        ("Findings", ("Clear lungs.",)),
        ("Impression", ("No disease.",)),
    ]


@pytest.mark.parametrize(
    "report",
    [
        {"text": "Clear lungs."},
        {"findings": "Clear lungs."},
        {"text": "Impression: Clear lungs."},
        {"text": "Findings: \n Impression: Clear lungs."},
    ],
)
def test_a_report_without_both_parts_stays_one(report):
    (section,) = laid_out(profile="sections/1", **report).sections
    assert (section.heading, section.sentences) == ("Report", ("Clear lungs.",))
