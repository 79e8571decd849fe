"""From a closed study's rows to read records: the same rows as in reads.csv."""

from collections.abc import Iterator
from typing import Any

from readerstudy.analysis.reads import case_labels, read_rows
from readerstudy.cases.models import Case
from readerstudy.export.standards.record import Examination, Question, ReadRecord
from readerstudy.studies.instruments import ERROR_CATEGORIES, INSTRUMENTS, chosen
from readerstudy.studies.models import Study

# As an imported header names them; SOP classes of CR and DX.
_UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID")


def questions_of(study: Study) -> list[Question]:
    """What the protocol asks besides error marks and the comment, grade first."""
    grades = {
        str(step["letter"]): str(step["label"])
        for step in study.locked_protocol.get("scale", study.scale)
    }
    asked = [Question("grade", "Acceptability of the report", grades)]
    for each in chosen(study.instruments):
        if each.kind in {"choice", "refusal"}:
            words = {choice.value: str(choice.label) for choice in each.choices}
            asked.append(Question(each.name, str(each.question), words))
    return asked


def error_categories(study: Study) -> dict[str, str]:
    """The categories in which errors were marked, in words; empty where not asked."""
    if "errors" not in study.instruments:
        return {}
    return {name: str(words) for name, words in ERROR_CATEGORIES.items()}


def read_records(study: Study) -> Iterator[ReadRecord]:
    """The graded reads of a study, by reader and position."""
    examinations = _examinations(study)
    for row in read_rows(study):
        if row["grade"] or row["cannot_assess_reason"]:
            yield _record(row, examinations.get(row["case"]))


def _record(row: dict[str, Any], examination: Examination | None) -> ReadRecord:
    names = [each.name for each in INSTRUMENTS.values() if each.kind == "choice"]
    answers = {"grade": row["grade"], "cannot_assess": row["cannot_assess_reason"]}
    answers |= {name: row[name] for name in names}
    return ReadRecord(
        study=row["study"],
        reader=row["reader"],
        case=row["case"],
        stratum=row["stratum"],
        arm=row["arm"],
        position=row["position"],
        session=row["period"],
        is_repeat=bool(row["repeat"]),
        is_included=bool(row["included"]),
        answers={name: str(value) for name, value in answers.items() if value},
        errors={
            name: row[f"errors_{name}"]
            for name in ERROR_CATEGORIES
            if row[f"errors_{name}"] != ""
        },
        seconds=float(row["seconds"]) if row["seconds"] else None,
        submitted=row["submitted_at"],
        examination=examination,
    )


def _examinations(study: Study) -> dict[str, Examination]:
    """The UIDs of radiographs that came as DICOM and kept some, by case; two queries.

    De-identification has replaced them, if it has not removed them.
    """
    labels = case_labels(study)
    cases = Case.objects.filter(pk__in=labels).select_related("image")
    found = {}
    for case in cases:
        header = case.image.header if case.image else {}
        uids = [str(header.get(name, "")) for name in _UIDS]
        if all(uids):
            found[labels[case.pk]] = Examination(*uids)
    return found
