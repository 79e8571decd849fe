"""The practice set of a study: reports with an expected grade and an explanation.

They are shown like any other report and belong to the locked protocol, but to none of
the tables of reads: readers practise on cases that the study does not draw.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from readerstudy.accounts.models import User
from readerstudy.audit.services import record
from readerstudy.cases.models import Case, Collection
from readerstudy.presentation.blind import Body
from readerstudy.presentation.laid_out import body_in_study
from readerstudy.presentation.models import PracticeCase
from readerstudy.reports.models import Report
from readerstudy.studies.models import Study
from readerstudy.studies.protocol import canonical_json, sha256_of


def _locked_draft(study: Study) -> Study:
    current = Study.objects.select_for_update().get(pk=study.pk)
    if not current.is_draft:
        raise ValidationError("The practice set was fixed with the protocol.")
    return current


def body_of(practice: PracticeCase) -> Body:
    """The text of a practice case, laid out as every report of the study is."""
    return body_in_study(practice.report, practice.study)


@transaction.atomic
def add_practice_case(
    *,
    study: Study,
    actor: User,
    collection: Collection,
    case: str,
    source: str,
    expected: str,
    explanation: str,
) -> PracticeCase:
    """Add the newest report of a source on a case, named by its code."""
    study = _locked_draft(study)
    report = _report(study, collection, case.strip(), source.strip())
    last = study.practicecase_set.aggregate(last=Max("number"))["last"] or 0
    practice = PracticeCase(
        study=study,
        number=last + 1,
        report=report,
        expected=expected,
        explanation=explanation.strip(),
    )
    if study.practicecase_set.filter(report=report).exists():
        raise ValidationError({"source": "This report is in the practice set already."})
    practice.full_clean()
    practice.save()
    record(
        actor=actor,
        verb="practice.added",
        stream=study.code,
        subject=str(practice.number),
        detail={"case": report.case.code, "expected": expected},
    )
    return practice


def _report(study: Study, collection: Collection, code: str, source: str) -> Report:
    """The report to practise on; each refusal stands beside its field."""
    found = Case.objects.filter(collection=collection, code=code).first()
    if found is None:
        raise ValidationError({"case": f"There is no case {code} in {collection}."})
    if found.image is None:
        raise ValidationError(
            {"case": f"{code} has no image chosen. Choose it under Case collections."}
        )
    if Case.objects.of_study(study).filter(pk=found.pk).exists():
        raise ValidationError(
            {"case": f"{code} is drawn for the study; practise on another case."}
        )
    reports = Report.objects.current().filter(case=found, source__name=source)
    report = reports.select_related("case__image").first()
    if report is None:
        raise ValidationError({"source": f"{source} has no report on {code}."})
    return report


@transaction.atomic
def remove_practice_case(*, study: Study, actor: User, number: int) -> None:
    """Take a case out of a draft's practice set; the others move up."""
    study = _locked_draft(study)
    removed, _ = study.practicecase_set.filter(number=number).delete()
    if not removed:
        raise ValidationError("This practice case was removed already.")
    # One after the other: no number is ever held twice.
    for later in study.practicecase_set.filter(number__gt=number).order_by("number"):
        later.number -= 1
        later.save(update_fields=["number"])
    record(actor=actor, verb="practice.removed", stream=study.code, subject=str(number))


def practice_protocol(study: Study) -> list[dict[str, Any]]:
    """The practice set as it stands in the locked protocol."""
    rows = study.practicecase_set.select_related("report__case", "report__source")
    return [
        {
            "case": row.report.case.code,
            "source": row.report.source.name,
            "report_sha256": row.report.sha256,
            "presented_sha256": sha256_of(canonical_json(body_of(row).as_json())),
            "expected": row.expected,
            "explanation": row.explanation,
        }
        for row in rows
    ]
