"""The collections of the site, and single radiographs of theirs."""

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from readerstudy import access
from readerstudy.cases import imports
from readerstudy.cases.desk.thumbnails import picture_answer
from readerstudy.cases.forms import OverrideForm
from readerstudy.cases.models import Collection
from readerstudy.cases.services import RadiographLost
from readerstudy.pages import parsed, refusals_shown


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
def image(request: HttpRequest, image_id: int) -> HttpResponseBase:
    """A small picture of a radiograph, as the model sees it; ?larger for more."""
    found = access.image_for_coordinator(request, image_id)
    try:
        return picture_answer(request, found)
    except RadiographLost as problem:
        raise Http404(str(problem)) from problem


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
    where = urlencode(request.GET.dict())
    return redirect(f"{collection}?{where}#case-{found.case_id}")
