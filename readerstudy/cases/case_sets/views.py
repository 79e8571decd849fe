"""The cases of a study: drawn from a collection, looked at, some of them excluded."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
)

from readerstudy import access
from readerstudy.cases.case_sets import drawing
from readerstudy.cases.case_sets.eligibility import Filters, report_counts
from readerstudy.cases.case_sets.forms import DrawForm, ExcludeForm
from readerstudy.cases.case_sets.protocol import flow_of
from readerstudy.cases.case_sets.reasons import REASONS
from readerstudy.cases.desk.badges import listed
from readerstudy.cases.desk.thumbnails import picture_answer
from readerstudy.cases.models import Case, CaseExclusion, CaseSet, Collection
from readerstudy.cases.services import RadiographLost
from readerstudy.pages import carried_out, refusals_shown, study_page
from readerstudy.studies.models import Study


@require_http_methods(["GET", "POST"])
def of_study(request: HttpRequest, code: str) -> HttpResponse:
    """The draw, what came of it, and what was left out and why."""
    study = access.study_for_coordinator(request, code)

    def draw(collection: Collection, seed: int, **asked: Any) -> CaseSet:
        if "another_seed" in request.POST:
            seed = drawing.another_seed()
        return drawing.draw_cases(
            study=study,
            actor=access.person(request),
            collection=collection,
            seed=seed,
            **DrawForm.as_asked(asked),
        )

    form = DrawForm(request.POST or None)
    case_set = carried_out(request, form, draw, "Cases drawn.")
    if case_set:
        _tell_fewer(form, case_set, request)
        return redirect("cases:of_study", code)
    case_set = CaseSet.objects.filter(study=study).select_related("collection").first()
    if case_set and not form.is_bound:
        form = DrawForm(initial=DrawForm.initial_of(case_set))
    return _page(request, study, case_set, form, ExcludeForm(case_set=case_set))


def _tell_fewer(form: DrawForm, case_set: CaseSet, request: HttpRequest) -> None:
    """Say where a stratum has fewer cases than were asked for."""
    for stratum in Case.Stratum.values:
        asked, drawn = form.cleaned_data[stratum], getattr(case_set, stratum)
        if asked is not None and drawn is not None and drawn < asked:
            messages.warning(
                request,
                f"{asked} {stratum} cases were asked for; {drawn} can be drawn, and "
                "all of them were.",
            )


def _page(
    request: HttpRequest,
    study: Study,
    case_set: CaseSet | None,
    form: DrawForm,
    exclude_form: ExcludeForm,
) -> HttpResponse:
    drawn = Case.objects.of_study(study).select_related("image")
    cases = listed(drawn.prefetch_related("images"))
    return study_page(
        request,
        "cases/of_study.html",
        study=study,
        tab="cases",
        case_set=case_set,
        cases=cases,
        boxes=flow_of(study) if case_set else [],
        form=form,
        exclude_form=exclude_form,
        exclusions=CaseExclusion.objects.filter(study=study).select_related(
            "case", "actor"
        ),
        reasons=REASONS.items(),
        changed=drawing.changed_since_draw(case_set)
        if case_set and study.is_draft
        else [],
        reports=report_counts(study, case_set.collection).items() if case_set else (),
        filters=Filters.from_json(case_set.filters) if case_set else None,
    )


@require_POST
def exclude(request: HttpRequest, code: str) -> HttpResponse:
    """Exclude cases with a reason, before or after the draw."""
    study = access.study_for_coordinator(request, code)
    case_set = CaseSet.objects.filter(study=study).select_related("collection").first()
    form = ExcludeForm(request.POST, case_set=case_set)

    def leave_out(**asked: Any) -> CaseExclusion:
        return drawing.exclude_cases(
            study=study, actor=access.person(request), **asked
        )[0]

    if carried_out(request, form, leave_out, "Excluded."):
        return redirect("cases:of_study", code)
    initial = DrawForm.initial_of(case_set) if case_set else None
    return _page(request, study, case_set, DrawForm(initial=initial), form)


@require_POST
def lift(request: HttpRequest, code: str, exclusion_id: int) -> HttpResponse:
    """Let a case be drawn again."""
    found = access.case_exclusion_for_coordinator(request, code, exclusion_id)
    with refusals_shown(
        request, f"{found.case.code} can be drawn again, from the next draw on."
    ):
        drawing.lift_exclusion(exclusion=found, actor=access.person(request))
    return redirect("cases:of_study", code)


@require_GET
def image(request: HttpRequest, code: str, image_id: int) -> HttpResponseBase:
    """A small picture of a radiograph that the study reads."""
    found = access.drawn_image_for_coordinator(request, code, image_id)
    try:
        return picture_answer(request, found)
    except RadiographLost as problem:
        raise Http404(str(problem)) from problem
