"""What stands between a request and its view: no request may end in a blank page."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import (
    escape_leading_slashes,
    url_has_allowed_host_and_scheme,
)
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

SAFE = {"GET", "HEAD"}


class Sessions(SessionMiddleware):
    """Django's, but for a session that another request has ended meanwhile.

    Whoever presses "Sign in" twice at a slow site has two requests under way: the first
    that is done changes the session's key. The other is no bad request, which Django
    takes it for; a browser that is sent to the same page again finds out who it is, and
    a script that is told to sign in sends the same again.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponse
    ) -> HttpResponse:
        try:
            return super().process_response(request, response)
        except SessionInterrupted:
            if request.path.startswith("/api/"):
                sentence = _("Your session has ended. Sign in and send it again.")
                return JsonResponse({"detail": sentence}, status=401)
            # A path that begins with two slashes would name another host.
            return redirect(escape_leading_slashes(request.get_full_path()))


class SignInRequired(LoginRequiredMiddleware):
    """Lead to the sign-in page, and from there back to a page that can be shown."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple[Any, ...],
        view_kwargs: dict[Any, Any],
    ) -> HttpResponseBase | None:
        answer = super().process_view(request, view_func, view_args, view_kwargs)
        is_part, is_sent = bool(HtmxDetails(request)), request.method not in SAFE
        if answer is None or not (is_part or is_sent):
            return answer
        if is_sent:
            messages.warning(
                request,
                _(
                    "Your session had ended, so what you sent was not stored. Sign in "
                    "and send it again."
                ),
            )
        # An address that only takes what a form sends, or a part of a page, cannot be
        # opened after the sign-in; the page on which it stood can.
        sign_in = redirect_to_login(_page_behind(request))
        return HttpResponseClientRedirect(sign_in.url) if is_part else sign_in


def _page_behind(request: HttpRequest) -> str:
    """The path of the page from which a request came, else of the first page."""
    page = HtmxDetails(request).current_url or request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(page, allowed_hosts={request.get_host()}):
        return urlsplit(page).path
    return resolve_url("home")


def explained(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Give people a page where a view only takes what a form sends (405)."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        # The API explains its refusals itself, in JSON.
        if response.status_code != 405 or response.content:
            return response
        page = render(request, "405.html", status=405)
        page["Allow"] = response["Allow"]
        return page

    return answer
