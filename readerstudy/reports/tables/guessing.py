"""A guess at which column of a table is what: by the codes of the cases, by titles, and
by what stands in the columns. It is shown to be confirmed, and says where it is unsure.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from readerstudy.reports.tables.mapping import PARTS, TEXTS, ColumnMapping, matches
from readerstudy.reports.tables.matching import RULES

# What tables call the parts, the surest first.
_CASES = (
    *("case", "case_id", "film", "film_id", "image", "image_id", "image_name"),
    *("image_path", "radiograph", "study", "study_id", "exam", "exam_id"),
    *("examination", "accession", "accession_number", "dicom_id", "file"),
    *("file_name", "filename", "path", "uid", "id", "code", "name"),
)
_SURE: dict[str, tuple[str, ...]] = {
    "report": ("report", "reports", "text", "generated_report", "prediction"),
    "findings": ("findings", "finding", "reference_findings"),
    "impression": ("impression", "impressions", "reference_impression", "conclusion"),
    "indication": ("indication", "indications", "history", "clinical_history"),
    "stratum": ("stratum", "normal_abnormal"),
}
# These are guessed only where what stands in the column fits: a model's name can stand
# under "model", and many things under "class".
_LIKELY: dict[str, tuple[str, ...]] = {
    "report": (
        *("full_report", "whole_report", "report_text", "reading", "radiologist"),
        *("radiologist_report", "human", "reference", "reference_report"),
        *("ground_truth", "model", "model_report", "ai", "ai_report", "generated"),
        *("output", "answer", "response", "draft", "predicted_report", "description"),
    ),
    "indication": ("clinical_information", "clinical_indication", "reason_for_exam"),
    "stratum": ("class", "category", "group", "label", "status", "normality"),
}
_NORMAL = ("normal", "norm", "healthy", "no finding", "no findings")
_ABNORMAL = ("abnormal", "pathological", "pathologic", "diseased")
_WORDS_OF_A_REPORT = 3
_LOOKED_AT = 300

Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Guess:
    """The likeliest mapping.

    names_cases  whether the column of the cases names any of the collection
    others       titles of further columns that read like reports
    """

    mapping: ColumnMapping
    names_cases: bool
    others: tuple[str, ...]

    def taken(self, columns: Sequence[str]) -> list[tuple[str, str]]:
        """Each part that a column was found for, with the column's title."""
        parts = (("case", self.mapping.case), *self.mapping.parts)
        return [(part, columns[number]) for part, number in parts]


def guess_mapping(
    columns: Sequence[str], rows: Rows, known: Collection[str]
) -> Guess | None:
    """The likeliest mapping; None where no column seems to name a case.

    known  the codes of the collection's cases
    """
    sample = rows[:_LOOKED_AT]
    found = _case_by_codes(columns, sample, known)
    names_cases = found is not None
    if found is None:
        by_title = _first(columns, _CASES, set())
        if by_title is None:
            return None
        found = by_title, "exact"
    number, rule = found
    parts = _parts(columns, sample, number)
    chosen: dict[str, Any] = {**parts, **_words(sample, parts["stratum"])}
    mapping = replace(ColumnMapping(number, rule), **chosen)
    return Guess(mapping, names_cases, _others(columns, sample, mapping))


def _case_by_codes(
    columns: Sequence[str], sample: Rows, known: Collection[str]
) -> tuple[int, str] | None:
    """The column, and the rule, by which most rows name a case; of several the one
    that is called so."""
    codes = dict.fromkeys(known, True)
    titled = [_plain(title) in _CASES for title in columns]
    order = sorted(range(len(columns)), key=lambda number: not titled[number])
    best, highest = None, 0
    for rule in RULES:
        for number in order:
            count = matches(sample, number, rule, codes)
            if count > highest:
                best, highest = (number, rule), count
    return best


def _parts(columns: Sequence[str], sample: Rows, case: int) -> dict[str, int | None]:
    parts: dict[str, int | None] = dict.fromkeys(PARTS)
    taken = {case}
    for titles in (_SURE, _LIKELY):
        for part, names in titles.items():
            if parts[part] is not None or (part == "report" and _has_text(parts)):
                continue
            unfit = {
                number
                for number in range(len(columns))
                if titles is _LIKELY and not _fits(part, _cells(sample, number))
            }
            parts[part] = _first(columns, names, taken | unfit)
            taken |= {number for number in parts.values() if number is not None}
    if not _has_text(parts):
        parts["report"] = _longest(sample, len(columns), taken)
    return parts


def _has_text(parts: dict[str, int | None]) -> bool:
    return any(parts[part] is not None for part in TEXTS)


def _first(columns: Sequence[str], titles: Sequence[str], but: set[int]) -> int | None:
    """The column that has the surest of these titles."""
    plain = [_plain(title) for title in columns]
    for title in titles:
        for number, each in enumerate(plain):
            if each == title and number not in but:
                return number
    return None


def _plain(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")


def _cells(sample: Rows, number: int) -> list[str]:
    return [row[number] for row in sample if number < len(row) and row[number]]


def _fits(part: str, cells: Sequence[str]) -> bool:
    """Whether what stands in a column can be such a part."""
    if part == "stratum":
        words = {cell.lower() for cell in cells} - {"unknown"}
        return bool(words) and words <= {*_NORMAL, *_ABNORMAL}
    return _reads_like_a_report(cells)


def _reads_like_a_report(cells: Sequence[str]) -> bool:
    sentences = sum(len(cell.split()) >= _WORDS_OF_A_REPORT for cell in cells)
    return bool(cells) and 2 * sentences >= len(cells)


def _words(sample: Rows, stratum: int | None) -> dict[str, str]:
    """What means normal and abnormal in the stratum's column, where it is known."""
    if stratum is None:
        return {}
    there = {cell.lower() for cell in _cells(sample, stratum)}
    found = {
        "normal": [word for word in _NORMAL if word in there],
        "abnormal": [word for word in _ABNORMAL if word in there],
    }
    return {name: ", ".join(words) for name, words in found.items() if words}


def _longest(sample: Rows, columns: int, but: set[int]) -> int | None:
    """The column with the longest texts, which will be the reports."""
    lengths = {
        number: sum(map(len, _cells(sample, number)))
        for number in range(columns)
        if number not in but
    }
    return max(lengths, key=lambda each: lengths[each], default=None)


def _others(
    columns: Sequence[str], sample: Rows, mapping: ColumnMapping
) -> tuple[str, ...]:
    """Further columns that read like reports: another reader's, another model's."""
    used = {mapping.case, *(number for _, number in mapping.parts)}
    names = {*_SURE["report"], *_LIKELY["report"]}
    return tuple(
        title
        for number, title in enumerate(columns)
        if number not in used
        and _plain(title) in names
        and _reads_like_a_report(_cells(sample, number))
    )
