"""The page on which coordinators search a PACS and have radiographs fetched."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from readerstudy import access
from readerstudy.body_limits import takes_files
from readerstudy.cases.intake.models import Delivery
from readerstudy.cases.models import Collection
from readerstudy.cases.pacs import page
from readerstudy.cases.pacs.archive import Archive
from readerstudy.cases.pacs.forms import FetchForm, SearchForm, chosen_studies
from readerstudy.cases.pacs.search import SEARCH_SECONDS, Found, search
from readerstudy.cases.pacs.services import order_radiographs
from readerstudy.cases.radiograph import NotNow, Refused


@takes_files
@never_cache
@require_http_methods(["GET", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Search a PACS; and have what was chosen of its answer fetched.

    Numbers of patients travel in the body of a request, never in an address, which
    browsers and logs keep.
    """
    access.site_coordinator(request)
    form = SearchForm(
        settings.DICOMWEB_SERVERS, request.POST or None, request.FILES or None
    )
    is_fetch = request.POST.get("do") == "fetch"
    fetch_form = FetchForm(request.POST if is_fetch else None)
    if is_fetch and (delivery := _fetched(request, fetch_form)):
        return redirect("cases:intake:delivery", delivery.pk)
    found = _found(request, form)
    chosen = request.POST.getlist("study") if is_fetch else None
    return render(
        request,
        "cases/pacs/find.html",
        {
            "form": form,
            "fetch_form": fetch_form,
            "found": found,
            "rows": page.rows_of(found, chosen) if found else [],
            "left_out": page.told(found.left_out) if found else "",
            "collections": Collection.objects.order_by("name"),
        },
    )


def _found(request: HttpRequest, form: SearchForm) -> Found | None:
    """What the PACS answers to a valid form; a problem is told on the page."""
    if not form.is_bound:
        return None
    if not form.is_valid():
        sentences = form.non_field_errors() or [
            "Nothing was searched for. What is wrong is marked below."
        ]
        for sentence in sentences:
            messages.error(request, str(sentence))
        return None
    form.show_all_numbers(request.POST)
    server = settings.DICOMWEB_SERVERS[form.cleaned_data["server"]]
    try:
        return search(Archive(server, seconds=SEARCH_SECONDS), form.wanted)
    except (NotNow, Refused) as problem:
        messages.error(request, problem.reason)
        return None


def _fetched(request: HttpRequest, form: FetchForm) -> Delivery | None:
    """The delivery that was begun, or None with the reasons on the page."""
    server = settings.DICOMWEB_SERVERS.get(request.POST.get("found_in", ""))
    if server is None or not form.is_valid():
        messages.error(request, "Nothing was fetched. What is wrong is marked below.")
        return None
    try:
        delivery = order_radiographs(
            server=server,
            studies=chosen_studies(request.POST.getlist("study")),
            actor=access.person(request),
            **form.cleaned_data,
        )
    except (NotNow, Refused) as problem:
        messages.error(request, problem.reason)
    except ValidationError as refusal:
        for sentence in refusal.messages:
            messages.error(request, sentence)
    else:
        count = delivery.files.count()
        messages.success(
            request,
            f"{count} radiograph{'s' * (count != 1)} will be fetched from the PACS "
            f"{server.name}.",
        )
        return delivery
    return None
