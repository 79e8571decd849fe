"""The buttons of a study's status card."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from readerstudy import access
from readerstudy.pages import parsed, refusals_shown
from readerstudy.studies.forms import ConfirmationForm
from readerstudy.studies.lifecycle import services
from readerstudy.studies.lifecycle.forms import PauseForm


@require_POST
def open_for_reading(request: HttpRequest, code: str) -> HttpResponse:
    study = access.study_for_coordinator(request, code)
    with refusals_shown(request, "The study is open for reading."):
        services.open_for_reading(study=study, actor=access.person(request))
    return redirect("grading:progress", code)


@require_POST
def pause(request: HttpRequest, code: str) -> HttpResponse:
    study = access.study_for_coordinator(request, code)
    with refusals_shown(request, "Reading is paused."):
        answers = parsed(PauseForm(request.POST))
        services.pause(study=study, actor=access.person(request), **answers)
    return redirect("grading:progress", code)


@require_POST
def resume(request: HttpRequest, code: str) -> HttpResponse:
    study = access.study_for_coordinator(request, code)
    with refusals_shown(request, "Reading goes on."):
        services.resume(study=study, actor=access.person(request))
    return redirect("grading:progress", code)


@require_POST
def archive(request: HttpRequest, code: str) -> HttpResponse:
    study = access.study_for_coordinator(request, code)
    with refusals_shown(request, "Archived. Results and exports stay open."):
        parsed(ConfirmationForm(request.POST))
        services.archive(study=study, actor=access.person(request))
    return redirect("grading:progress", code)
