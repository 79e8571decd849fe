"""The labels themselves, as other tools take them."""

from collections.abc import Mapping

import numpy as np

from inference.chexpert import FINDINGS
from readerstudy.analysis.statistics.findings.joined import joined
from readerstudy.analysis.statistics.findings.label_tables import LabelTable
from readerstudy.csv_text import csv_text

REFERENCE = "reference"


def wide_csv(
    reference: LabelTable, predicted: Mapping[str, LabelTable], *, inner: bool = False
) -> str:
    """labels.csv: a row per side and study, the findings in the labeler's order.

    1.0, 0.0, -1.0 and empty, of the studies that are scored. Raises BadLabels.
    """
    tables = joined(reference, predicted, inner=inner)
    sides = [
        (REFERENCE, tables.reference),
        *zip(tables.models, tables.predicted, strict=True),
    ]
    rows = [
        {
            "source": source,
            "study_id": study,
            **{
                finding: None if np.isnan(value) else float(value)
                for finding, value in zip(FINDINGS, labels, strict=True)
            },
        }
        for source, values in sides
        for study, labels in zip(tables.ids, values, strict=True)
    ]
    return csv_text(("source", "study_id", *FINDINGS), rows)
