"""Where reports come from: for the site, for a study, and for one report."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from readerstudy import access
from readerstudy.pages import carried_out, study_page
from readerstudy.reports.models import Report, Source
from readerstudy.reports.services import RELEASED_LICENCE, model_card
from readerstudy.reports.sources import reading, services
from readerstudy.reports.sources.forms import ModelForm


@require_http_methods(["GET", "POST"])
def sources(request: HttpRequest) -> HttpResponse:
    """Every source of the site; one more model can be named."""
    person = access.site_coordinator(request)
    form = ModelForm(request.POST or None)

    def add(name: str, checkpoint: str) -> Source:
        return services.add_model(name=name, checkpoint=checkpoint, actor=person)

    if request.method == "POST":
        form = ModelForm(request.POST)
        if source := carried_out(request, form, add, "Added. It can be an arm now."):
            return redirect("reports:sources:source", source.name)
    return render(
        request,
        "reports/sources/sources.html",
        {
            "rows": reading.listed(
                Report.objects.current(), Source.objects.order_by("name")
            ),
            "form": form,
            "released_licence": RELEASED_LICENCE,
        },
    )


@require_GET
def source(request: HttpRequest, name: str) -> HttpResponse:
    """One source: how its reports came about."""
    found = access.source_for_coordinator(request, name)
    rows = reading.listed(
        Report.objects.current().filter(source=found),
        [found],
    )
    is_model = found.kind == Source.Kind.CXR_LLAVA
    return render(
        request,
        "reports/sources/source.html",
        {
            "source": found,
            "row": rows[0],
            "makings": reading.makings(found),
            "model": model_card(found) if is_model else None,
        },
    )


@require_GET
def of_study(request: HttpRequest, code: str) -> HttpResponse:
    """The sources of a study's arms."""
    study = access.study_for_coordinator(request, code)
    rows, missing = reading.of_study(study)
    return study_page(
        request,
        "reports/sources/of_study.html",
        study=study,
        tab="reports",
        rows=[(row, reading.makings(row.source)) for row in rows],
        missing=missing,
        may_see_all=access.person(request).may_create_studies,
    )


@require_GET
def report(request: HttpRequest, code: str, report_id: int) -> HttpResponse:
    """One report with its making, for those who may see what sources write."""
    study, found = access.report_for_console(request, code, report_id)
    return study_page(
        request,
        "reports/sources/report.html",
        study=study,
        tab="reports",
        report=found,
        facts=reading.facts_of(found),
        own=reading.own_facts(found),
        prompt=reading.prompt_of(found),
    )
