"""Anya compares with the CheXpert labeler: what its rules do not reach is positive."""

import pytest

from inference.labeler import label

NO, YES, OPEN = 0, 1, -1


def said(text, finding, *, strict):
    return label(text, strict_chexpert=strict).values[finding]


@pytest.mark.parametrize(
    ("text", "finding", "here"),
    [
        # Of two that stand against each other neither is left open.
        ("Atelectasis versus scarring.", "Atelectasis", OPEN),
        ("Scarring versus atelectasis.", "Atelectasis", OPEN),
        ("Atelectasis vs. scarring.", "Atelectasis", OPEN),
        ("Atelectasis versus fat or scarring.", "Atelectasis", OPEN),
        ("Opacity may represent atelectasis versus scarring.", "Atelectasis", OPEN),
        ("Probable infiltrate versus atelectasis.", "Atelectasis", OPEN),
        # What is hard to exclude is not "cannot be excluded".
        ("Edema is difficult to exclude.", "Edema", OPEN),
        ("Please note that fractures may not be demonstrated.", "Fracture", OPEN),
        ("Differential considerations: pneumonia.", "Pneumonia", OPEN),
        ("Pneumonia is in the differential.", "Pneumonia", OPEN),
        # Lists that a parser takes apart.
        ("No pneumothorax or pleural effusions.", "Pleural Effusion", NO),
        ("No displaced, acute fractures are identified.", "Fracture", NO),
        ("There are no XXXX focal consolidations.", "Consolidation", NO),
        ("The lungs are clear, and without focal opacity.", "Lung Opacity", NO),
        (
            "No line to suggest air or blunting of both angles to suggest effusion.",
            "Pleural Effusion",
            NO,
        ),
        ("No focal air space opacities to suggest pneumonia.", "Pneumonia", NO),
        ("This may represent right lower lobe pneumonia given history.",
         "Pneumonia", OPEN),
        # Organs of which it is said too far away, or in other words.
        (
            "The heart size and pulmonary vascularity appear within normal limits.",
            "Cardiomegaly",
            NO,
        ),
        (
            "The heart silhouette and mediastinal contours are not enlarged.",
            "Cardiomegaly",
            NO,
        ),
        ("Heart size appears stable.", "Cardiomegaly", OPEN),
        ("Mediastinal contours appear normal limits.",
         "Enlarged Cardiomediastinum", NO),
        ("The cardiomediastinal silhouette is within limits.",
         "Enlarged Cardiomediastinum", NO),
        ("Normal heart size mediastinal contours.", "Enlarged Cardiomediastinum", NO),
        ("Mediastinal silhouette stable and unremarkable.",
         "Enlarged Cardiomediastinum", NO),
        ("Mediastinal contour and pulmonary vascularity within normal limits.",
         "Enlarged Cardiomediastinum", NO),
        ("Mediastinal contour and pulmonary vascularity are stable and within normal "
         "limits.", "Enlarged Cardiomediastinum", NO),
        ("Heart and mediastinum of normal size and contour.",
         "Enlarged Cardiomediastinum", NO),
        ("Heart and mediastinum within normal limits.",
         "Enlarged Cardiomediastinum", NO),
    ],
)  # fmt: skip
def test_what_the_rules_of_the_original_do_not_reach_is_positive(text, finding, here):
    assert said(text, finding, strict=False) == here
    assert said(text, finding, strict=True) == YES


@pytest.mark.parametrize(
    ("text", "finding", "value"),
    [
        ("No atelectasis versus scarring.", "Atelectasis", NO),
        ("Atelectasis or scarring.", "Atelectasis", OPEN),
        ("Opacity may represent atelectasis.", "Atelectasis", OPEN),
        ("Edema cannot be excluded.", "Edema", OPEN),
        ("Differential diagnosis includes pneumonia.", "Pneumonia", OPEN),
        ("No pneumothorax or pleural effusion.", "Pleural Effusion", NO),
        ("No pneumothorax or large pleural effusions.", "Pleural Effusion", NO),
        ("No focal infiltrates or pleural effusions.", "Pleural Effusion", NO),
        ("No pneumothorax or pleural effusions are seen.", "Pleural Effusion", NO),
        ("Clear lungs. No pneumothorax or effusions.", "Pleural Effusion", NO),
        ("No acute, displaced rib fractures.", "Fracture", NO),
        ("No XXXX consolidation.", "Consolidation", NO),
        ("No XXXX focal consolidation or edema.", "Consolidation", OPEN),
        ("The lungs are clear and without focal opacity.", "Lung Opacity", NO),
        ("No opacity to suggest pneumonia.", "Pneumonia", NO),
        ("There are no opacities to suggest pneumonia.", "Pneumonia", NO),
        ("This may represent pneumonia.", "Pneumonia", OPEN),
        ("An opacity, which may represent pneumonia given the history.",
         "Pneumonia", OPEN),
        ("The heart size is within normal limits.", "Cardiomegaly", NO),
        ("The heart silhouette is not enlarged.", "Cardiomegaly", NO),
        ("Heart size appears within limits of normal.", "Cardiomegaly", NO),
        ("Heart size is stable.", "Cardiomegaly", OPEN),
        ("Mediastinal contours are normal.", "Enlarged Cardiomediastinum", NO),
        ("Normal heart size and mediastinal contours.",
         "Enlarged Cardiomediastinum", NO),
        ("Mediastinal silhouette is stable and within normal limits.",
         "Enlarged Cardiomediastinum", OPEN),
    ],
)  # fmt: skip
def test_what_they_reach_is_read_as_there(text, finding, value):
    assert said(text, finding, strict=True) == value


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("Plate-like atelectasis.", "Support Devices"),
        ("Endplate changes of the spine.", "Support Devices"),
        ("No evidence of tuberculosis.", "Support Devices"),
        ("Clumped vessels. Prior lumpectomy.", "Lung Lesion"),
        ("Vertebral body collapse of T8.", "Atelectasis"),
        ("The left diaphragm contour is smooth.", "Enlarged Cardiomediastinum"),
    ],
)
def test_a_word_inside_of_another_counts_only_as_in_the_original(text, finding):
    assert said(text, finding, strict=False) is None
    assert said(text, finding, strict=True) is not None


def test_marks_in_a_report_are_not_taken_for_those_of_the_rules():
    text = "[open versus] <the heart> silhouette and [denied no] is normal."
    assert said(text, "Cardiomegaly", strict=True) == said(
        text.translate(str.maketrans("[]<>", "    ")), "Cardiomegaly", strict=True
    )


def test_the_whole_sentence_has_to_be_such_a_list():
    text = f"No pneumothorax or pleural effusions{' are seen' * 10}."
    assert said(text, "Pleural Effusion", strict=True) == NO
    text = f"{'On all views that were made ' * 4}no pneumothorax or pleural effusions."
    assert said(text, "Pleural Effusion", strict=True) == NO


def test_a_report_as_long_as_a_book_is_read_to_its_end_here_too():
    text = "no effusion versus pneumothorax, " * 500 + ". Edema."
    assert said(text, "Edema", strict=True) == YES
