"""A new study."""

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from readerstudy import access
from readerstudy.cases.models import Collection
from readerstudy.pages import carried_out
from readerstudy.presentation.set_up.creating import drawn_in_words, start_study
from readerstudy.presentation.set_up.forms import NewStudyForm


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    coordinator = access.site_coordinator(request)
    form = NewStudyForm(request.POST or None)
    verb = partial(start_study, coordinator=coordinator)
    study = carried_out(request, form, verb, "Created. The guide below leads on.")
    if study:
        if words := drawn_in_words(study):
            messages.info(request, words)
        return redirect("studies:setup", study.code)
    return render(
        request,
        "presentation/set_up/new.html",
        {"form": form, "has_collections": Collection.objects.exists()},
    )
