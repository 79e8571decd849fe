"""The results pages of a closed study, its analyses, and what is left out of them."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from readerstudy import access
from readerstudy.analysis import services
from readerstudy.analysis.exclusions import exclude
from readerstudy.analysis.exclusions import lift as lift_exclusion
from readerstudy.analysis.forms import ExclusionForm, LiftForm
from readerstudy.analysis.models import AnalysisJob, AnalysisRun, Exclusion
from readerstudy.analysis.section_page import (
    FIGURE_TYPES,
    figure_file,
    navigation,
    section_context,
    section_url,
)
from readerstudy.analysis.sections import BY_SLUG, OVERVIEW, Section
from readerstudy.analysis.state import changes_since, state_of
from readerstudy.audit.downloads import record_download
from readerstudy.pages import carried_out, parsed, refusals_shown, study_page
from readerstudy.studies.models import Study, Withdrawal
from readerstudy.work.models import CPU, WorkerPulse

RUNS_PER_PAGE = 50


@require_GET
def results(request: HttpRequest, code: str) -> HttpResponse:
    """What the study found, first of the results pages."""
    return _newest(request, code, OVERVIEW)


@require_GET
def section(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """One of the results pages, of the newest analysis."""
    return _newest(request, code, _section_named(slug))


def _section_named(slug: str) -> Section:
    found = BY_SLUG.get(slug)
    if found is None:
        raise Http404("There is no such page of the results.")
    return found


def _newest(request: HttpRequest, code: str, section: Section) -> HttpResponse:
    study = access.study_for_results(request, code)
    if not study.has_open_results:
        return study_page(request, "analysis/sealed.html", study=study, tab="results")
    run = services.run_to_show(study=study, actor=access.person(request))
    if run is None:
        return redirect("analysis:computing", code)
    return _page(
        request, run, section, newest=True, changes=changes_since(run, state_of(study))
    )


@require_GET
def run_section(
    request: HttpRequest, code: str, run_id: int, slug: str
) -> HttpResponse:
    """The same pages of an analysis of its own, as it was stored."""
    run = access.run_for_results(request, code, run_id)
    return _page(request, run, _section_named(slug), newest=False)


@require_GET
def figure(
    request: HttpRequest, code: str, run_id: int, name: str, kind: str
) -> HttpResponse:
    """A figure of an analysis as SVG, PNG or PDF."""
    run = access.run_for_results(request, code, run_id)
    content = figure_file(run, name, kind)
    content_type = {str(known): words for known, words in FIGURE_TYPES.items()}.get(
        kind
    )
    if content is None:
        raise Http404("The analysis has no such figure.")
    # The pages show it as SVG; as the others it is taken away.
    if kind != "svg":
        record_download(
            actor=access.person(request), name=f"{name}.{kind}", study_code=code
        )
    # A run never changes, so neither does its figure; only the right to it may end.
    headers = {
        "Cache-Control": "private, max-age=3600",
        "Content-Disposition": f'inline; filename="{code}-{name}.{kind}"',
    }
    return HttpResponse(content, content_type=content_type, headers=headers)


def _page(
    request: HttpRequest,
    run: AnalysisRun,
    section: Section,
    *,
    newest: bool,
    **more: Any,
) -> HttpResponse:
    return study_page(
        request,
        "analysis/overview.html" if section is OVERVIEW else "analysis/section.html",
        study=run.study,
        tab="results",
        run=run,
        is_newest=newest,
        newest_url=section_url(run, section.slug, newest=True),
        job=_job_under_way(run.study),
        **section_context(run, section, newest=newest),
        **more,
    )


def _job_under_way(study: Study) -> AnalysisJob | None:
    return AnalysisJob.objects.unfinished().filter(study=study).first()


@require_POST
def compute(request: HttpRequest, code: str) -> HttpResponse:
    """Compute anew: at once where that is quick, else by a worker."""
    study = access.closed_study_for_results(request, code)
    run = services.compute_or_queue(study=study, actor=access.person(request))
    return redirect("analysis:results" if run else "analysis:computing", code)


@require_GET
def computing(request: HttpRequest, code: str) -> HttpResponse:
    """How far the worker is with a large result set; polled by its own page."""
    study = access.closed_study_for_results(request, code)
    job = AnalysisJob.objects.filter(study=study).order_by("-id").first()
    is_polled = "seen" in request.GET
    if job is None or job.status == AnalysisJob.Status.DONE:
        if is_polled:
            done = redirect("analysis:results", code)
            return HttpResponse(status=204, headers={"HX-Redirect": done["Location"]})
        return redirect("analysis:results", code)
    alive = WorkerPulse.objects.alive().serving(CPU).exists()
    state = job.status if alive else f"{job.status}-alone"
    context = {"job": job, "is_left_alone": not alive, "state": state}
    if is_polled and request.GET["seen"] == state:
        return HttpResponse(status=204)  # the page stays as it is
    if is_polled:
        return render(request, "analysis/_job.html", {"study": study, **context})
    return study_page(
        request, "analysis/computing.html", study=study, tab="results", **context
    )


@require_GET
def runs(request: HttpRequest, code: str) -> HttpResponse:
    """Every analysis of the study, newest first."""
    study = access.closed_study_for_results(request, code)
    found = AnalysisRun.objects.of_study(study).without_results()
    page = Paginator(found, RUNS_PER_PAGE).get_page(request.GET.get("page"))
    newest = found.first()
    return study_page(
        request,
        "analysis/runs.html",
        study=study,
        tab="results",
        here="runs",
        entries=navigation(study),
        page=page,
        newest=newest,
        changes=changes_since(newest, state_of(study)) if newest else [],
    )


@require_http_methods(["GET", "POST"])
def exclusions(request: HttpRequest, code: str) -> HttpResponse:
    """What is left out after closing, and the form to leave something out."""
    study = access.closed_study_for_results(request, code)
    named = {name: request.GET.get(name, "") for name in ("reader", "case", "arm")}
    form = ExclusionForm(request.POST or None, study=study, initial=named)

    def leave_out(**target: Any) -> Exclusion:
        return exclude(study=study, actor=access.person(request), **target)

    left_out = "Left out. Compute the results anew to see what it changes."
    if request.method == "POST" and carried_out(request, form, leave_out, left_out):
        return redirect("analysis:exclusions", code)
    rows = list(Exclusion.objects.of_study(study))
    newest = AnalysisRun.objects.of_study(study).without_results().first()
    return study_page(
        request,
        "analysis/exclusions.html",
        study=study,
        tab="results",
        here="exclusions",
        entries=navigation(study),
        run=newest,
        changes=changes_since(newest, state_of(study)) if newest else [],
        job=_job_under_way(study),
        form=form,
        in_force=[row for row in rows if row.is_in_force],
        history=rows[::-1],
        withdrawals=Withdrawal.objects.filter(reader__study=study).select_related(
            "reader", "author"
        ),
    )


@require_POST
def lift(request: HttpRequest, code: str, exclusion_id: int) -> HttpResponse:
    """Let count again what was left out."""
    found = access.exclusion_for_results(request, code, exclusion_id)
    with refusals_shown(request, "It counts again. Compute the results anew."):
        lift_exclusion(
            exclusion=found,
            actor=access.person(request),
            **parsed(LiftForm(request.POST)),
        )
    return redirect("analysis:exclusions", code)
