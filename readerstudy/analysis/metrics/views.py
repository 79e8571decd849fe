"""Metrics beside grades, among the results of a closed study: a page and a table."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from readerstudy import access
from readerstudy.analysis.findings import agreement
from readerstudy.analysis.findings.models import MetricAgreement
from readerstudy.analysis.section_page import navigation
from readerstudy.audit.downloads import record_download
from readerstudy.pages import refusals_shown, study_page
from readerstudy.work.models import CPU, WorkerPulse


@never_cache
@require_http_methods(["GET", "POST"])
def metrics(request: HttpRequest, code: str) -> HttpResponse:
    """Metrics beside the grades of a closed study; exploratory."""
    from readerstudy.analysis.metrics.panel import grades_and_metrics

    study = access.closed_study_for_results(request, code)
    if request.method == "POST":
        with refusals_shown(request):
            agreement.order(study=study, actor=access.person(request))
        return redirect("analysis:metrics", code)
    done = MetricAgreement.objects.newest_done(study)
    last = MetricAgreement.objects.filter(study=study).order_by("-pk").first()
    is_fresh = done is not None and (
        done.inputs_sha256 == agreement.inputs_sha256(study)
    )
    if request.headers.get("HX-Request") and last and last.is_unfinished:
        return HttpResponse(status=204)
    context: dict[str, Any] = {
        "here": "metrics",
        "entries": navigation(study),
        "job": last if last and last != done else None,
        "done": done,
        "is_fresh": is_fresh,
        "panel": grades_and_metrics(done.result or {}) if done else None,
        "has_worker": WorkerPulse.objects.alive().serving(CPU).exists(),
        "collection": study.caseset.collection,
        "may_manage": access.person(request).may_create_studies,
    }
    answer = study_page(
        request, "analysis/findings/metrics.html", study=study, tab="results", **context
    )
    if request.headers.get("HX-Request"):
        answer["HX-Refresh"] = "true"
    return answer


@never_cache
@require_GET
def metrics_csv(request: HttpRequest, code: str) -> HttpResponse:
    """Every number of that page, a row per metric, arm and unit, at full precision."""
    from readerstudy.analysis.statistics.metrics.tables import agreement_csv

    study = access.closed_study_for_results(request, code)
    done = MetricAgreement.objects.newest_done(study)
    if done is None or done.result is None:
        raise Http404("Metrics and grades are not compared yet.")
    record_download(
        actor=access.person(request), name="metrics.csv", study_code=study.code
    )
    return HttpResponse(
        agreement_csv(done.result),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{code}-metrics.csv"'},
    )
