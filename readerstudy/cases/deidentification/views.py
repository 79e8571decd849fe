"""What was removed from a collection's files, and what is written in its pictures."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from readerstudy import access
from readerstudy.audit.downloads import record_download
from readerstudy.cases import imports
from readerstudy.cases.deidentification import covering, listing, scanning, state
from readerstudy.cases.deidentification.forms import (
    DatesForm,
    DecisionsForm,
    RegionForm,
)
from readerstudy.cases.deidentification.models import (
    TextRegion,
    TextScan,
    is_looked_at,
)
from readerstudy.cases.deidentification.profile import PROFILE, RULES
from readerstudy.cases.fixing import is_fixed
from readerstudy.cases.models import Image
from readerstudy.cases.pictures import picture as picture_of
from readerstudy.key_pages import key_page
from readerstudy.pages import parsed, refusals_shown

WRITTEN_PER_PAGE = 12
THUMBNAILS_PER_PAGE = 48
RECORDS_PER_PAGE = 100


@require_GET
def profile(request: HttpRequest) -> HttpResponse:
    """The header profile, rule by rule."""
    access.site_coordinator(request)
    context = {"profile": PROFILE, "rules": RULES}
    return render(request, "cases/deidentification/profile.html", context)


@require_GET
def collection(request: HttpRequest, name: str) -> HttpResponse:
    """What was removed from each file of a collection, and how dates are treated."""
    found = access.collection_for_coordinator(request, name)
    images = Image.objects.filter(case__collection=found).select_related(
        "case", "header_record"
    )
    after = request.GET.get("after")
    page = key_page(images, "case__code", after=after, size=RECORDS_PER_PAGE)
    context = {
        "collection": found,
        "page": page,
        "profile": PROFILE,
        "form": DatesForm(initial={"dates": found.dates}),
        "is_fixed": bool(found.dates_fixed_at or page.rows),
    }
    return render(request, "cases/deidentification/collection.html", context)


@require_POST
def dates(request: HttpRequest, name: str) -> HttpResponse:
    found = access.collection_for_coordinator(request, name)
    with refusals_shown(request, "Saved."):
        imports.choose_dates(
            collection=found.name,
            actor=access.person(request),
            **parsed(DatesForm(request.POST)),
        )
    return redirect("cases:deidentification:collection", name)


@require_GET
def removed_csv(request: HttpRequest, name: str) -> StreamingHttpResponse:
    """The whole record of a collection, a line per element and file."""
    found = access.collection_for_coordinator(request, name)
    file = f"{slugify(found.name) or 'collection'}-removed.csv"
    record_download(actor=access.person(request), name=f"{found.name}: removed.csv")
    return StreamingHttpResponse(
        listing.csv_lines(found),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{file}"'},
    )


@require_GET
def image(request: HttpRequest, image_id: int) -> HttpResponse:
    """What was removed from one file."""
    found = access.image_for_coordinator(request, image_id)
    context = {"image": found, "record": getattr(found, "header_record", None)}
    return render(request, "cases/deidentification/image.html", context)


@require_GET
def picture(request: HttpRequest, image_id: int) -> HttpResponse:
    """A radiograph, large enough to read what is written in it."""
    return picture_of(request, access.image_for_coordinator(request, image_id))


@never_cache
@require_GET
def burned_in(request: HttpRequest, name: str) -> HttpResponse:
    """What the search found in a collection, and what a person has still to look at."""
    found = access.collection_for_coordinator(request, name)
    written = Paginator(state.written(found), WRITTEN_PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "collection": found,
        "state": state.state_of(found),
        "page": written,
        "shown": [(each, _regions(each)) for each in written],
        "unwritten": state.unwritten(found)[:THUMBNAILS_PER_PAGE],
        "unwritten_count": state.unwritten(found).count(),
        "failures": scanning.failures(found),
    }
    return render(request, "cases/deidentification/burned_in.html", context)


def _regions(image: Image) -> list[TextRegion]:
    return list(TextRegion.objects.current().filter(image=image))


@require_POST
def search(request: HttpRequest, name: str) -> HttpResponse:
    """Have every image searched that was not searched as it is now."""
    found = access.collection_for_coordinator(request, name)
    asked = scanning.ask_for_scans(collection=found, actor=access.person(request))
    sentence = f"{asked} images wait to be searched by a worker."
    messages.info(request, sentence if asked else "Every image was searched.")
    return redirect("cases:deidentification:burned_in", name)


@require_POST
def looked_at(request: HttpRequest, name: str) -> HttpResponse:
    """Pass the images whose thumbnails were ticked."""
    found = access.collection_for_coordinator(request, name)
    passed = covering.pass_unwritten(
        collection=found, actor=access.person(request), shown=_ticked(request)
    )
    messages.success(request, f"{passed} images are marked as looked at.")
    return redirect("cases:deidentification:burned_in", name)


def _ticked(request: HttpRequest) -> dict[int, str]:
    """The images that were ticked, with the frame that was shown of each."""
    pairs = (word.split(":", 1) for word in request.POST.getlist("image"))
    return {
        int(pair[0]): pair[1]
        for pair in pairs
        if len(pair) == 2 and pair[0].isdecimal()
    }


@never_cache
@require_http_methods(["GET", "POST"])
def regions(request: HttpRequest, image_id: int) -> HttpResponse:
    """One image with what is written in it: blank or keep, region by region."""
    found = access.image_for_coordinator(request, image_id)
    listed = _regions(found)
    form = DecisionsForm(request.POST or None, regions=listed)
    if request.method == "POST" and form.is_valid():
        with refusals_shown(request, "Saved."):
            covering.confirm(
                image=found,
                actor=access.person(request),
                decisions=form.decisions(),
                frame_sha256=form.cleaned_data["frame_sha256"],
            )
            return redirect("cases:deidentification:regions", image_id)
    return _regions_page(request, found, listed, RegionForm())


def _regions_page(
    request: HttpRequest, image: Image, listed: list[TextRegion], form: RegionForm
) -> HttpResponse:
    context = {
        "image": image,
        "collection": image.case.collection,
        "regions": listed,
        "scan": TextScan.objects.current().filter(image=image).first(),
        "look": image.looks.filter(frame_sha256=image.frame_sha256)
        .select_related("by")
        .first(),
        "is_fixed": is_fixed(image.case_id),
        "form": form,
        "following": _following(image),
    }
    return render(request, "cases/deidentification/regions.html", context)


def _following(image: Image) -> Image | None:
    """The next image of the collection that waits for a decision."""
    waiting = state.written(image.case.collection).filter(~is_looked_at())
    return waiting.exclude(pk=image.pk).first()


@require_POST
def add_region(request: HttpRequest, image_id: int) -> HttpResponse:
    found = access.image_for_coordinator(request, image_id)
    with refusals_shown(request, "Added. It is blanked when you confirm the image."):
        covering.add_region(
            image=found,
            actor=access.person(request),
            **parsed(RegionForm(request.POST)),
        )
    return redirect("cases:deidentification:regions", image_id)


@require_POST
def remove_region(request: HttpRequest, image_id: int, region_id: int) -> HttpResponse:
    found = access.image_for_coordinator(request, image_id)
    with refusals_shown(request):
        covering.remove_region(
            image=found, actor=access.person(request), region_id=region_id
        )
    return redirect("cases:deidentification:regions", image_id)
