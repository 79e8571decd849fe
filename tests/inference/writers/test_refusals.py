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
        "I won't be able to provide a diagnosis.",
        "I don't have the ability to interpret medical images.",
        "My apologies, but providing a radiologic report is beyond my capabilities.",
        "I apologize, but I can't do that.",
        "I must refrain from interpreting this radiograph.",
        "I cannot view or interpret images.",
        "I can't view, read, or interpret medical images.",
        "I'm unable to see the attached picture.",
        "I cannot describe the contents of this chest X-ray.",
        "죄송하지만 이 흉부 X선 사진을 판독해 드릴 수 없습니다.",
        "죄송합니다. 의료 영상에 대한 판독은 제공할 수 없습니다.",
        "저는 의료 영상의 판독을 도와드리기 어렵습니다.",
        "저는 AI 언어 모델로서 영상을 진단하지 않습니다.",
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
        "As an AI assistant, here is the report. FINDINGS: clear lungs. "
        "IMPRESSION: normal.",
        "As an AI, I may be wrong: **Findings**: Clear lungs.",
        "I cannot exclude a small pneumothorax.",
        "I cannot exclude a small effusion.",
        "The lateral view is beyond the scope of this examination.",
        "The heart is normal. Unable to exclude pneumonia.",
        "Evaluation is limited; I am unable to assess the apices.",
        "I cannot see a pneumothorax on this radiograph.",
        "I cannot assess interval change without prior images.",
        "I am unable to assess the lung bases, the image is cropped.",
        "I can't evaluate the retrocardiac region in this image.",
        "I will not be able to assess the bases before a lateral view.",
        "I cannot help but notice a nodule in the left upper lobe.",
        "양측 폐첨부는 평가할 수 없습니다. 심장은 커져 있습니다.",
        "소량의 기흉을 배제할 수 없습니다.",
        "AI 판독 보조 없이 판독함. 폐렴 여부는 판단하기 어렵습니다.",
        "A retrocardiac opacity cannot be assessed on this view alone.",
        "We are unable to see the left costophrenic angle, which is cut off.",
        f"I'm sorry, I can't assist with a diagnosis. {REPORT * (LONGEST // 100)}",
    ],
)
def test_a_report_is_kept(text):
    assert not is_refusal(text)
