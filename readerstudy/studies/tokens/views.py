"""The page of a person's API tokens."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from readerstudy import access
from readerstudy.accounts.models import ApiToken
from readerstudy.pages import carried_out, refusals_shown
from readerstudy.studies.account.confirming import confirmed_lately
from readerstudy.studies.tokens import services
from readerstudy.studies.tokens.forms import TokenForm


@confirmed_lately
@never_cache
@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """My tokens and the form for another one, whose key this answer alone shows.

    There is no redirect after the form: the key would have to be kept until then. A
    form that is sent again is refused by its name.
    """
    person = access.person(request)
    form = TokenForm(request.POST or None)
    made: ApiToken | None = None
    if request.method == "POST":
        made = carried_out(
            request,
            form,
            lambda **typed: services.create(user=person, actor=person, **typed),
            _("The token is made."),
        )
    context = {
        "form": TokenForm() if made else form,
        "made": made,
        "tokens": ApiToken.objects.listed_for(person),
        "table_url": request.build_absolute_uri(
            reverse("api:table", args=["CODE", "pairs.csv"])
        ),
    }
    return render(request, "accounts/tokens.html", context)


@require_POST
def revoke(request: HttpRequest, mark: str) -> HttpResponse:
    """End one of my tokens."""
    token = access.token_of_person(request, mark)
    with refusals_shown(request, _("The token is revoked and opens nothing more.")):
        services.revoke(token=token, actor=access.person(request))
    return redirect("accounts:tokens")
