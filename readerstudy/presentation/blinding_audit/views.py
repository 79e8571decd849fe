"""The blinding audit: run it, read what it found, accept it; choose a layout."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from readerstudy import access
from readerstudy.pages import carried_out, parsed, refusals_shown, study_page
from readerstudy.presentation.blind import OFFERED, PROFILES
from readerstudy.presentation.blinding_audit import services
from readerstudy.presentation.blinding_audit.forms import (
    AcceptanceForm,
    LayoutForm,
    PreviewForm,
)
from readerstudy.presentation.blinding_audit.page import shown_of
from readerstudy.presentation.blinding_audit.preview import preview_of
from readerstudy.presentation.blinding_audit.standing import missing, standing_of
from readerstudy.studies.services import choose_layout
from readerstudy.work.models import CPU, WorkerPulse


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, code: str) -> HttpResponse:
    """The audit of the study as it is now; posting accepts its number."""
    study = access.study_for_blinding(request, code)
    form = AcceptanceForm(request.POST or None)
    verb = partial(services.accept, study=study, actor=access.person(request))
    if request.method == "POST" and carried_out(request, form, verb, "Accepted."):
        return redirect("presentation:freeze", code)
    standing = standing_of(study)
    newest = standing.newest
    return study_page(
        request,
        "presentation/blinding/page.html",
        study=study,
        tab="freeze",
        standing=standing,
        missing=missing(study) if study.is_draft else "",
        shown=shown_of(study, standing.audit),
        is_left_alone=newest is not None
        and newest.is_unfinished
        and not WorkerPulse.objects.alive().serving(CPU).exists(),
        profile=PROFILES[study.layout_profile],
        run_form=LayoutForm(
            initial={
                "layout_profile": study.layout_profile,
                "redaction": study.redaction,
            }
        ),
        form=form,
    )


@require_POST
def run(request: HttpRequest, code: str) -> HttpResponse:
    study = access.study_for_blinding(request, code)
    with refusals_shown(request, "A worker reads the texts."):
        layout = parsed(LayoutForm(request.POST))
        services.ask(study=study, actor=access.person(request), **layout)
    return redirect("presentation:blinding:page", code)


@require_GET
def result(request: HttpRequest, code: str, audit_id: int) -> HttpResponse:
    """What one of the audits found, under whatever layout and however old."""
    audit = access.blinding_audit_for_coordinator(request, code, audit_id)
    return study_page(
        request,
        "presentation/blinding/result.html",
        study=audit.study,
        tab="freeze",
        audit=audit,
        profile=PROFILES.get(audit.layout_profile),
        shown=shown_of(audit.study, audit),
    )


@require_http_methods(["GET", "POST"])
def layout(request: HttpRequest, code: str) -> HttpResponse:
    """A report of each arm before and after; posting chooses the layout shown."""
    study = access.study_for_blinding(request, code)
    if request.method == "POST":
        with refusals_shown(request, "The layout is chosen."):
            chosen = parsed(LayoutForm(request.POST))
            choose_layout(study=study, actor=access.person(request), **chosen)
        return redirect("presentation:blinding:page", code)
    preview = preview_of(study, request.GET)
    return study_page(
        request,
        "presentation/blinding/layout.html",
        study=study,
        tab="freeze",
        preview=preview,
        form=PreviewForm(preview.choice, study=study),
        profiles=OFFERED.values(),
    )
