"""Anya has sentences labelled whose meaning every radiologist agrees on."""

import pytest

from inference.chexpert import FINDINGS
from inference.labeler import OTHER_ABNORMALITY, Polarity, label, labelled_text

SHORT = {
    "ECM": "Enlarged Cardiomediastinum",
    "Heart": "Cardiomegaly",
    "Lesion": "Lung Lesion",
    "Opacity": "Lung Opacity",
    "Edema": "Edema",
    "Consolidation": "Consolidation",
    "Pneumonia": "Pneumonia",
    "Atelectasis": "Atelectasis",
    "Pneumothorax": "Pneumothorax",
    "Effusion": "Pleural Effusion",
    "Pleura": "Pleural Other",
    "Fracture": "Fracture",
    "Devices": "Support Devices",
}


def said(text, **options):
    """What is not empty but No Finding, by short names."""
    values = label(text, **options).values
    return {
        short: values[name] for short, name in SHORT.items() if values[name] is not None
    }


def rules(text):
    return [mention.rule for mention in label(text).mentions]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Denied, alone and in lists.
        ("No effusion, pneumothorax or consolidation.",
         {"Effusion": 0, "Pneumothorax": 0, "Consolidation": 0}),
        ("No pneumothorax or pleural effusions.", {"Pneumothorax": 0, "Effusion": 0}),
        ("Neither effusion nor pneumothorax is seen.",
         {"Effusion": 0, "Pneumothorax": 0}),
        ("Lungs are clear of consolidation, pneumothorax, and effusion.",
         {"Consolidation": 0, "Pneumothorax": 0, "Effusion": 0}),
        ("No evidence of pneumonia, nodules, or masses.",
         {"Pneumonia": 0, "Lesion": 0}),
        ("There is no focal opacity to suggest pneumonia.",
         {"Opacity": 0, "Pneumonia": 0}),
        ("No effusion/pneumothorax.", {"Effusion": 0, "Pneumothorax": 0}),
        ("No rib fracture.", {"Fracture": 0}),
        ("Negative for pneumothorax.", {"Pneumothorax": 0}),
        ("Pneumothorax is absent.", {"Pneumothorax": 0}),
        ("The pneumothorax is no longer seen.", {"Pneumothorax": 0}),
        ("A pleural effusion isn\u2019t seen.", {"Effusion": 0}),
        ("Resolved effusion.", {"Effusion": 0}),
        ("The effusion has resolved.", {"Effusion": 0}),
        ("Interval resolution of the right effusion.", {"Effusion": 0}),
        ("The endotracheal tube has been removed.", {"Devices": 0}),
        ("No findings consistent with pneumonia.", {"Pneumonia": 0}),
        ("Not consistent with pneumonia.", {"Pneumonia": 0}),
        ("Not only pneumonia but edema.", {"Pneumonia": 1, "Edema": 1}),
        ("Not pneumothorax.", {"Pneumothorax": 0}),
        ("No longer pneumothorax.", {"Pneumothorax": 0}),
        ("The lungs are pneumonia free and clear.", {"Pneumonia": 0}),
        ("Effusion-free.", {"Effusion": 0}),
        ("The lungs are not pneumonia free.", {"Pneumonia": 1}),
        ("An effusion, free fluid below.", {"Effusion": 1}),
        # A denial ends where something else begins.
        ("No pneumothorax, small left effusion.", {"Pneumothorax": 0, "Effusion": 1}),
        ("No pneumothorax, but a small effusion.", {"Pneumothorax": 0, "Effusion": 1}),
        ("No pneumothorax and small effusions are present.",
         {"Pneumothorax": 0, "Effusion": 1}),
        ("Cardiomegaly without edema.", {"Heart": 1, "Edema": 0}),
        ("Moderate effusion is present, no pneumothorax.",
         {"Effusion": 1, "Pneumothorax": 0}),
        ("No effusion or pneumothorax, and the heart is enlarged.",
         {"Effusion": 0, "Pneumothorax": 0, "Heart": 1}),
        ("No pneumothorax, pleural effusion is stable.",
         {"Pneumothorax": 0, "Effusion": 1}),
        ("No pneumothorax status post line placement.",
         {"Pneumothorax": 0, "Devices": 1}),
        ("No pneumothorax after chest tube removal.",
         {"Pneumothorax": 0, "Devices": 0}),
        ("No change in the small left effusion.", {"Effusion": 1}),
        ("The effusion has not resolved.", {"Effusion": 1}),
        ("Left lung opacity, not well seen on prior exam.", {"Opacity": 1}),
        ("1. No effusion. 2. Small pneumothorax. 3. No edema",
         {"Effusion": 0, "Pneumothorax": 1, "Edema": 0}),
        ("No effusion\n- Edema\n- No pneumothorax",
         {"Effusion": 0, "Edema": 1, "Pneumothorax": 0}),
        # Left open.
        ("Cannot exclude pneumonia.", {"Pneumonia": -1}),
        ("Pneumonia cannot be excluded.", {"Pneumonia": -1}),
        ("Pneumonia cannot entirely be excluded.", {"Pneumonia": -1}),
        ("Pneumonia cannot definitely be excluded.", {"Pneumonia": -1}),
        ("Pneumonia cannot completely be excluded.", {"Pneumonia": -1}),
        ("Pneumonia can not entirely be ruled out.", {"Pneumonia": -1}),
        ("Pneumonia has not been excluded.", {"Pneumonia": -1}),
        ("Pneumonia is difficult to exclude.", {"Pneumonia": -1}),
        ("Pneumonia is difficult to exclude on this film.", {"Pneumonia": -1}),
        ("The effusion makes it difficult to exclude pneumonia.",
         {"Effusion": 1, "Pneumonia": -1}),
        ("Difficult to completely exclude pneumonia.", {"Pneumonia": -1}),
        ("Unable to definitively exclude pneumonia.", {"Pneumonia": -1}),
        ("Pneumonia has been excluded.", {"Pneumonia": 0}),
        ("Low likelihood of pneumonia.", {"Pneumonia": -1}),
        ("? pneumonia", {"Pneumonia": -1}),
        ("Basal opacity (?pneumonia).", {"Opacity": 1, "Pneumonia": -1}),
        ("Basal opacity. ? pneumonia. Edema", {"Opacity": 1, "Pneumonia": -1,
                                               "Edema": 1}),
        ("Is this possible? Pneumonia.", {"Pneumonia": 1}),
        ("Pneumonia has a low likelihood.", {"Pneumonia": -1}),
        ("Pneumonia is of very low probability.", {"Pneumonia": -1}),
        ("Pneumonia is in the differential.", {"Pneumonia": -1}),
        ("Differential considerations: edema.", {"Edema": -1}),
        ("Basal opacity. Pneumonia? Edema", {"Opacity": 1, "Pneumonia": -1,
                                             "Edema": 1}),
        ("No new consolidation.", {"Consolidation": -1}),
        ("Possible small effusions.", {"Effusion": -1}),
        ("Underlying atelectasis is suspected.", {"Atelectasis": -1}),
        ("Opacity, which may represent pneumonia.", {"Opacity": 1, "Pneumonia": -1}),
        ("Atelectasis versus pneumonia.", {"Atelectasis": -1, "Pneumonia": -1}),
        ("Atelectasis vs. pneumonia. Edema.",
         {"Atelectasis": -1, "Pneumonia": -1, "Edema": 1}),
        ("Atelectasis v. pneumonia. Edema.",
         {"Atelectasis": -1, "Pneumonia": -1, "Edema": 1}),
        ("No abnormality, e.g. pneumonia. Edema.", {"Pneumonia": 0, "Edema": 1}),
        ("No opacity, i.e. pneumonia.", {"Opacity": 0, "Pneumonia": 0}),
        ("Pneumonia and/or consolidation.", {"Pneumonia": -1, "Consolidation": -1}),
        # One finding under two names is no choice, nor is what has not changed.
        ("Nodule or mass at the left base.", {"Lesion": 1}),
        ("A pacemaker/defibrillator device.", {"Devices": 1}),
        ("Possible nodule or mass.", {"Lesion": -1}),
        ("Nodules or scarring or masses.", {"Lesion": -1, "Opacity": -1}),
        ("No significant change in pneumothorax or right effusion.",
         {"Pneumothorax": 1, "Effusion": 1}),
        ("Residual or recurrent pneumonia.", {"Pneumonia": 1}),
        # What stands on the film is there, whatever it is to be called, unless hedged.
        ("Atelectasis and/or consolidation.", {"Atelectasis": 1, "Consolidation": -1}),
        ("Scarring or atelectasis.", {"Opacity": -1, "Atelectasis": 1}),
        ("Small effusion/thickening.", {"Effusion": 1}),
        ("Atelectasis or pneumonia.", {"Atelectasis": 1, "Pneumonia": -1}),
        ("This may be scarring or atelectasis.", {"Opacity": -1, "Atelectasis": -1}),
        ("Possible effusion or atelectasis.", {"Effusion": -1, "Atelectasis": -1}),
        ("Effusion or thickening cannot be excluded.", {"Effusion": -1}),
        ("Atelectasis versus effusion or scarring.",
         {"Atelectasis": -1, "Effusion": -1, "Opacity": -1}),
        ("No effusion or atelectasis.", {"Effusion": 0, "Atelectasis": 0}),
        ("Mild vascular congestion.", {"Edema": -1}),
        ("Please note that fractures may not be demonstrated.", {"Fracture": -1}),
        # An organ is normal, large, or as before.
        ("Heart size is normal.", {"Heart": 0}),
        ("Heart size, mediastinal contour, and vascularity are within normal limits.",
         {"Heart": 0, "ECM": 0}),
        ("Heart and mediastinum of normal size and contour.", {"ECM": 0}),
        ("The heart is normal in size and contour.", {"Heart": 0, "ECM": 0}),
        ("The heart is at the upper limits of normal.", {"Heart": 0}),
        ("The heart is not enlarged.", {"Heart": 0}),
        ("The heart is mildly enlarged.", {"Heart": 1}),
        ("Heart size is not normal.", {"Heart": 1}),
        ("Heart size and the mediastinum are normal.", {"Heart": 0, "ECM": 0}),
        ("The heart is enlarged and the mediastinum is normal.",
         {"Heart": 1, "ECM": 0}),
        ("Heart size mildly enlarged, mediastinal contours normal.",
         {"Heart": 1, "ECM": 0}),
        ("Stable cardiac silhouette.", {"Heart": -1}),
        ("Stable cardiomegaly.", {"Heart": 1}),
        ("The cardiomediastinal silhouette is stable and unremarkable.", {"ECM": 0}),
        ("Stable widening of the upper mediastinum.", {"ECM": 1}),
        # Lines of a structured report.
        ("Heart size: Normal. Pneumothorax: None. Effusion: small.",
         {"Heart": 0, "Pneumothorax": 0, "Effusion": 1}),
        # Odds and ends.
        ("A 2.5 cm nodule.", {"Lesion": 1}),
        ("XXXX XXXX effusion.", {"Effusion": 1}),
        ("<b>Effusion</b>", {"Effusion": 1}),
        ("CHF.", {"Edema": 1, "Heart": -1}),
        ("No CHF.", {"Edema": 0}),
        ("Pericardial effusion. Massive hernia. Calcified nodule.", {}),
        ("A catheter projects over the heart.", {"Devices": 1}),
    ],
)  # fmt: skip
def test_a_sentence_is_read_as_it_is_meant(text, expected):
    assert said(text) == expected


