"""The collection desk: look at cases, set many right at once, tell copies apart."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from readerstudy import access
from readerstudy.cases.desk import bulk as bulk_changes
from readerstudy.cases.desk import duplicates as copies
from readerstudy.cases.desk.badges import listed
from readerstudy.cases.desk.filters import counts_shown, filtered, page_of
from readerstudy.cases.desk.flags import FLAGS
from readerstudy.cases.desk.forms import (
    BulkForm,
    DeskFilterForm,
    SetAsideForm,
    TellApartForm,
)
from readerstudy.cases.desk.looking import look_at_some
from readerstudy.cases.models import Case, Collection, Image
from readerstudy.pages import parsed, refusals_shown

MOST_GROUPS = 100


def _asked(form: DeskFilterForm) -> dict[str, Any]:
    return {name: value for name, value in form.cleaned_data.items() if value}


@require_GET
def collection(request: HttpRequest, name: str) -> HttpResponse:
    """The cases of a collection: found, filtered, shown as a grid or as a table."""
    found = access.collection_for_coordinator(request, name)
    counts = counts_shown(found)
    form = DeskFilterForm(request.GET, counts=counts)
    asked = _asked(form) if form.is_valid() else {}
    cases = filtered(found, asked)
    page = page_of(
        cases,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    return render(
        request,
        "cases/collection.html",
        {
            "collection": found,
            "form": form,
            "bulk_form": BulkForm(collection=found, initial={"scope": "selected"}),
            "cases": listed(page.cases),
            "page": page,
            "matching": cases.count(),
            "total": Case.objects.filter(collection=found).count(),
            "flagged": [(n, FLAGS[n], counts[n]) for n in FLAGS if n in counts],
            "is_table": asked.get("layout") == "table",
            "here": urlencode(asked),
            "views": Image.View.choices,
            "strata": Case.Stratum.choices,
            "last_change": bulk_changes.last_change(found),
            "unseen": _unseen(found),
        },
    )


def _unseen(collection: Collection) -> int:
    return Image.objects.not_looked_at().filter(case__collection=collection).count()


def _back(name: str, asked: Mapping[str, str]) -> HttpResponse:
    """To the desk as it was filtered."""
    return redirect(f"{reverse('cases:collection', args=[name])}?{urlencode(asked)}")


@require_POST
def bulk(request: HttpRequest, name: str) -> HttpResponse:
    """Change the selected cases, or all that match the filter in the address."""
    found = access.collection_for_coordinator(request, name)
    with refusals_shown(request):
        form = BulkForm(request.POST, collection=found)
        chosen = parsed(form)["case"]
        if form.cleaned_data["scope"] == "all":
            filters = DeskFilterForm(request.GET, counts={})
            parsed(filters)
            chosen = filtered(found, _asked(filters))
        change = bulk_changes.change_cases(
            collection=found,
            actor=access.person(request),
            cases=chosen,
            **form.change_asked(),
        )
        count = "1 case" if change.changed == 1 else f"{change.changed} cases"
        messages.success(request, f"{count} changed.")
    return _back(name, request.GET.dict())


@require_POST
def undo(request: HttpRequest, change_id: int) -> HttpResponse:
    """Put back what the last change of many cases found."""
    change = access.bulk_change_for_coordinator(request, change_id)
    with refusals_shown(request):
        put_back, stayed = bulk_changes.undo(
            change=change, actor=access.person(request)
        )
        rest = (
            f" {stayed} stayed: changed again since, or read by a frozen study."
            if stayed
            else ""
        )
        messages.success(request, f"Undone: {put_back} put back as before.{rest}")
    return _back(change.collection.name, request.GET.dict())


@require_POST
def look(request: HttpRequest, name: str) -> HttpResponse:
    """Look at some more radiographs; a page asks until none is left."""
    found = access.collection_for_coordinator(request, name)
    left = look_at_some(found)
    if "HX-Request" not in request.headers:
        return _back(name, {})
    part = render(
        request, "cases/desk/_looking.html", {"collection": found, "unseen": left}
    )
    if not left:
        part["HX-Refresh"] = "true"
    return part


@require_GET
def duplicates(request: HttpRequest, name: str) -> HttpResponse:
    """Radiographs that come more than once, side by side."""
    found = access.collection_for_coordinator(request, name)
    groups = copies.groups_of(found)
    return render(
        request,
        "cases/desk/duplicates.html",
        {
            "collection": found,
            "groups": groups[:MOST_GROUPS],
            "count": len(groups),
            "open": sum(group.open_cases > 1 for group in groups),
            "unseen": _unseen(found),
        },
    )


@require_POST
def set_aside(request: HttpRequest, case_id: int) -> HttpResponse:
    """Keep a case from every draw to come."""
    case = access.case_for_coordinator(request, case_id)
    with refusals_shown(request, f"{case.code} is set aside."):
        copies.set_aside(
            case=case,
            actor=access.person(request),
            **parsed(SetAsideForm(request.POST)),
        )
    return _to_duplicates(request, case.collection)


@require_POST
def take_back(request: HttpRequest, case_id: int) -> HttpResponse:
    """Let studies draw a case again."""
    case = access.case_for_coordinator(request, case_id)
    with refusals_shown(request, f"{case.code} can be drawn again."):
        copies.take_back(case=case, actor=access.person(request))
    return _to_duplicates(request, case.collection)


@require_POST
def tell_apart(request: HttpRequest, name: str) -> HttpResponse:
    """State that radiographs that look alike are different."""
    found = access.collection_for_coordinator(request, name)
    with refusals_shown(request, "Noted: these are different."):
        images = list(parsed(TellApartForm(request.POST))["image"])
        if not any(image.case.collection_id == found.pk for image in images):
            raise ValidationError(f"None of them is of {found.name}.")
        copies.tell_apart(images=images, actor=access.person(request))
    return _to_duplicates(request, found)


def _to_duplicates(request: HttpRequest, collection: Collection) -> HttpResponse:
    """To the page of duplicates that the form stood on."""
    name = request.GET.get("of", collection.name)
    return redirect("cases:duplicates", name)
