"""The cases of a study: drawn from a collection, shown with their strata."""

import io
from collections import Counter
from urllib.parse import urlencode

import PIL.Image
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from readerstudy import access
from readerstudy.cases import imports, services
from readerstudy.cases.forms import DrawForm, OverrideForm
from readerstudy.cases.frames import render_8bit
from readerstudy.cases.models import Case, CaseSet, Collection, Image
from readerstudy.pages import carried_out, parsed, refusals_shown, study_page

CASES_PER_PAGE = 50
THUMBNAIL_PIXELS = 320


@require_GET
def collections(request: HttpRequest) -> HttpResponse:
    """Every collection with its counts, or how to get the first one in."""
    access.site_coordinator(request)
    return render(
        request,
        "cases/collections.html",
        {"collections": Collection.objects.order_by("name").counted()},
    )


@require_GET
def collection(request: HttpRequest, name: str) -> HttpResponse:
    """The cases of a collection with their images, page by page."""
    found = access.collection_for_coordinator(request, name)
    cases = Case.objects.filter(collection=found).order_by("code")
    page = Paginator(
        cases.prefetch_related("images__header_record"), CASES_PER_PAGE
    ).get_page(request.GET.get("page"))
    return render(
        request,
        "cases/collection.html",
        {
            "collection": found,
            "page": page,
            "views": Image.View.choices,
            "strata": Case.Stratum.choices,
        },
    )


@never_cache
@require_GET
def image(request: HttpRequest, image_id: int) -> HttpResponse:
    """A small picture of a radiograph, as the model sees it."""
    found = access.image_for_coordinator(request, image_id)
    try:
        frame = services.frame_of(found)
    except services.RadiographLost as problem:
        raise Http404(str(problem)) from problem
    picture = PIL.Image.fromarray(render_8bit(frame), "L")
    picture.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return HttpResponse(buffer.getvalue(), content_type="image/png")


@require_POST
def override(request: HttpRequest, image_id: int) -> HttpResponse:
    found = access.image_for_coordinator(request, image_id)
    with refusals_shown(request, f"{found.case.code}: saved."):
        imports.override_image(
            image=found,
            actor=access.person(request),
            **parsed(OverrideForm(request.POST)),
        )
    collection = reverse("cases:collection", args=[found.case.collection.name])
    page = request.GET.get("page", "1")
    return redirect(f"{collection}?{urlencode({'page': page})}#image-{found.pk}")


@require_http_methods(["GET", "POST"])
def of_study(request: HttpRequest, code: str) -> HttpResponse:
    study = access.study_for_coordinator(request, code)

    def draw(collection: Collection, seed: int, **sizes: int | None) -> CaseSet:
        return services.draw_cases(
            study=study,
            actor=access.person(request),
            collection=collection,
            seed=seed,
            sizes=sizes,
        )

    form = DrawForm(request.POST or None)
    if carried_out(request, form, draw, "Cases drawn."):
        return redirect("cases:of_study", code)
    case_set = CaseSet.objects.filter(study=study).select_related("collection").first()
    drawn = list(Case.objects.of_study(study).select_related("image"))
    if case_set and not form.is_bound:
        form = DrawForm(initial=_initial(case_set))
    return study_page(
        request,
        "cases/of_study.html",
        study=study,
        tab="cases",
        case_set=case_set,
        cases=drawn,
        strata=sorted(Counter(case.get_stratum_display() for case in drawn).items()),
        form=form,
    )


def _initial(case_set: CaseSet) -> dict[str, object]:
    return {
        "collection": case_set.collection.name,
        "normal": case_set.normal,
        "abnormal": case_set.abnormal,
        "unknown": case_set.unknown,
        "seed": case_set.seed,
    }
