"""What the page shows of a search: no name, no date of birth, no number in full."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from readerstudy.cases.imports import pseudonymiser
from readerstudy.cases.pacs.forms import day_of
from readerstudy.cases.pacs.search import Found, FoundStudy


@dataclass(frozen=True)
class Number:
    """An accession number or patient id: the code it gives, and its last signs."""

    code: str
    masked: str


@dataclass(frozen=True)
class Row:
    """One study of a search, for the page. `value` is what its tick box sends."""

    value: str
    date: date | None
    accession_number: Number | None
    patient_id: Number | None
    modalities: str
    body_parts: str
    images: int
    left_out: str
    is_chosen: bool


def rows_of(found: Found, chosen: list[str] | None) -> list[Row]:
    """The rows of a search; every study is chosen where nobody has chosen yet."""
    return [_row(study, chosen) for study in found.studies]


def _row(study: FoundStudy, chosen: list[str] | None) -> Row:
    value = "/".join([study.uid, *(series.uid for series in study.series)])
    return Row(
        value=value,
        date=day_of(study.date),
        accession_number=_number(study.accession_number),
        patient_id=_number(study.patient_id),
        modalities=", ".join(sorted({one.modality for one in study.series})),
        body_parts=", ".join(
            sorted({one.body_part or "not stated" for one in study.series})
        ),
        images=study.images,
        left_out=told(study.left_out),
        is_chosen=chosen is None or value in chosen,
    )


def _number(number: str) -> Number | None:
    if not number:
        return None
    return Number(code=pseudonymiser()(number), masked=masked(number))


def masked(number: str) -> str:
    """The last signs of a number, three at most and a third of it at most."""
    shown = min(3, len(number) // 3)
    return "…" + number[len(number) - shown :]


def told(left_out: Counter[str]) -> str:
    """What is left out, as words: "12 of modality CT, 1 of another body part"."""
    return ", ".join(f"{count} {what}" for what, count in sorted(left_out.items()))
