"""A report's findings and impression, whatever stands around them."""

import pytest

from inference.datasets.sections import paragraph, sections


@pytest.mark.parametrize(
    ("text", "findings", "impression"),
    [
        ("FINDINGS: Clear.\nIMPRESSION: Normal.", "Clear.", "Normal."),
        (" FINDINGS:\n\n Clear\n lungs.\n", "Clear lungs.", ""),
        ("IMPRESSION:  1. Edema.\n 2. No effusion.", "", "1. Edema. 2. No effusion."),
        ("FINDINGS AND IMPRESSION: Clear.", "Clear.", ""),
        ("FINDINGS/IMPRESSION: Clear.", "Clear.", ""),
        ("Findings: Clear.\nImpression: Normal.", "Clear.", "Normal."),
        ("FINDINGS: A.\nADDENDUM: Late.\nFINDINGS: B.", "A. B.", ""),
        ("INDICATION: Cough.\nCOMPARISON: ___.\n", "", ""),
        ("FINDINGS: Compared to ___: stable.", "Compared to ___: stable.", ""),
        ("CONCLUSION: Normal.", "", "Normal."),
        ("TECHNIQUE: AP.\nRECOMMENDATION(S): CT.", "", ""),
        ("No heading at all.", "", ""),
        ("", "", ""),
    ],
)
def test_the_two_sections_are_found(text, findings, impression):
    assert sections(text) == (findings, impression)


def test_the_paragraph_is_what_the_model_answers_with():
    assert paragraph("Clear  lungs.\n", " Normal.") == "Clear lungs. Normal."
    assert paragraph("", "Normal.") == "Normal."
