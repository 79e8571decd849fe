"""Input of iMRMC: a description, then reader, case, modality and score, line by line.

Source: the manual and the page "MRMC analysis of binary data" of DIDSR/iMRMC. Rows of
the reader `truth` give the truth of a case. The Java program reads `.imrmc` with the
made-up cases; the R package's uStat11 functions take the CSV, which has none of them.
"""

from collections.abc import Iterable, Iterator

from readerstudy.csv_text import csv_text
from readerstudy.export.interchange.numbered import (
    MADE_UP,
    MADE_UP_SCORE,
    TRUTH_MADE_UP,
    TRUTH_REAL,
    Numbered,
)

COLUMNS = {
    "readerID": "reader and its number as in interchange/keys.csv, or truth",
    "caseID": "Number of the case, as in interchange/keys.csv",
    "modalityID": "arm and its number as in interchange/keys.csv, or truth",
    "score": "Of a reader: see the file's name in README.txt; of truth: 1",
}
_NAMES = tuple(COLUMNS)
_Row = tuple[str, int, str, float]


def imrmc(study: Numbered, *, worst: int, about: str) -> str:
    """The text of an `.imrmc` file for a share of successes.

    `about` is one line that says what a success is. RJafroc reads the file too.
    """
    cases = sorted({read.case for read in study.reads})
    rows = [
        *_truth(cases, TRUTH_REAL),
        *_truth(study.made_up, TRUTH_MADE_UP),
        *_reads(study, worst),
        *(
            (f"reader{reader}", case, f"arm{arm}", MADE_UP_SCORE)
            for arm in range(1, len(study.arms) + 1)
            for reader in range(1, len(study.readers) + 1)
            for case in study.made_up
        ),
    ]
    lines = [
        about,
        "Cases are entered as diseased; the cases without disease are made up and "
        f"score {MADE_UP_SCORE}: the empirical AUC is the share of successes.",
        f"N0: {MADE_UP}",
        f"N1: {len(cases)}",
        f"NR: {len(study.readers)}",
        f"NM: {len(study.arms)}",
        "",
        "BEGIN DATA:",
        *(",".join(map(str, row)) for row in rows),
    ]
    return "\n".join(lines) + "\n"


def imrmc_csv(study: Numbered, *, worst: int | None) -> str:
    """The data frame for R: successes, or where `worst` is None 4 to 1 for A to D."""
    cases = sorted({read.case for read in study.reads})
    rows = [*_truth(cases, TRUTH_REAL), *_reads(study, worst)]
    return csv_text(_NAMES, (dict(zip(_NAMES, row, strict=True)) for row in rows))


def _truth(cases: Iterable[int], truth: int) -> Iterator[_Row]:
    for case in cases:
        yield "truth", case, "truth", truth


def _reads(study: Numbered, worst: int | None) -> Iterator[_Row]:
    for read in study.reads:
        score = 5 - read.grade if worst is None else read.success(worst)
        yield f"reader{read.reader}", read.case, f"arm{read.arm}", score
