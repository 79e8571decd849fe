"""The set-up of a study."""

from functools import partial

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from readerstudy import access
from readerstudy.pages import carried_out, refusals_shown, study_page
from readerstudy.studies import services
from readerstudy.studies.forms import (
    AmendmentForm,
    AnalysisPlanForm,
    ArmForm,
    ReadingRulesForm,
    SettingsForm,
)
from readerstudy.studies.instruments import chosen
from readerstudy.studies.models import Study
from readerstudy.studies.next_step import next_step


@require_GET
def overview(request: HttpRequest, code: str) -> HttpResponse:
    """Send each role to the page on which its work is done."""
    return redirect(next_step(access.membership(request, code)).page, code)


@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest, code: str) -> HttpResponse:
    study = access.study_for_coordinator(request, code)
    form = SettingsForm(request.POST or None, instance=study)
    verb = partial(services.change_settings, study=study, actor=access.person(request))
    if carried_out(request, form, verb, "Settings saved."):
        return redirect("studies:setup", code)
    # The form has laid what was typed over the row; the page shows what is stored.
    study.refresh_from_db()
    return _setup_page(request, study, form=form)


def _setup_page(
    request: HttpRequest, study: Study, **refused: BaseForm
) -> HttpResponse:
    """The page of a study's protocol; a refused form is shown as it was filled in."""
    forms: dict[str, BaseForm] = {
        "form": SettingsForm(instance=study),
        "arm_form": ArmForm(),
        "amendment_form": AmendmentForm(),
    }
    return study_page(
        request,
        "studies/setup.html",
        study=study,
        tab="setup",
        arms=study.arm_set.all(),
        members=study.membership_set.in_order(),
        amendments=study.amendment_set.select_related("author"),
        instruments=chosen(study.instruments),
        **(forms | refused),
    )


@require_http_methods(["GET", "POST"])
def reading(request: HttpRequest, code: str) -> HttpResponse:
    """How the study is read: a form in a draft, the locked rules afterwards."""
    study = access.study_for_coordinator(request, code)
    form = ReadingRulesForm(request.POST or None, instance=study)
    verb = partial(
        services.change_reading_rules, study=study, actor=access.person(request)
    )
    # A form without a single tick sends nothing that its fields would need.
    if request.method == "POST" and carried_out(request, form, verb, "Rules saved."):
        return redirect("studies:reading", code)
    study.refresh_from_db()
    return study_page(
        request,
        "studies/reading.html",
        study=study,
        tab="setup",
        form=form,
        instruments=chosen(study.instruments),
    )


@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest, code: str) -> HttpResponse:
    """What is analysed: a form in a draft, the locked plan afterwards."""
    study = access.study_for_coordinator(request, code)
    form = AnalysisPlanForm(request.POST or None, instance=study)
    verb = partial(
        services.change_analysis_plan, study=study, actor=access.person(request)
    )
    if request.method == "POST" and carried_out(request, form, verb, "Plan saved."):
        return redirect("studies:plan", code)
    study.refresh_from_db()
    return study_page(request, "studies/plan.html", study=study, tab="setup", form=form)


@require_POST
def add_arm(request: HttpRequest, code: str) -> HttpResponse:
    study = access.study_for_coordinator(request, code)
    form = ArmForm(request.POST)
    verb = partial(services.add_arm, study=study, actor=access.person(request))
    if carried_out(request, form, verb, "Arm added."):
        return redirect("studies:setup", code)
    return _setup_page(request, study, arm_form=form)


@require_POST
def remove_arm(request: HttpRequest, code: str, arm_id: int) -> HttpResponse:
    arm = access.arm_for_coordinator(request, code, arm_id)
    with refusals_shown(request, f"{arm.label} removed."):
        services.remove_arm(study=arm.study, actor=access.person(request), arm=arm)
    return redirect("studies:setup", code)


@require_POST
def amend(request: HttpRequest, code: str) -> HttpResponse:
    study = access.study_for_coordinator(request, code)
    form = AmendmentForm(request.POST)
    verb = partial(services.amend, study=study, actor=access.person(request))
    if carried_out(request, form, verb, "Amendment recorded."):
        return redirect("studies:setup", code)
    return _setup_page(request, study, amendment_form=form)
