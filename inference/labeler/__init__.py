"""Fourteen findings read from the words of a chest X-ray report, by rules alone.

The labels follow the published conventions of the CheXpert labeler (Irvin et al.,
2019), so that they can be set beside labels made elsewhere. This is not that program:
it shares neither its code nor its parser, and results have to name this one.
"""

from inference.labeler.findings import Labelled, Mention, Polarity
from inference.labeler.phrase_table import OTHER_ABNORMALITY
from inference.labeler.reports import label_report

__all__ = [
    "NAME",
    "OTHER_ABNORMALITY",
    "VERSION",
    "Labelled",
    "Mention",
    "Polarity",
    "label",
    "labelled_text",
]

NAME = "readerstudy-labeler"
VERSION = "3"


def label(text: str, *, strict_chexpert: bool = False) -> Labelled:
    """Label a report.

    strict_chexpert  find phrases inside of other words, too, in every section, and
                     leave unread what the rules of the CheXpert labeler do not reach
    """
    return label_report(text, is_original=strict_chexpert)


def labelled_text(findings: str, impression: str) -> str:
    """The text of a report in sections as it is labelled: findings, then impression."""
    return f"{findings} {impression}"
