"""The files of both forms, one after the other: none waits for the others."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator

import readerstudy
from readerstudy.export.standards import fhir
from readerstudy.export.standards.reading import (
    error_categories,
    questions_of,
    read_records,
)
from readerstudy.export.standards.record import NOTICE, ReadRecord
from readerstudy.studies.models import Study

FORMS = {
    "fhir": "FHIR R4: a Questionnaire, and a QuestionnaireResponse for each read",
    "sr": "DICOM Structured Reports (TID 1500): one for each reader and case",
}
File = tuple[str, bytes]


def files_in(study: Study, form: str) -> Iterator[File]:
    """Every file of a form by its name in a folder; raises KeyError for another form.

    The same reads give the same bytes.
    """
    return {"fhir": _fhir, "sr": _structured_reports}[form](study)


def _fhir(study: Study) -> Iterator[File]:
    asked = questions_of(study)
    made = fhir.questionnaire(study.code, study.title, asked, error_categories(study))
    text = json.dumps(made, ensure_ascii=False, indent=1)
    yield "README.txt", _readme(study, "fhir")
    yield "Questionnaire.json", f"{text}\n".encode()
    responses = (fhir.response(each, asked) for each in read_records(study))
    yield "QuestionnaireResponse.ndjson", "".join(fhir.ndjson(responses)).encode()


def _structured_reports(study: Study) -> Iterator[File]:
    # Loaded only here: with pydicom it takes a second.
    from readerstudy.export.standards.structured_report import document

    asked, errors = questions_of(study), error_categories(study)
    software = f"readerstudy {readerstudy.VERSION}"
    yield "README.txt", _readme(study, "sr")
    for reads in _by_reader_and_case(read_records(study)):
        name = f"{reads[0].reader}/{reads[0].case}.dcm"
        yield name, document(reads, asked, errors, software=software)


def _by_reader_and_case(
    records: Iterable[ReadRecord],
) -> Iterator[list[ReadRecord]]:
    """What each reader said of each case; `records` come by reader."""
    found: dict[tuple[str, str], list[ReadRecord]] = defaultdict(list)
    for each in records:
        if found and next(iter(found))[0] != each.reader:
            yield from found.values()
            found.clear()
        found[each.reader, each.case].append(each)
    yield from found.values()


def _readme(study: Study, form: str) -> bytes:
    return (
        f"Reads of the study: {study.title}\n\n{FORMS[form]}.\n\n{NOTICE}\n"
        "Readers and cases go by the pseudonyms of reads.csv. Comments are left out.\n"
    ).encode()