def test_mentions_are_put_together_in_the_published_order():
    pneumothorax = "No pneumothorax. {}There is a large pneumothorax."
    assert said(pneumothorax.format("")) == {"Pneumothorax": 1}
    unsure = pneumothorax.format("Possible small pneumothorax. ")
    assert said(unsure) == {"Pneumothorax": -1}
    assert said("Possible pneumothorax. Large pneumothorax.") == {"Pneumothorax": 1}


def test_no_finding_is_what_nothing_speaks_against():
    for text in ("", "XXXX", "No effusion.", "A PICC line. Clear lungs."):
        assert label(text).values["No Finding"] == 1
    for text in ("Effusion.", "Possible effusion.", "Scoliosis.", "No edema. Hernia."):
        assert label(text).values["No Finding"] is None


def test_another_abnormality_stands_in_the_evidence_and_is_no_label():
    labelled = label("No effusion. Mild scoliosis.")
    assert [mention.finding for mention in labelled.mentions] == [
        "Pleural Effusion",
        OTHER_ABNORMALITY,
    ]
    assert tuple(labelled.values) == FINDINGS
    assert OTHER_ABNORMALITY not in labelled.values


def test_the_evidence_quotes_whole_words_of_the_text_as_it_was_given():
    text = "Lungs  clear.\nNO pleural\neffusions."
    (mention,) = label(text).mentions
    assert mention.polarity is Polarity.NEGATIVE
    assert (mention.quote, mention.rule) == ("effusions", "denied")
    assert text[mention.start : mention.end] == mention.quote


def test_the_reason_for_the_examination_is_no_finding():
    text = (
        "EXAM: Chest. INDICATION: Rule out pneumonia.\n"
        "FINDINGS: Small effusion.\nIMPRESSION: No edema."
    )
    assert said(text) == {"Effusion": 1, "Edema": 0}
    # Without headings of findings nothing tells where they are.
    assert said("HISTORY: pneumonia. Small effusion.") == {
        "Pneumonia": 1,
        "Effusion": 1,
    }
    assert "Pneumonia" in said(text, strict_chexpert=True)


def test_rules_are_named_so_that_a_reader_knows_them():
    assert rules("No effusion. Edema versus pneumonia. Stable heart size.") == [
        "denied",
        "versus",
        "versus",
        "unchanged",
    ]


def test_sections_are_joined_by_one_space():
    assert labelled_text("Clear lungs.", "Normal.") == "Clear lungs. Normal."
