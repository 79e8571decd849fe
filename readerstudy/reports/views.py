"""The reports of a study: what is there, what the model still writes, what failed."""

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from readerstudy import access
from readerstudy.cases.models import Case
from readerstudy.pages import refusals_shown, study_page
from readerstudy.reports import services
from readerstudy.reports.models import Job, Report
from readerstudy.reports.progress import JobProgress, progress_of
from readerstudy.studies.models import Study


def _progress(study: Study) -> JobProgress:
    return progress_of(
        Job.objects.filter(case__studycase__case_set__study=study).order_by()
    )


@require_GET
def of_study(request: HttpRequest, code: str) -> HttpResponse:
    study = access.study_for_coordinator(request, code)
    held = dict(
        Report.objects.current()
        .filter(case__studycase__case_set__study=study)
        .values_list("source__name")
        .annotate(count=Count("id"))
    )
    return study_page(
        request,
        "reports/of_study.html",
        study=study,
        tab="reports",
        rows=[
            {
                "arm": arm,
                "held": held.get(arm.source, 0),
                "written_by_model": services.kind_of(arm.source) == "cxr_llava",
            }
            for arm in study.arm_set.all()
        ],
        cases=Case.objects.of_study(study).count(),
        progress=_progress(study),
        model=services.model_card(),
    )


@require_GET
def progress(request: HttpRequest, code: str) -> HttpResponse:
    """The progress alone, polled by the page while the worker writes."""
    study = access.study_for_coordinator(request, code)
    context = {"study": study, "progress": _progress(study)}
    return render(request, "reports/_progress.html", context)


@require_POST
def write(request: HttpRequest, code: str) -> HttpResponse:
    """Queue the model's missing reports on the study's cases."""
    study = access.study_for_coordinator(request, code)
    with refusals_shown(request):
        services.precompute_for_study(study=study, actor=access.person(request))
    return redirect("reports:of_study", code)


@require_POST
def retry(request: HttpRequest, code: str) -> HttpResponse:
    study = access.study_for_coordinator(request, code)
    with refusals_shown(request, "Failed reports are queued again."):
        services.retry_failed(
            failed=Job.objects.filter(case__studycase__case_set__study=study),
            actor=access.person(request),
            stream=study.code,
        )
    return redirect("reports:of_study", code)
