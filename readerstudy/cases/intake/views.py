"""Deliveries: begin one, watch it, and see what became of every file."""

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from readerstudy import access
from readerstudy.audit.downloads import record_download
from readerstudy.cases.intake import folders, services
from readerstudy.cases.intake.api import standing_of
from readerstudy.cases.intake.forms import BringInForm
from readerstudy.cases.intake.models import DeliveredFile, Delivery
from readerstudy.cases.intake.outcome import outcome_lines
from readerstudy.cases.models import Collection
from readerstudy.cases.radiograph import Refused
from readerstudy.key_pages import key_page
from readerstudy.pages import carried_out, refusals_shown
from readerstudy.work.models import CPU, WorkerPulse

PER_PAGE = 100
WARNED = "warned"


@require_GET
def deliveries(request: HttpRequest) -> HttpResponse:
    """Every delivery, the newest first."""
    access.site_coordinator(request)
    found = Delivery.objects.newest_first().counted()
    page = Paginator(found.select_related("collection", "asked_by"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    return render(request, "cases/intake/deliveries.html", {"page": page})


@require_http_methods(["GET", "POST"])
def bring_in(request: HttpRequest) -> HttpResponse:
    """Choose where cases come from and go to."""
    person = access.site_coordinator(request)

    def begin(**given: Any) -> Delivery:
        return services.open_delivery(actor=person, **given)

    given = {"collection": request.GET.get("collection", "")}
    form = BringInForm(request.POST or None, initial=given)
    if begun := carried_out(request, form, begin, "Now choose what to bring in."):
        return redirect("cases:intake:delivery", begun.pk)
    return render(
        request,
        "cases/intake/bring_in.html",
        {
            "form": form,
            "collections": Collection.objects.order_by("name"),
            "has_roots": bool(folders.roots()),
            "keeps_originals": settings.KEEP_ORIGINALS,
        },
    )


@never_cache
@require_GET
def delivery(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """Where it stands: files are chosen, or are taken in, or all is over."""
    found = access.delivery_for_coordinator(request, delivery_id)
    if found.is_held and found.origin == Delivery.Origin.FOLDER:
        return redirect("cases:intake:folder", found.pk)
    if found.is_held and found.origin == Delivery.Origin.UPLOAD:
        shown = standing_of(found) | {
            "chunk_bytes": settings.INTAKE_CHUNK_BYTES,
            "largest": settings.INTAKE_LARGEST_FILE_BYTES,
        }
        return render(request, "cases/intake/upload.html", shown)
    chosen = request.GET.get("state", "")
    after = request.GET.get("after")
    page = key_page(_chosen(found, chosen), "name", after=after, size=PER_PAGE)
    shown = _progress(found) | {"page": page, "chosen": chosen, "filters": _filters()}
    return render(request, "cases/intake/delivery.html", shown)


def _chosen(delivery: Delivery, state: str) -> Any:
    files = delivery.files.select_related("case__collection")
    if state == WARNED:
        return files.warned()
    return files.filter(state=state) if state in DeliveredFile.State else files


def _filters() -> list[tuple[str, str]]:
    states = DeliveredFile.State
    told = (states.IMPORTED, states.ALREADY_THERE, states.REFUSED, states.SET_ASIDE)
    return [
        ("", "All files"),
        *((state.value, str(state.label)) for state in told),
        (WARNED, "With a warning"),
    ]


def _progress(delivery: Delivery) -> dict[str, Any]:
    counts = delivery.files.all().counts()
    over = sum(counts[state] for state in DeliveredFile.OVER)
    return {
        "delivery": delivery,
        "counts": counts,
        "over": over,
        "warned": delivery.files.all().warned().count(),
        "has_worker": WorkerPulse.objects.alive().serving(CPU).exists(),
    }


@never_cache
@require_GET
def progress(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """How far a delivery is, as a part of its page that asks again by itself."""
    found = access.delivery_for_coordinator(request, delivery_id)
    answer = render(request, "cases/intake/_progress.html", _progress(found))
    if not found.is_unfinished:
        # The list of the page is complete now, and says what can be done.
        answer["HX-Refresh"] = "true"
    return answer


@require_http_methods(["GET", "POST"])
def folder(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """Look through the folders that may be imported, and take one in."""
    found = access.delivery_for_coordinator(request, delivery_id)
    if request.method == "POST":
        with refusals_shown(request):
            services.bring_folder(
                delivery=found,
                path=request.POST.get("path", ""),
                actor=access.person(request),
            )
        return redirect("cases:intake:delivery", found.pk)
    shown: dict[str, Any] = {"delivery": found, "roots": folders.root_folders()}
    if path := request.GET.get("path", ""):
        try:
            shown["folder"] = folders.folder_at(path)
        except Refused as refusal:
            shown["refusal"] = refusal.reason
    return render(request, "cases/intake/folder.html", shown)


@require_POST
def seal(request: HttpRequest, delivery_id: int) -> HttpResponse:
    found = access.delivery_for_coordinator(request, delivery_id)
    with refusals_shown(request):
        services.seal(
            delivery=found,
            actor=access.person(request),
            without_missing="without_missing" in request.POST,
        )
    return redirect("cases:intake:delivery", found.pk)


@require_POST
def cancel(request: HttpRequest, delivery_id: int) -> HttpResponse:
    found = access.delivery_for_coordinator(request, delivery_id)
    with refusals_shown(request, "Cancelled. What was taken in stays."):
        services.cancel(delivery=found, actor=access.person(request))
    return redirect("cases:intake:delivery", found.pk)


@require_POST
def retry(request: HttpRequest, delivery_id: int) -> HttpResponse:
    found = access.delivery_for_coordinator(request, delivery_id)
    with refusals_shown(request):
        services.retry(delivery=found, actor=access.person(request))
    return redirect("cases:intake:delivery", found.pk)


@require_GET
def outcome(request: HttpRequest, delivery_id: int) -> StreamingHttpResponse:
    """The outcome of every file as CSV."""
    found = access.delivery_for_coordinator(request, delivery_id)
    record_download(
        actor=access.person(request), name=f"delivery {found.pk}: outcome.csv"
    )
    answer = StreamingHttpResponse(
        outcome_lines(found), content_type="text/csv; charset=utf-8"
    )
    name = f"delivery-{found.pk}.csv"
    answer["Content-Disposition"] = str(content_disposition_header(True, name))
    return answer
