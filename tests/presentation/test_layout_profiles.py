"""Every layout profile: it changes layout alone, and done twice it changes nothing."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from readerstudy.presentation.blind import OFFERED, PLAIN, PROFILES, lay_out
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
every_offered = pytest.mark.parametrize("profile", OFFERED)


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
    """Letters and digits in order, whatever their case, writing and surroundings."""
    composed = unicodedata.normalize("NFC", text)
    folded = unicodedata.normalize("NFC", composed.casefold())
    return [letter for letter in folded if letter.isalnum()]


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
@example(text="\uf900")
def test_what_is_shown_stood_in_the_text_in_the_same_order(profile, text):
    """Headings and list marks may go; nothing comes but the mark of removed words."""
    shown = "".join(lines(laid_out(text, profile=profile)))
    if PROFILES[profile].levels:
        text = re.sub(r"_{3,}|\[\*\*.*?\*\*\]", "XXXX", text)
    held = iter(letters(text))
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
    assert lines(laid_out(written, profile="even/2")) == shown


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
    body = laid_out(profile="sections/2", **report)
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
    (section,) = laid_out(profile="sections/2", **report).sections
    assert (section.heading, section.sentences) == ("Report", ("Clear lungs.",))


MEASURED = [
    "Largest diameter in mm: 12. No effusion.",
    "Largest diameter in mm:\n\n12. No effusion.",
    "Cardiothoracic ratio in percent: 48. Clear",
    "T 9. 7. rib fractured",
    "Fracture of T 9. 1. Rib intact",
    "Fractured rib\n1. Lungs clear",
    "Lesions: 1\n\nLungs clear",
    "Lesions: 1. 3. rib fractured",
    "Shift: - 5 mm",
    "Change since prior: + 4 mm",
    "Shift: \u2013 5 mm. - .5 cm",
    "Lesions: (12) small",
    "4. rib fractured. 5. rib intact",
]


def signed_numbers(text):
    """Digits with the sign before them, one by one."""
    found = re.findall(r"[-+]?[^\S\n]*\n?[^\S\n]*\d", text.replace("\u2013", "-"))
    return [re.sub(r"\s", "", each) for each in found]


@every_offered
@pytest.mark.parametrize("text", MEASURED)
def test_a_measurement_keeps_its_number_and_its_sign(profile, text):
    shown = "\n".join(lines(laid_out(text, profile=profile)))
    assert signed_numbers(shown) == signed_numbers(text)


@every_offered
@given(
    text=st.lists(
        st.sampled_from(
            [
                *(
                    "12",
                    "7.",
                    " 7. ",
                    "48) ",
                    "(3) ",
                    "- ",
                    "+ ",
                    "\u2013 ",
                    "\n",
                    "\n\n",
                ),
                *("clear", ". ", ": ", "; ", "Findings: ", "T ", "Impression\n", "."),
            ]
        ),
        max_size=25,
    ).map("".join)
)
@example(text="clear.\n- 7. clear")
def test_no_number_but_of_a_list_from_one_is_lost_and_no_sign(profile, text):
    """Without a 1 no list begins, so every digit stays, with its sign."""
    held = text.replace("1", "")
    shown = "\n".join(lines(laid_out(held, profile=profile)))
    assert signed_numbers(shown) == signed_numbers(held)


@every_offered
@pytest.mark.parametrize(
    "text",
    [
        "1. Clear. 2. Stable.",
        "Findings: 1. Clear. 2. Stable.",
        "1. Clear\n2. Stable",
        "1) Findings: Clear.\n2) Impression: Stable.",
        "1. Findings: Clear. 2. Stable.",
    ],
)
def test_numbers_that_run_are_marks(profile, text):
    assert letters(" ".join(lines(laid_out(text, profile=profile)))) == letters(
        "Clear Stable"
    )


@every_offered
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Seen before. 1. Clear. 2. Stable.", "Seen before Clear Stable"),
        ("Seen before. 1. Clear. 1. Stable.", "Seen before 1 Clear 1 Stable"),
    ],
)
def test_within_a_line_a_1_is_a_mark_where_a_2_follows(profile, text, shown):
    assert letters(" ".join(lines(laid_out(text, profile=profile)))) == letters(shown)


@pytest.mark.parametrize("profile", sorted(set(PROFILES) - set(OFFERED)))
def test_a_former_layout_is_laid_out_as_it_was(profile):
    """A study that was frozen with it goes on to show what its protocol says."""
    text = "Largest diameter in mm: 12. No effusion."
    assert lines(laid_out(text, profile=profile)) == [
        "Largest diameter in mm.",
        "No effusion.",
    ]
