"""My account: password, second factors, hospital account, sessions."""

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import resume_request
from allauth.mfa.adapter import get_adapter as get_factor_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import views as passkeys
from allauth.socialaccount.internal.flows.connect import disconnect, validate_disconnect
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.openid_connect import views as openid
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
    require_safe,
)

from readerstudy import access
from readerstudy.accounts.models import ApiToken
from readerstudy.pages import refusals_shown
from readerstudy.studies.account import services
from readerstudy.studies.account.confirming import confirmed_lately, is_confirmed
from readerstudy.studies.account.forms import NewPasswordForm
from readerstudy.studies.account.hospital import MAY_LINK
from readerstudy.studies.account.second_factor import needs_second_factor
from readerstudy.studies.account.sessions import places_of


@never_cache
@require_GET
def account(request: HttpRequest) -> HttpResponse:
    """My password, second factors, hospital account, sessions and tokens."""
    person = access.person(request)
    factors = Authenticator.objects.filter(user=person).order_by("created_at")
    by_kind: dict[str, list[Authenticator]] = {}
    for factor in factors:
        by_kind.setdefault(factor.type, []).append(factor)
    codes = by_kind.get(Authenticator.Type.RECOVERY_CODES)
    context = {
        "app": by_kind.get(Authenticator.Type.TOTP),
        "passkeys": by_kind.get(Authenticator.Type.WEBAUTHN, []),
        "codes_left": len(codes[0].wrap().get_unused_codes()) if codes else None,
        "needs_factor": needs_second_factor(person),
        "linked": SocialAccount.objects.filter(user=person),
        "places": places_of(request, person),
        "tokens": ApiToken.objects.listed_for(person).count(),
    }
    return render(request, "account/account.html", context)


@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """Sign me out everywhere but here."""
    services.end_other_sessions(request=request, user=access.person(request))
    messages.success(request, _("You are signed in only here now."))
    return redirect("account:account")


@never_cache
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """A new password, for those who have one."""
    person = access.person(request)
    if not person.has_usable_password():
        messages.info(request, _("You sign in with your hospital account."))
        return redirect("account:account")
    form = NewPasswordForm(request.POST or None, user=person)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_password(
                request=request, user=person, password=form.cleaned_data["password"]
            )
        except ValidationError as refusal:
            form.add_error("password", refusal)
        else:
            messages.success(
                request, _("Your password is changed. All other sessions are over.")
            )
            return redirect("account:account")
    return render(request, "account/password.html", {"form": form})


@confirmed_lately
@require_http_methods(["GET", "POST"])
def remove_passkey(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask whether a passkey of mine is to go; the last one may have to stay."""
    mine = Authenticator.objects.filter(
        user=access.person(request), type=Authenticator.Type.WEBAUTHN
    )
    adapter = get_factor_adapter()
    if not adapter.can_delete_authenticator(get_object_or_404(mine, pk=pk)):
        sentence = str(adapter.error_messages["cannot_delete_authenticator"])
        messages.error(request, sentence)
        return redirect("account:account")
    answer: HttpResponseBase = passkeys.remove_webauthn(request, pk=pk)
    return answer


# --- Confirming ---


@require_GET
def confirm(request: HttpRequest) -> HttpResponse:
    """Lead to the first of my ways to confirm who I am, and back from there."""
    access.person(request)
    messages.info(request, _("Confirm that it is you, then ask for the file again."))
    first = get_adapter().get_reauthentication_methods(request.user)[0]["url"]
    back = urlencode({"next": request.GET.get("next", "")})
    return redirect(f"{first}?{back}")


@never_cache
@require_safe
def hospital_again(request: HttpRequest) -> HttpResponse:
    """The way to the hospital's sign-in, to confirm who I am."""
    linked = SocialAccount.objects.filter(user=access.person(request))
    page = reverse("account:confirmed")
    back = urlencode({"next": request.GET.get("next", "")})
    asked = {
        "process": "redirect",
        "auth_params": "prompt=login",
        "next": f"{page}?{back}",
    }
    ways = [
        (each.provider, f"{_sign_in_at(each.provider)}?{urlencode(asked)}")
        for each in linked
    ]
    return render(request, "account/hospital_again.html", {"ways": ways})


@never_cache
@require_GET
def confirmed(request: HttpRequest) -> HttpResponseBase:
    """Go on with what was asked for before I confirmed who I am."""
    access.person(request)
    if not is_confirmed(request):
        return redirect("account:account")
    answer: HttpResponseBase | None = resume_request(request)
    return answer or redirect("account:account")


# --- Hospital accounts ---


def _sign_in_at(hospital: str) -> str:
    return reverse("openid_connect_login", args=[hospital])


@login_not_required
@require_GET
def hospital_sign_in(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Lead to the sign-in of a hospital."""
    is_linking = request.GET.get("process") == AuthProcess.CONNECT
    if is_linking and not request.session.get(MAY_LINK):
        # A link on somebody else's page must not link an account of theirs to mine.
        return redirect("account:account")
    answer: HttpResponseBase = openid.login(request, provider_id=provider_id)
    return answer


@confirmed_lately
@require_POST
def link_hospital(request: HttpRequest) -> HttpResponse:
    """Begin to link my hospital account: from here on a link leads there."""
    access.person(request)
    hospital = request.POST.get("hospital", "")
    if hospital not in settings.OIDC_SERVERS:
        raise Http404("There is no such hospital.")
    request.session[MAY_LINK] = True
    way = f"{_sign_in_at(hospital)}?{urlencode({'process': AuthProcess.CONNECT})}"
    return render(request, "account/link.html", {"hospital": hospital, "way": way})


@confirmed_lately
@require_POST
def unlink_hospital(request: HttpRequest, account_id: int) -> HttpResponse:
    """Let my hospital account open this account no longer."""
    mine = SocialAccount.objects.filter(user=access.person(request))
    linked = get_object_or_404(mine, pk=account_id)
    with refusals_shown(request):
        validate_disconnect(request, linked)
        disconnect(request, linked)
    return redirect("account:account")
