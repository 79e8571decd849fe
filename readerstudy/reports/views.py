"""The reports of a study: what is there, what the model still writes, what failed."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from readerstudy import access
from readerstudy.cases.models import Case, CaseSet, Collection
from readerstudy.pages import parsed, refusals_shown, study_page
from readerstudy.reports import outputs as outputs_of
from readerstudy.reports import proof, selftests, services
from readerstudy.reports.forms import OverruleForm
from readerstudy.reports.models import EndpointAnswer, Job, JobQuerySet, Report, Source
from readerstudy.reports.progress import progress_of
from readerstudy.reports.sources import sending, spending
from readerstudy.studies.models import Study


def _jobs(study: Study) -> JobQuerySet:
    return Job.objects.filter(case__studycase__case_set__study=study).order_by()


@require_GET
def of_study(request: HttpRequest, code: str) -> HttpResponse:
    study = access.study_for_coordinator(request, code)
    count = Case.objects.of_study(study).count()
    rows = _rows(study)
    missing = {row["kind"] for row in rows if row["held"] < count}
    progress = progress_of(_jobs(study))
    return study_page(
        request,
        "reports/of_study.html",
        study=study,
        tab="reports",
        rows=rows,
        cases=count,
        case_set=CaseSet.objects.filter(study=study)
        .select_related("collection")
        .first(),
        has_model_arm=any(row["kind"].is_written for row in rows),
        is_missing=bool(missing),
        is_model_missing=any(kind.is_written for kind in missing),
        spent=spending.spent(
            EndpointAnswer.objects.filter(case__studycase__case_set__study=study)
        ),
        may_write=study.is_draft and progress.finished,
        may_import=access.person(request).may_create_studies,
        progress=progress,
        qualities=outputs_of.qualities(study),
        still_reads=access.still_reads(request),
        proofs=proof.proofs_of(study),
        is_under_test=proof.is_under_test(study),
        overrule_form=OverruleForm(),
        released_licence=services.RELEASED_LICENCE,
    )


def _rows(study: Study) -> list[dict[str, Any]]:
    """Each arm with how many reports of its source the study's cases have."""
    held = dict(
        Report.objects.current()
        .filter(case__studycase__case_set__study=study)
        .values_list("source__name")
        .annotate(count=Count("id"))
    )
    arms = list(study.arm_set.all())
    sources = {
        source.name: source
        for source in Source.objects.filter(name__in=[arm.source for arm in arms])
    }
    rows = []
    for arm in arms:
        kind = services.kind_of(arm.source)
        source = sources.get(arm.source)
        is_released = kind == Source.Kind.CXR_LLAVA
        rows.append(
            {
                "arm": arm,
                "held": held.get(arm.source, 0),
                "kind": kind,
                "model": services.model_card(source) if is_released else None,
                "other": source if kind.is_written and not is_released else None,
                "closed": _closed_to(study, source),
            }
        )
    return rows


def _closed_to(study: Study, source: Source | None) -> list[Collection]:
    """Collections of the study from which nothing may be sent to this source yet."""
    if source is None or not source.sends_images_away:
        return []
    collections = Collection.objects.filter(caseset__study=study).distinct()
    return list(collections.exclude(pk__in=sending.open_to(source)))


@require_GET
def progress(request: HttpRequest, code: str) -> HttpResponse:
    """The progress alone, polled by the page while the worker writes."""
    study = access.study_for_coordinator(request, code)
    now = progress_of(_jobs(study))
    part = render(request, "reports/_progress.html", {"study": study, "progress": now})
    # The end of the writing changes the rest of the page too.
    if not now.is_moving:
        part["HX-Refresh"] = "true"
    return part


@require_GET
def outputs(request: HttpRequest, code: str) -> HttpResponse:
    """What the arms' sources wrote, for those who may see it: samples and checks."""
    study = access.study_for_console(request, code)
    return study_page(
        request,
        "reports/outputs.html",
        study=study,
        tab="reports",
        arms=outputs_of.samples(study),
    )


@require_POST
def write(request: HttpRequest, code: str) -> HttpResponse:
    """Queue the model's missing reports on the study's cases."""
    study = access.study_for_coordinator(request, code)
    with refusals_shown(request):
        queued = services.precompute_for_study(
            study=study, actor=access.person(request)
        )
        if not queued:
            messages.info(request, "This model has written all of these reports.")
    return redirect("reports:of_study", code)


@require_POST
def retry(request: HttpRequest, code: str) -> HttpResponse:
    """Queue failed reports again: all, or those that failed for one reason."""
    study = access.study_for_coordinator(request, code)
    failed = _jobs(study)
    if "reason" in request.POST:
        failed = failed.filter(failure=request.POST["reason"].replace("\0", ""))
    with refusals_shown(request, "Failed reports are queued again."):
        services.retry_failed(
            failed=failed, actor=access.person(request), stream=study.code
        )
    return redirect("reports:of_study", code)


def _done_with_jobs(
    request: HttpRequest, code: str, verb: Callable[..., int], words: str
) -> HttpResponse:
    """Let a verb loose on the study's jobs, and say of how many it was true."""
    study = access.study_for_coordinator(request, code)
    with refusals_shown(request):
        count = verb(jobs=_jobs(study), actor=access.person(request), stream=study.code)
        reports = "1 report is" if count == 1 else f"{count or 'No'} reports are"
        messages.info(request, f"{reports} {words}.")
    return redirect("reports:of_study", code)


@require_POST
def pause(request: HttpRequest, code: str) -> HttpResponse:
    words = "held back. What is in hand is finished"
    return _done_with_jobs(request, code, services.pause, words)


@require_POST
def resume(request: HttpRequest, code: str) -> HttpResponse:
    return _done_with_jobs(request, code, services.resume, "waiting for a worker again")


@require_POST
def cancel(request: HttpRequest, code: str) -> HttpResponse:
    words = "taken back. They can be asked for again"
    return _done_with_jobs(request, code, services.cancel, words)


@require_GET
def self_tests(request: HttpRequest, code: str) -> HttpResponse:
    """The self-tests alone, polled by the page while the worker makes them."""
    study = access.study_for_coordinator(request, code)
    is_under_test = proof.is_under_test(study)
    context = {
        "study": study,
        "proofs": proof.proofs_of(study),
        "is_under_test": is_under_test,
        "still_reads": access.still_reads(request),
        "overrule_form": OverruleForm(),
    }
    part = render(request, "reports/_self_tests.html", context)
    if not is_under_test:
        part["HX-Refresh"] = "true"
    return part


@require_POST
def self_test(request: HttpRequest, code: str, arm_id: int) -> HttpResponse:
    """Ask the model of an arm to prove that it looks at the study's radiographs."""
    arm = access.arm_for_coordinator(request, code, arm_id)
    with refusals_shown(request):
        selftests.ask_for_arm(arm=arm, actor=access.person(request))
    return redirect("reports:of_study", code)


@require_POST
def overrule(request: HttpRequest, code: str, arm_id: int) -> HttpResponse:
    """Let the study use a source that ignores the pixels, for a written reason."""
    arm = access.arm_for_coordinator(request, code, arm_id)
    with refusals_shown(request, "Overruled. Your reason stands in the protocol."):
        selftests.overrule(
            arm=arm,
            actor=access.person(request),
            **parsed(OverruleForm(request.POST)),
        )
    return redirect("reports:of_study", code)
