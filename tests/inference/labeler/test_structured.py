"""Anya labels what models write: a finding per line, tables, tags and odd letters."""

import pytest

from inference.labeler import label

NO, YES, OPEN = 0, 1, -1


def said(text):
    """The labels that are not empty but No Finding."""
    return {
        name: value
        for name, value in label(text).values.items()
        if value is not None and name != "No Finding"
    }


@pytest.mark.parametrize(
    "text",
    [
        "Pneumothorax: no\nEdema: yes",
        "Pneumothorax: None\nEdema: Mild",
        "Pneumothorax: Absent\nEdema: Mild",
        "Pneumothorax: none seen\nEdema: present",
        "Pneumothorax: No evidence\nEdema: Present",
        "**Pneumothorax:** None\n**Edema:** Present",
        "**Pneumothorax**: None\n**Edema**: Present",
        "- **Pneumothorax:** None\n- **Edema:** Present",
        "*Pneumothorax:* None\n*Edema:* Present",
        "1) Pneumothorax: negative\n2) Edema: positive",
        "Pneumothorax - no\nEdema - yes",
        "Pneumothorax \u2013 no\nEdema \u2013 yes",
        "Pneumothorax = no\nEdema = yes",
        "Pneumothorax: no Edema: yes",
        "Pneumothorax?\nNo\nEdema?\nYes",
        "Pneumothorax? No. Edema? Yes.",
        "Pneumothorax? None seen Edema? Yes",
        "Is there a pneumothorax?\n\nNo\nIs there edema?\n\nYes",
        "Pneumothorax: no\tEdema: yes",
        "Pneumothorax (right): no\nEdema (both): yes",
        "Pneumothorax: No, Edema: Yes",
        "| Finding | Answer |\n|---|---|\n| Pneumothorax | No |\n| Edema | Yes |",
        "<tr><td>Pneumothorax</td><td>No</td></tr><tr><td>Edema</td><td>Yes</td></tr>",
        "<p><b>No</b> pneumothorax<br>Edema</p>",
        "No&nbsp;pneumothorax<br/>Edema",
    ],
)
def test_every_line_answers_for_itself(text):
    assert said(text) == {"Pneumothorax": NO, "Edema": YES}
    turned = {"no": "yes", "None": "Mild", "Absent": "Mild", "No ": "Yes "}
    for denial, presence in turned.items():
        if f": {denial}\nEdema: " in text:
            present = text.replace(denial, presence, 1).rpartition(": ")[0] + ": No"
            assert said(present) == {"Pneumothorax": YES, "Edema": NO}


def test_a_line_left_open_is_open():
    text = "Pneumothorax: uncertain\nConsolidation: possible\nPneumonia: yes"
    assert said(text) == {
        "Pneumothorax": OPEN,
        "Consolidation": OPEN,
        "Pneumonia": YES,
    }


@pytest.mark.parametrize("answer", ["N/A", "n/a", "not assessed", "Not applicable."])
def test_a_line_without_an_answer_is_open(answer):
    text = f"Pneumothorax: {answer}\nEdema: no"
    assert said(text) == {"Pneumothorax": OPEN, "Edema": NO}


def test_a_denial_behind_a_question_is_its_answer_only_where_it_stands_alone():
    assert said("Pneumothorax? No edema.") == {"Pneumothorax": OPEN, "Edema": NO}
    assert said("Pneumothorax? No, edema.") == {"Pneumothorax": NO, "Edema": YES}


@pytest.mark.parametrize(
    "text",
    [
        "No pneumothorax or\npleural effusion: lungs are clear.",
        "There is no\npneumothorax or pleural effusion - lungs are clear.",
        "No pneumothorax,\npleural effusion: none.",
        "Without pneumothorax\nor pleural effusion.",
    ],
)
def test_a_sentence_that_is_broken_into_lines_goes_on(text):
    assert said(text) == {"Pneumothorax": NO, "Pleural Effusion": NO}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Soft pneu\u00admonia.", "pneu\u00admonia"),
        ("\ufeffA pneumo\u200bnia", "pneumo\u200bnia"),
        ("\uff30\uff4e\uff45\uff55\uff4d\uff4f\uff4e\uff49\uff41.",
         "\uff30\uff4e\uff45\uff55\uff4d\uff4f\uff4e\uff49\uff41"),
        ("Old \ufb01brosis.", "\ufb01brosis"),
        ("\u0130\u0130 E\ufb00usion\u2026", "E\ufb00usion"),
        ("An in**fil**trate", "in**fil**trate"),
    ],
)  # fmt: skip
def test_a_word_in_other_letters_is_read_and_quoted_as_it_stands(text, words):
    labelled = label(text)
    (mention,) = labelled.mentions
    assert mention.quote == words == text[mention.start : mention.end]
    assert labelled.values["No Finding"] is None
    assert labelled.values[mention.finding] == YES


def test_what_stands_in_angle_brackets_but_is_no_tag_is_read():
    assert said("Nodule <5 mm>. <effusion>") == {"Lung Lesion": YES,
                                                 "Pleural Effusion": YES}  # fmt: skip


def test_sections_on_one_line_are_told_by_their_capitals():
    text = "INDICATION: rule out pneumothorax IMPRESSION: Normal."
    assert said(text) == {}
    assert label(text).values["No Finding"] == 1
    assert said("Indication: edema FINDINGS: No effusion. IMPRESSION: Nodule.") == {
        "Pleural Effusion": NO,
        "Lung Lesion": YES,
    }
    assert said("**INDICATION:** edema\n**FINDINGS:** No effusion") == {
        "Pleural Effusion": NO
    }
    # "history:" within a sentence begins no section.
    assert said("FINDINGS: Of note in the history: edema.") == {"Edema": YES}
