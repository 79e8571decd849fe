"""The design: chosen in a draft, with what it costs; to be looked at afterwards."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from readerstudy import access
from readerstudy.pages import carried_out, study_page
from readerstudy.presentation.design import dealt_from
from readerstudy.presentation.designing.forms import DesignForm
from readerstudy.presentation.designing.sketch import sketch
from readerstudy.presentation.estimates import SECONDS, estimate
from readerstudy.presentation.randomise import Infeasible
from readerstudy.studies import services as studies
from readerstudy.studies.models import Study


@require_http_methods(["GET", "POST"])
def design(request: HttpRequest, code: str) -> HttpResponse:
    study = access.study_for_coordinator(request, code)
    form = DesignForm(request.POST or None, instance=study)

    def change(**_: Any) -> Study:
        return studies.change_design(
            study=study, actor=access.person(request), **form.stored
        )

    if request.method == "POST" and carried_out(request, form, change, "Design saved."):
        return redirect("presentation:design", code)
    # The form has laid what was typed over the row; the estimates are of the row.
    study.refresh_from_db()
    return study_page(
        request,
        "presentation/design.html",
        study=study,
        tab="setup",
        form=form,
        **_expected(study, SECONDS),
    )


@require_GET
def estimates(request: HttpRequest, code: str) -> HttpResponse:
    """What a design on the screen costs; nothing of it is stored."""
    study = access.study_for_coordinator(request, code)
    form = DesignForm(request.GET, instance=study)
    if not form.is_valid():
        problem = "Mend what is marked in the form, and the estimates come."
        context: dict[str, Any] = {"problem": problem}
    else:
        context = _expected(form.instance, form.cleaned_data["seconds"])
    return render(request, "presentation/_estimates.html", context | {"study": study})


def _expected(study: Study, seconds: int) -> dict[str, Any]:
    """The estimate or why there is none, and the sketch where one can be drawn."""
    dealt = dealt_from(study)
    shown = {
        "sketch": sketch(
            dealt["design"],
            readers=study.membership_set.readers().count(),
            arms=study.arm_set.count() or 2,
            plan=dealt["plan"],
        )
    }
    try:
        return shown | {"expected": estimate(study, seconds=seconds)}
    except Infeasible as problem:
        return shown | {"problem": str(problem)}
