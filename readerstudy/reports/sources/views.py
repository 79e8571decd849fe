"""Where reports come from: for the site, for a study, and for one report."""

from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from readerstudy import access
from readerstudy.pages import carried_out, study_page
from readerstudy.reports.models import Report, SendingConsent, Source
from readerstudy.reports.services import RELEASED_LICENCE, model_card
from readerstudy.reports.sources import reading, sending, services, spending
from readerstudy.reports.sources.adding import ADDABLE, facts_of_source
from readerstudy.reports.sources.failures import failed_of
from readerstudy.reports.sources.forms import ModelForm, PricesForm, SendingForm
from readerstudy.reports.sources.services import plain_price


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
            "addable": ADDABLE,
        },
    )


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, kind: str) -> HttpResponse:
    """Add a source of one kind, or learn what the settings must name first."""
    person = access.site_coordinator(request)
    if kind not in ADDABLE:
        raise Http404("There is no such kind of source.")
    addable = ADDABLE[kind]
    form = addable.form(request.POST or None)
    verb = partial(addable.verb, actor=person)
    if request.method == "POST":
        form = addable.form(request.POST)
        if made := carried_out(request, form, verb, "Added. It can be an arm now."):
            return redirect("reports:sources:source", made.name)
    rare = addable.fields(form, rare=True)
    context = {
        "addable": addable,
        "fields": addable.fields(form, rare=False),
        "rare": rare,
        "is_rare_wrong": any(field.errors for field in rare),
    }
    return render(request, "reports/sources/add.html", context)


@require_http_methods(["GET", "POST"])
def sending_away(request: HttpRequest, name: str) -> HttpResponse:
    """To which endpoints a collection's radiographs may be sent, and who said so."""
    found = access.collection_for_coordinator(request, name)
    person = access.person(request)
    form = SendingForm(request.POST or None)

    def say(source: str, statement: str, is_sure: bool) -> SendingConsent:
        verb = sending.take_back if "take_back" in request.POST else sending.confirm
        return verb(
            collection=found,
            source=access.source_for_coordinator(request, source),
            statement=statement,
            actor=person,
        )

    if request.method == "POST":
        form = SendingForm(request.POST)
        if carried_out(request, form, say, "Noted, with your name."):
            return redirect("reports:sources:sending", name)
    rows = [
        (source, word, form if form["source"].value() == source.name else SendingForm())
        for source, word in sending.standing_of(found)
    ]
    said = SendingConsent.objects.filter(collection=found).order_by("-pk")
    return render(
        request,
        "reports/sources/sending.html",
        {
            "collection": found,
            "rows": rows,
            "said": said.select_related("source", "by")[:20],
        },
    )


@require_http_methods(["GET", "POST"])
def source(request: HttpRequest, name: str) -> HttpResponse:
    """One source: how its reports came about, and what they cost from now on."""
    found = access.source_for_coordinator(request, name)
    person = access.person(request)
    prices = PricesForm(
        initial={
            "price_in": plain_price(found.price_in),
            "price_out": plain_price(found.price_out),
            "currency": found.currency,
        }
    )
    verb = partial(services.set_prices, source=found, actor=person)
    if request.method == "POST":
        prices = PricesForm(request.POST)
        if carried_out(request, prices, verb, "Noted. It counts from now on."):
            return redirect("reports:sources:source", name)
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
            "facts": facts_of_source(found),
            "prices": prices,
            "spent": spending.spent_on(found),
            "refusals": reading.refusals_of(found),
            "failed": failed_of(found, person),
            "collections": reading.open_collections(found),
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
