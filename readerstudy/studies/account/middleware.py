"""Between a session and its pages: time limits, and the second factor that is owed."""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from readerstudy.accounts.models import User
from readerstudy.studies.account import sessions
from readerstudy.studies.account.second_factor import owes_second_factor
from readerstudy.studies.account.services import end_session

# What is open to a person who owes a second factor: setting it up, and leaving.
OPEN = {
    *("account:account", "mfa_index", "account:end_sessions", "account:password"),
    *("mfa_activate_totp", "mfa_add_webauthn", "mfa_view_recovery_codes"),
    *("account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn"),
    *("account:hospital_again", "account:confirmed", "openid_connect_login"),
    *("openid_connect_callback", "sign_out", "account_logout"),
}


class SessionRules:
    """Ends sessions in time, and leads to the second factor before all else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple[Any, ...],
        view_kwargs: dict[Any, Any],
    ) -> HttpResponseBase | None:
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        if not has_session or not isinstance(request.user, User):
            return None
        now = time.time()
        if sessions.is_over(request.session, now):
            # Whoever asked is a stranger from here on, and is led to the sign-in.
            end_session(request)
            messages.info(request, _("You were signed out after a while. Sign in."))
            return None
        # The API asks itself who is there; that does not open it to everybody.
        is_open_to_all = not getattr(view_func, "login_required", True)
        if is_open_to_all and not _is_api(request):
            return None
        session = request.session
        if sessions.is_to_be_noted(session, now) or session.get(sessions.OWES):
            sessions.note(session, now)
            session[sessions.OWES] = owes_second_factor(request.user)
        if session.get(sessions.OWES) and not _is_open(request):
            return _led_to_second_factor(request)
        return None


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _is_open(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and match.view_name in OPEN


def _led_to_second_factor(request: HttpRequest) -> HttpResponseBase:
    sentence = _(
        "Your account needs a second factor: an authenticator app or a passkey. "
        "Set one up here, then go on."
    )
    if _is_api(request):
        return JsonResponse({"detail": sentence}, status=403)
    messages.warning(request, sentence)
    page = reverse("account:account")
    return HttpResponseClientRedirect(page) if HtmxDetails(request) else redirect(page)
