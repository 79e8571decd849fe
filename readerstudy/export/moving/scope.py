"""Which rows move with a study, model by model, in the order in which they can be put.

What other studies use too (collections, cases, reports) moves as far as this one needs
it.
"""

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.db.models import Model, Q, QuerySet

from readerstudy.cases.models import Case
from readerstudy.reports.models import Report
from readerstudy.studies.models import Study

Rows = QuerySet[Any]

# A server may hold these already: they are matched by their keys, and what of them
# has to agree then is named here.
SHARED: dict[str, tuple[str, ...]] = {
    "accounts.User": (),
    "cases.Collection": (),
    "cases.Case": ("stratum", "indication"),
    "cases.Image": ("frame_sha256", "view", "is_prior"),
    "cases.HeaderRecord": (),
    "reports.Source": ("kind",),
    "reports.Report": ("sha256", "findings", "impression", "text"),
    "reports.SelfTestResult": ("verdict",),
    "reports.SignOff": ("digest",),
}
# A case and its radiographs point to each other: this is filled in at the end.
LATER = {("cases.Case", "image")}


def cases_of(study: Study) -> QuerySet[Case]:
    """Cases that a study reads, has excluded, or lets its readers practise on."""
    return Case.objects.filter(
        Q(studycase__case_set__study=study)
        | Q(caseexclusion__study=study)
        | Q(report__practicecase__study=study)
    ).distinct()


def reports_of(study: Study) -> QuerySet[Report]:
    """What the arms' sources wrote about those cases, and what is practised on."""
    ids = cases_of(study).values("pk")
    return Report.objects.filter(
        Q(case__in=ids, source__name__in=study.arm_set.values("source"))
        | Q(practicecase__study=study)
        | Q(presentedreport__study=study)
    ).distinct()


def _of(path: str, **more: Any) -> Callable[[type[Model], Study], Rows]:
    return lambda model, study: model._default_manager.filter(
        **{path: study.pk}, **more
    )


def _of_collections(model: type[Model], study: Study) -> Rows:
    held = cases_of(study).values("collection")
    name = "pk" if model._meta.label == "cases.Collection" else "collection"
    return model._default_manager.filter(**{f"{name}__in": held})


def _of_cases(model: type[Model], study: Study) -> Rows:
    path = {"cases.Case": "pk", "cases.Image": "case"}.get(
        model._meta.label, "image__case"
    )
    held = cases_of(study).values("pk")
    return model._default_manager.filter(**{f"{path}__in": held})


def _sources(model: type[Model], study: Study) -> Rows:
    return model._default_manager.filter(
        Q(report__in=reports_of(study).values("pk"))
        | Q(name__in=study.arm_set.values("source"))
    ).distinct()


def _self_tests(model: type[Model], study: Study) -> Rows:
    return model._default_manager.filter(
        Q(source__name__in=study.arm_set.values("source")) | Q(overruling__study=study)
    ).distinct()


def _reports(model: type[Model], study: Study) -> Rows:
    return reports_of(study)


# Accounts come first; packing.py knows them when it has met them all.
SCOPE: dict[str, Callable[[type[Model], Study], Rows]] = {
    "cases.Collection": _of_collections,
    "cases.Case": _of_cases,
    "cases.Image": _of_cases,
    "cases.HeaderRecord": _of_cases,
    "reports.Source": _sources,
    "reports.Report": _reports,
    "reports.SelfTestResult": _self_tests,
    "reports.SignOff": _of_collections,
    "studies.Study": _of("pk"),
    "studies.Arm": _of("study"),
    "studies.Membership": _of("study"),
    "studies.Withdrawal": _of("reader__study"),
    "studies.Amendment": _of("study"),
    "studies.Unblinding": _of("study"),
    "cases.CaseSet": _of("study"),
    "cases.StudyCase": _of("case_set__study"),
    "cases.CaseExclusion": _of("study"),
    "reports.Overruling": _of("study"),
    "presentation.BlindingAudit": _of("study", status="done"),
    "presentation.BlindingAcceptance": _of("audit__study"),
    "presentation.PracticeCase": _of("study"),
    "presentation.PresentedReport": _of("study"),
    "presentation.Slot": _of("reader__study"),
    "grading.Consent": _of("reader__study"),
    "grading.DisplayCheck": _of("reader__study"),
    "grading.PracticeReading": _of("reader__study"),
    "grading.Grade": _of("slot__reader__study"),
    "grading.ErrorMark": _of("grade__slot__reader__study"),
    "grading.Preference": _of("grade__slot__reader__study"),
    "grading.Visit": _of("slot__reader__study"),
    "grading.Reopening": _of("slot__reader__study"),
    "grading.GuessSheet": _of("reader__study"),
    "grading.SourceGuess": _of("sheet__reader__study"),
    "analysis.AnalysisRun": _of("study"),
    "analysis.Exclusion": _of("study"),
    "export.ExportBundle": _of("study"),
    "audit.Stream": lambda model, study: model._default_manager.filter(name=study.code),
    "audit.Event": lambda model, study: model._default_manager.filter(
        stream=study.code
    ),
}
ORDER = ("accounts.User", *SCOPE)


def model_of(label: str) -> type[Model]:
    """The model of a label such as studies.Arm."""
    return apps.get_model(label)


def rows_of(label: str, study: Study) -> Rows:
    """The rows of a model that move with a study, in the order of their making."""
    model = model_of(label)
    return SCOPE[label](model, study).order_by("pk")
