"""How many readers and cases: worked out on demand, kept with a draft's protocol."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
)

from readerstudy import access
from readerstudy.analysis.planning.forms import PlanningForm, assumed
from readerstudy.analysis.planning.page import shown
from readerstudy.analysis.planning.services import keep, power_of_design, worked_out
from readerstudy.pages import refusals_shown, study_page
from readerstudy.presentation.designing.forms import DesignForm
from readerstudy.studies import services as studies


@require_http_methods(["GET", "POST"])
def planning(request: HttpRequest, code: str) -> HttpResponse:
    """The form; with an address that holds its values, their plan; POST keeps it."""
    study = access.study_for_coordinator(request, code)
    given = request.POST or request.GET
    form = PlanningForm(given or None, initial=assumed(study))
    plan = None
    if form.is_valid():
        plan = worked_out(study, form)
        if request.method == "POST":
            with refusals_shown(request, "Kept with the protocol."):
                keep(study=study, actor=access.person(request), plan=plan)
                return redirect("studies:plan", code)
    elif form.is_bound:
        messages.error(request, "Nothing was computed. What is wrong is marked below.")
    return study_page(
        request,
        "analysis/planning.html",
        study=study,
        tab="setup",
        form=form,
        # The same once more for the button that keeps it, without a second of each id.
        hidden=PlanningForm(given, auto_id=False),
        shown=shown(plan) if plan else None,
    )


@require_GET
def design_power(request: HttpRequest, code: str) -> HttpResponse:
    """What a design on the screen can show; nothing of it is stored."""
    study = access.study_for_coordinator(request, code)
    form = DesignForm(request.GET, instance=study)
    sentences = power_of_design(form.instance) if form.is_valid() else []
    return render(
        request,
        "analysis/_design_power.html",
        {"study": study, "sentences": sentences},
    )


@require_POST
def remove(request: HttpRequest, code: str) -> HttpResponse:
    """Take the kept sample size out of a draft."""
    study = access.study_for_coordinator(request, code)
    with refusals_shown(request, "The sample size is no longer kept."):
        studies.keep_sample_size(
            study=study, actor=access.person(request), sample_size=None
        )
    return redirect("studies:plan", code)
