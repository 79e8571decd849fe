"""Every interchange file of a study, by name."""

from collections.abc import Sequence

from readerstudy.analysis.statistics.reads import Reads
from readerstudy.csv_text import csv_text
from readerstudy.export.interchange.imrmc import COLUMNS, imrmc, imrmc_csv
from readerstudy.export.interchange.numbered import numbered
from readerstudy.export.interchange.rjafroc import rjafroc

KEY_COLUMNS = {
    "kind": "reader, case or modality (the arm)",
    "number": "Number in the files beside this one",
    "name": "Name in reads.csv",
}
# The worst grade that is a success, of each outcome.
_WORST = {"success": 2, "stringent": 1}
_ABOUT = {
    "success": "Acceptability of reports: 1 is a grade A or B, 0 a grade C or D.",
    "stringent": "Acceptability of reports: 1 is a grade A, 0 any other grade.",
}
INTERCHANGE_COLUMNS = {
    "interchange/keys.csv": KEY_COLUMNS,
    **{f"interchange/imrmc-{name}.csv": COLUMNS for name in (*_WORST, "scores")},
}


def interchange_files(reads: Reads, arms: Sequence[str]) -> dict[str, bytes]:
    """iMRMC and RJafroc input, and the key to its numbers; rjafroc-*.xlsx only where
    some case was graded by every reader in every arm."""
    study = numbered(reads, arms)
    texts = {
        "keys.csv": csv_text(list(KEY_COLUMNS), study.keys()),
        "imrmc-scores.csv": imrmc_csv(study, worst=None),
    }
    books: dict[str, bytes] = {}
    for name, worst in _WORST.items():
        texts[f"imrmc-{name}.imrmc"] = imrmc(study, worst=worst, about=_ABOUT[name])
        texts[f"imrmc-{name}.csv"] = imrmc_csv(study, worst=worst)
        book = rjafroc(study, worst=worst)
        if book is not None:
            books[f"rjafroc-{name}.xlsx"] = book
    files = {name: text.encode() for name, text in texts.items()} | books
    return {f"interchange/{name}": content for name, content in files.items()}
