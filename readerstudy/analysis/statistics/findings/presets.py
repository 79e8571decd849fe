"""The paper's three evaluations, and F1CheXbert, as settings by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from readerstudy.analysis.statistics.findings.settings import ScoreSettings

# What labels are of: reports, radiographs, one human reader's reading of these, or what
# a model answered to the label prompt.
REPORTS, IMAGES, READER, ANSWERS = "reports", "images", "reader", "answers"
READERS_PRESET = "readers_to_image"
_OVERLAP = (
    "It overlaps with Cardiomegaly, so the paper leaves it out by name (note below its "
    "table)."
)
_NO_PATHOLOGY = "It is no pathology, and the paper's table has no row for it."


@dataclass(frozen=True)
class Preset:
    """Settings of one evaluation.

    title      for people
    sentence   what it compares and where its limits come from
    settings   as the evaluation has them; a caller may replace any of them
    reference  the kinds of labels that its reference may be
    predicted  the kinds that are held against it
    published  the table of published.py that its results stand beside; "" for none
    """

    name: str
    title: str
    sentence: str
    settings: ScoreSettings
    reference: tuple[str, ...] = (REPORTS,)
    predicted: tuple[str, ...] = (REPORTS,)
    published: str = ""


def _preset(
    name: str,
    title: str,
    sentence: str,
    *,
    reference: tuple[str, ...] = (REPORTS,),
    predicted: tuple[str, ...] = (REPORTS,),
    published: str = "",
    left_out: Mapping[str, str] | None = None,
    **settings: Any,
) -> Preset:
    found = ScoreSettings(preset=name, left_out=dict(left_out or {}), **settings)
    return Preset(name, title, sentence, found, reference, predicted, published)


_ECM = {"Enlarged Cardiomediastinum": _OVERLAP}
_TABLE3 = {**_ECM, "No Finding": _NO_PATHOLOGY}

_ALL = (
    _preset(
        "report_to_report_mimic",
        "Report to report, as in Table 2",
        "Labels of model reports against labels of reference reports. A label is left "
        "out where its smaller class is under 5% or has fewer than 10 studies (note "
        "below Table 2).",
        published="table2",
        left_out=_ECM,
        minimum_share=0.05,
        minimum_count=10,
    ),
    _preset(
        "report_to_report_indiana",
        "Report to report, as in Table 4",
        "Labels of model reports against labels of reference reports. A label is left "
        "out where its smaller class has fewer than 10 studies (note below Table 4).",
        published="table4",
        left_out=_ECM,
        minimum_count=10,
    ),
    _preset(
        "labels_to_image",
        "Label prompt against image labels, as in Table 3",
        "Labels that a model gave when asked for them, against labels of the images. A "
        "label is left out where its smaller class is under 5% (note below Table 3).",
        reference=(IMAGES,),
        predicted=(ANSWERS, IMAGES),
        published="table3",
        left_out=_TABLE3,
        minimum_share=0.05,
    ),
    _preset(
        READERS_PRESET,
        "Human readers against a reference, as in the last column of Table 3",
        "Each reader's labels against those of the reference, and the mean over the "
        "readers. Every study and every label that both sides have is kept.",
        reference=(IMAGES, READER),
        predicted=(READER, ANSWERS, IMAGES),
        published="table3",
        left_out={},
    ),
    _preset(
        "f1chexbert",
        "F1CheXbert",
        "Positive and uncertain count as positive, negative and blank as negative; "
        "every study is kept and no label is left out.",
        policy="uncertain_as_positive",
        minimum_count=0,
    ),
)

PRESETS: dict[str, Preset] = {preset.name: preset for preset in _ALL}
