"""Reads as FHIR R4: one Questionnaire, and a QuestionnaireResponse for each read.

The responses come as newline-delimited JSON, as in FHIR's Bulk Data Access. Source:
HL7 FHIR 4.0.1, Questionnaire and QuestionnaireResponse. Knows no Django.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from readerstudy.export.standards.record import (
    NOTICE,
    URN,
    Question,
    ReadRecord,
    uuid_of,
)

Resource = dict[str, Any]
# Items that the site fills in, not the reader.
_KNOWN = {
    "arm": ("Source of the report", "string"),
    "stratum": ("Stratum of the case", "string"),
    "position": ("Place in the reader's list", "integer"),
    "session": ("Number of the reading session", "integer"),
    "repeat": ("The report was read before by the same reader", "boolean"),
    "included": ("The read counts in the analysis", "boolean"),
    "seconds": ("Active reading time in seconds", "decimal"),
}


def questionnaire(
    study: str, title: str, asked: Sequence[Question], errors: Mapping[str, str]
) -> Resource:
    """The questions of a study, the known items and the counts of marked errors."""
    return {
        "resourceType": "Questionnaire",
        "id": str(uuid_of(study, "questionnaire")),
        "url": _url(study),
        "version": "1",
        "name": "ReaderStudyRead",
        "title": title,
        "status": "active",
        "experimental": True,
        "subjectType": ["Patient"],
        "purpose": NOTICE,
        "item": [
            *(_choice(study, each) for each in asked),
            *(_item(f"errors_{n}", f"Errors marked: {w}") for n, w in errors.items()),
            *(_item(name, *about, readOnly=True) for name, about in _KNOWN.items()),
        ],
    }


def response(record: ReadRecord, asked: Sequence[Question]) -> Resource:
    """One read. Reader and case are named by pseudonyms and lead to no resource."""
    return {
        "resourceType": "QuestionnaireResponse",
        "id": str(uuid_of(record.name)),
        "identifier": {"system": f"{URN}:read", "value": record.name},
        "questionnaire": f"{_url(record.study)}|1",
        "status": "completed",
        "subject": _named("Patient", "case", record.study, record.case),
        "authored": record.submitted,
        "author": _named("Practitioner", "reader", record.study, record.reader),
        "item": [*_answered(record, asked)],
    }


def ndjson(resources: Iterable[Resource]) -> Iterator[str]:
    """One resource a line."""
    for each in resources:
        yield json.dumps(each, ensure_ascii=False, separators=(",", ":")) + "\n"


def _url(study: str) -> str:
    return f"urn:uuid:{uuid_of(study, 'questionnaire')}"


def _system(study: str, question: str) -> str:
    return f"{URN}:{study}:{question}"


def _choice(study: str, asked: Question) -> Resource:
    system = _system(study, asked.name)
    options = [
        {"valueCoding": {"system": system, "code": code, "display": words}}
        for code, words in asked.answers.items()
    ]
    return _item(asked.name, asked.text, "choice", answerOption=options)


def _item(link: str, text: str, kind: str = "integer", **more: Any) -> Resource:
    return {"linkId": link, "text": text, "type": kind, **more}


def _named(kind: str, what: str, study: str, pseudonym: str) -> Resource:
    identifier = {"system": f"{URN}:{study}:{what}", "value": pseudonym}
    return {"type": kind, "identifier": identifier}


def _answered(record: ReadRecord, asked: Sequence[Question]) -> Iterator[Resource]:
    for each in asked:
        if each.name in record.answers:
            code = record.answers[each.name]
            coding = {
                "system": _system(record.study, each.name),
                "code": code,
                "display": each.answers[code],
            }
            yield _answer(each.name, "valueCoding", coding)
    for name, count in record.errors.items():
        yield _answer(f"errors_{name}", "valueInteger", count)
    yield _answer("arm", "valueString", record.arm)
    yield _answer("stratum", "valueString", record.stratum)
    yield _answer("position", "valueInteger", record.position)
    yield _answer("session", "valueInteger", record.session)
    yield _answer("repeat", "valueBoolean", record.is_repeat)
    yield _answer("included", "valueBoolean", record.is_included)
    if record.seconds is not None:
        yield _answer("seconds", "valueDecimal", record.seconds)


def _answer(link: str, kind: str, value: Any) -> Resource:
    return {"linkId": link, "answer": [{kind: value}]}
