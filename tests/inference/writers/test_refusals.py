"""A "no" is told from a report, and a report with a disclaimer stays a report."""

import pytest

from inference.writers.refusals import LONGEST, is_refusal

REPORT = (
    "The heart is enlarged. There is a small left pleural effusion. No pneumothorax is "
    "seen. The lungs are otherwise clear."
)


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, I can't assist with that request.",
        "I\u2019m sorry, but I can\u2019t help with interpreting medical images.",
        "I am sorry, but as a matter of policy I cannot provide that.",
        "As an AI language model, I am not able to interpret medical images.",
        "As an AI, I do not read radiographs. Please see a doctor.",
        "I cannot provide a radiologic report on this image.",
        "I can't analyze X-rays.",
        "I'm unable to provide a medical interpretation of this image.",
        "I am not able to diagnose from images.",
        "I'm not a radiologist, so I will leave this to one.",
        "Sorry for that. I am just an AI and do not judge such images.",
        "Radiographs should be interpreted by a qualified healthcare professional.",
        "Please consult a qualified radiologist for an interpretation of this image.",
        "",
        "  \n",
    ],
)
def test_a_refusal_is_recognised(text):
    assert is_refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        REPORT,
        f"As an AI, I may be wrong.\n\nFindings: {REPORT}",
        f"I'm not a radiologist, but here is what I see.\n**Impression:** {REPORT}",
        f"{REPORT} This should be reviewed by a qualified radiologist.",
        f"{REPORT} Please consult a physician.",
        "I cannot exclude a small pneumothorax.",
        "A retrocardiac opacity cannot be assessed on this view alone.",
        "We are unable to see the left costophrenic angle, which is cut off.",
        f"I'm sorry, I can't assist with a diagnosis. {REPORT * (LONGEST // 100)}",
    ],
)
def test_a_report_is_kept(text):
    assert not is_refusal(text)
