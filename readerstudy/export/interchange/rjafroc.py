"""Input of RJafroc: a workbook with the sheets TRUTH, FP and TP of a crossed ROC study.

Source: the chapter "JAFROC ROC data format" of RJafrocQuickStart, and the checks of
`DfReadDataFile(..., newExcelFileFormat = TRUE)`. Readers, modalities and cases are
whole numbers; every reader has to have rated every case in every modality.
"""

import io
from collections.abc import Iterable, Sequence
from datetime import datetime

import xlsxwriter

from readerstudy.export.interchange.numbered import MADE_UP_SCORE, Numbered

_WRITTEN = datetime(2000, 1, 1)
_TRUTH = ("CaseID", "LesionID", "Weight", "ReaderID", "ModalityID", "Paradigm")
_FP = ("ReaderID", "ModalityID", "CaseID", "FP_Rating")
_TP = ("ReaderID", "ModalityID", "CaseID", "LesionID", "TP_Rating")


def rjafroc(study: Numbered, *, worst: int) -> bytes | None:
    """The workbook of a share of successes; None where no case was read by all.

    Cases that some reader did not grade in some arm are left out.
    """
    whole = study.crossed()
    if not whole.reads:
        return None
    readers = range(1, len(whole.readers) + 1)
    arms = range(1, len(whole.arms) + 1)
    cases = sorted({read.case for read in whole.reads})
    everyone = ", ".join(map(str, readers)), ", ".join(map(str, arms))
    truth = [(case, 0, 0, *everyone) for case in whole.made_up]
    truth += [(case, 1, 1, *everyone) for case in cases]
    paradigm = ["ROC", "FCTRL", *[""] * len(truth)]
    made_up = [
        (str(reader), str(arm), case, MADE_UP_SCORE)
        for arm in arms
        for reader in readers
        for case in whole.made_up
    ]
    real = [
        (str(read.reader), str(read.arm), read.case, 1, read.success(worst))
        for read in whole.reads
    ]
    return _workbook(
        {
            "TRUTH": (
                _TRUTH,
                [(*row, word) for row, word in zip(truth, paradigm, strict=False)],
            ),
            "FP": (_FP, made_up),
            "TP": (_TP, real),
        }
    )


_Sheet = tuple[Sequence[str], Iterable[Sequence[str | float]]]


def _workbook(sheets: dict[str, _Sheet]) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"created": _WRITTEN})
    for name, (columns, rows) in sheets.items():
        sheet = book.add_worksheet(name)
        for line, row in enumerate([columns, *rows]):
            for place, value in enumerate(row):
                if value == "":
                    continue
                if isinstance(value, str):
                    sheet.write_string(line, place, value)
                else:
                    sheet.write_number(line, place, value)
    book.close()
    return buffer.getvalue()
