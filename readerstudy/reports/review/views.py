"""The review of a collection's texts, and its sign-off."""

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from readerstudy import access
from readerstudy.cases.deidentification.state import state_of
from readerstudy.cases.models import Collection
from readerstudy.pages import carried_out, parsed, refusals_shown
from readerstudy.reports.review import services
from readerstudy.reports.review.forms import LookedAtForm, SignOffForm
from readerstudy.reports.review.listing import Reviewed, reviewed
from readerstudy.reports.review.models import SignOff
from readerstudy.reports.review.patterns import Kind

QUOTES_PER_PAGE = 100


@never_cache
@require_GET
def texts(request: HttpRequest, name: str) -> HttpResponse:
    """What the patterns list in the texts of a collection, source by source."""
    found = access.collection_for_review(request, name)
    listed = reviewed(found)
    shown = _chosen(listed, request.GET.get("source", "")) if listed else None
    kind = _kind(request.GET.get("kind", ""))
    quotes = shown.quotes(kind) if shown else []
    context = {
        "collection": found,
        "listed": [(each, each.open_kinds()) for each in listed],
        "shown": shown,
        "kinds": _kinds(shown) if shown else [],
        "kind": kind,
        "page": Paginator(quotes, QUOTES_PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "reports/review/texts.html", context)


def _chosen(listed: list[Reviewed], name: str) -> Reviewed:
    """The source that an address names, else the first with something to look at."""
    for each in listed:
        if each.name == name:
            return each
    if name:
        raise Http404("The collection has no texts of this source.")
    return next((each for each in listed if each.open_kinds()), listed[0])


def _kind(word: str) -> Kind | None:
    return Kind(word) if word in {kind.value for kind in Kind} else None


def _kinds(shown: Reviewed) -> list[dict[str, object]]:
    """Each kind with its count and who looked at it."""
    counts, left = shown.counts(), shown.open_kinds()
    return [
        {
            "kind": kind,
            "count": counts[kind],
            "digest": shown.digest(kind),
            "is_open": kind in left,
            "review": shown.reviews.get(kind),
        }
        for kind in Kind
    ]


@require_POST
def looked_at(request: HttpRequest, name: str) -> HttpResponse:
    """Note that the findings of one kind were looked at: nothing to do."""
    found = access.collection_for_review(request, name)
    query = f"?source={request.POST.get('source', '')}"
    with refusals_shown(request, "Marked as looked at."):
        typed = parsed(LookedAtForm(request.POST))
        kind = Kind(typed["kind"])
        shown = _chosen(reviewed(found), typed["source"])
        if shown.digest(kind) != typed["digest"]:
            raise ValidationError("Other findings have come in. Look at them first.")
        services.mark_looked_at(
            collection=found, texts=shown, kind=kind, actor=access.person(request)
        )
    answer = redirect("reports:review:texts", name)
    answer["Location"] += query
    return answer


@never_cache
@require_http_methods(["GET", "POST"])
def sign_off(request: HttpRequest, name: str) -> HttpResponse:
    """What has still to be done in a collection, and the form to answer for it."""
    found = access.collection_for_coordinator(request, name)

    def sign(statement: str, without_scan: str, is_sure: bool) -> SignOff:
        return services.sign_off(
            collection=found,
            actor=access.person(request),
            statement=statement,
            without_scan=without_scan,
        )

    form = SignOffForm(request.POST or None, initial={"statement": services.STATEMENT})
    if request.method == "POST" and carried_out(request, form, sign, "Signed off."):
        return redirect("reports:review:sign_off", name)
    return _sign_off_page(request, found, form)


def _sign_off_page(
    request: HttpRequest, collection: Collection, form: SignOffForm
) -> HttpResponse:
    state, listed = state_of(collection), reviewed(collection)
    context = {
        "collection": collection,
        "state": state,
        "standing": services.standing_of(collection),
        "left": services.still_to_do(state),
        # The page names no source: those who read elsewhere may see it.
        "texts": sum(len(each.texts) for each in listed),
        "open_findings": sum(
            each.counts()[kind] for each in listed for kind in each.open_kinds()
        ),
        "form": form,
        "sign_offs": collection.sign_offs.select_related("by").order_by("-pk")[:10],
    }
    return render(request, "reports/review/sign_off.html", context)
