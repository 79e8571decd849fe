"""The cases of a study: drawn from a collection, shown with their strata."""

from collections import Counter

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from readerstudy import access
from readerstudy.cases import services
from readerstudy.cases.forms import DrawForm
from readerstudy.cases.models import Case, CaseSet, Collection
from readerstudy.pages import parsed, refusals_shown, study_page


@require_GET
def collections(request: HttpRequest) -> HttpResponse:
    """Every collection with its counts, or how to get the first one in."""
    access.site_coordinator(request)
    counted = Collection.objects.order_by("name").annotate(
        cases=Count("case"),
        normal=Count("case", filter=Q(case__stratum="normal")),
        abnormal=Count("case", filter=Q(case__stratum="abnormal")),
        without_image=Count("case", filter=Q(case__image=None)),
    )
    return render(request, "cases/collections.html", {"collections": counted})


@require_http_methods(["GET", "POST"])
def of_study(request: HttpRequest, code: str) -> HttpResponse:
    study = access.study_for_coordinator(request, code)
    if request.method == "POST":
        with refusals_shown(request, "Cases drawn."):
            wanted = parsed(DrawForm(request.POST))
            services.draw_cases(
                study=study,
                actor=access.person(request),
                collection=wanted.pop("collection"),
                seed=wanted.pop("seed"),
                sizes=wanted,
            )
        return redirect("cases:of_study", code)
    case_set = CaseSet.objects.filter(study=study).select_related("collection").first()
    drawn = list(Case.objects.of_study(study).select_related("image"))
    initial = _initial(case_set) if case_set else None
    return study_page(
        request,
        "cases/of_study.html",
        study=study,
        tab="cases",
        case_set=case_set,
        cases=drawn,
        strata=sorted(Counter(case.get_stratum_display() for case in drawn).items()),
        form=DrawForm(initial=initial),
    )


def _initial(case_set: CaseSet) -> dict[str, object]:
    return {
        "collection": case_set.collection.name,
        "normal": case_set.normal,
        "abnormal": case_set.abnormal,
        "unknown": case_set.unknown,
        "seed": case_set.seed,
    }
