"""Pages on which a study is copied, packed and unpacked."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from readerstudy import access
from readerstudy.export.moving.copying import copy_study
from readerstudy.export.moving.forms import CopyForm
from readerstudy.pages import carried_out, study_page


@require_http_methods(["GET", "POST"])
def copy(request: HttpRequest, code: str) -> HttpResponse:
    """A new draft with the choices of this study."""
    study = access.study_for_copying(request, code)
    form = CopyForm(request.POST or None, initial={"title": study.title})
    verb = partial(copy_study, study=study, actor=access.person(request))
    if request.method == "POST":
        made = carried_out(request, form, verb, f"Copied from {study.code}.")
        if made:
            return redirect("studies:setup", made.code)
    return study_page(
        request, "export/moving/copy.html", study=study, tab="setup", form=form
    )
