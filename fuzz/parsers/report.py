"""A report of MIMIC-CXR, and the labels of its words."""

from inference.labeler import label
from readerstudy.cases.mimic import read_report
from readerstudy.cases.radiograph import Refused

REFUSALS = (Refused,)


def parse(content: bytes) -> None:
    text = content.decode("utf-8", "replace")
    label(text)
    label(text, strict_chexpert=True)
    read_report(content)
