"""A table of labels: a study per row, the fourteen findings as columns."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inference.chexpert import FINDINGS

Floats = npt.NDArray[np.float64]

POSITIVE, NEGATIVE, UNCERTAIN = 1.0, 0.0, -1.0


class BadLabels(ValueError):
    """Labels that can't be scored; the message names file, row and column.

    `hint` is a sentence for whoever is at a command line, such as the option to give.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class LabelTable:
    """Labels of one side.

    name     of the file, the model or the reader, for messages and tables
    ids      of the studies, trimmed, no two alike; row numbers from 1 with `by_row`
    values   `values[study, finding]` in the order of inference.chexpert.FINDINGS:
             1 positive, 0 negative, -1 uncertain, NaN blank
    present  the findings that the table has a column for; others are NaN throughout
    said_ids  with `by_row`, what a usual column of ids says of the rows; else nothing
    notes    sentences on what was found odd though it can be scored
    kind     what the labels are of (presets.REPORTS, IMAGES, READER, ANSWERS); empty
             where nobody said
    """

    name: str
    ids: tuple[str, ...]
    values: Floats
    present: tuple[str, ...] = FINDINGS
    by_row: bool = False
    id_column: str = ""
    said_ids: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    kind: str = ""
