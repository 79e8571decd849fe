"""Where readers differ: the list, a case opened, and its radiograph."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from readerstudy import access
from readerstudy.analysis.disagreements.forms import FilterForm
from readerstudy.analysis.disagreements.listing import (
    Filters,
    Key,
    beside,
    case_of,
    in_order,
    key_of,
    page_of,
)
from readerstudy.analysis.disagreements.opened import opened
from readerstudy.analysis.section_page import navigation
from readerstudy.cases.pictures import picture
from readerstudy.pages import study_page

ROWS_PER_PAGE = 50


@require_GET
def listed(request: HttpRequest, code: str) -> HttpResponse:
    """Reports or cases by how far their grades lie apart, widest first."""
    study = access.closed_study_for_texts(request, code)
    form = FilterForm(request.GET, study=study)
    start = key_of(request.GET.get("after", ""))
    return study_page(
        request,
        "analysis/disagreements/list.html",
        study=study,
        tab="results",
        here="disagreements",
        entries=navigation(study),
        form=form,
        filters=form.filters(),
        page=page_of(study, form.filters(), start, ROWS_PER_PAGE),
        query=_query(request),
    )


@require_GET
def case(request: HttpRequest, code: str, case_id: int) -> HttpResponse:
    """A case with all reports and grades, and the way on through the list."""
    study, found = access.case_for_results(request, code, case_id)
    key = key_of(request.GET.get("at", ""))
    neighbours: dict[str, dict[str, object] | None] = {}
    if key is not None:
        filters = FilterForm(request.GET, study=study).filters()
        previous, following = beside(in_order(study, filters), key)
        neighbours = {
            "previous": _linked(previous, filters),
            "following": _linked(following, filters),
        }
    return study_page(
        request,
        "analysis/disagreements/case.html",
        study=study,
        tab="results",
        here="disagreements",
        entries=navigation(study),
        case=found,
        opened=opened(study, found),
        query=_query(request),
        **neighbours,
    )


@require_GET
def radiograph(request: HttpRequest, code: str, case_id: int) -> HttpResponse:
    """The radiograph of a case of a closed study."""
    _, found = access.case_for_results(request, code, case_id)
    return picture(request, found.image)


def _linked(key: Key | None, filters: Filters) -> dict[str, object] | None:
    """A neighbour by its case and its key, as an address names them."""
    return {"case": case_of(filters, key), "key": key} if key else None


def _query(request: HttpRequest) -> str:
    """The filters as they stand in the address, without the place in the list."""
    kept = request.GET.copy()
    for name in ("after", "at"):
        kept.pop(name, None)
    return kept.urlencode()
