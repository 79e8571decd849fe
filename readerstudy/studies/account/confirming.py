"""Asking once more who one is, before what is grave or cannot be undone."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from allauth.account import app_settings
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from rest_framework.request import Request

from readerstudy.accounts.models import User

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
SAFE = {"GET", "HEAD"}


def is_confirmed(request: HttpRequest) -> bool:
    """Whether the person has given a password or second factor in the last minutes.

    That is at the sign-in, or since.
    """
    if not isinstance(request.user, User):
        return False
    records = get_authentication_records(request, request.user)
    last: float = max((record["at"] for record in records), default=0)
    limit: int = app_settings.REAUTHENTICATION_TIMEOUT
    return time.time() - last < limit


def confirmed_lately(view: View) -> View:
    """Let what a form sends pass only if the person is confirmed.

    Else what was sent is kept in the session, the person is asked, and it goes on from
    there without being typed again. Pages are shown without.
    """

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in SAFE and not is_confirmed(request):
            raise ReauthenticationRequired
        return view(request, *args, **kwargs)

    return asked  # type: ignore[return-value]


def require_confirmed(request: Request) -> None:
    """Refuse a session that is not confirmed; a token has its scope instead."""
    if request.auth is None and not is_confirmed(request._request):
        raise PermissionDenied(
            "Confirm that it is you on the export page first, or ask by token."
        )


def confirmed_before(page: str) -> Callable[[View], View]:
    """Let a view that answers with a file pass only if the person is confirmed.

    A file comes without a page to go on from: the person is asked, lands on the page of
    this name, which belongs to the study, and asks for the file again.
    """

    def decorated(view: View) -> View:
        @wraps(view)
        def asked(
            request: HttpRequest, code: str, *args: Any, **kwargs: Any
        ) -> HttpResponseBase:
            is_page = request.method in SAFE and request.path == reverse(
                page, args=[code]
            )
            if is_page or is_confirmed(request):
                return view(request, code, *args, **kwargs)
            back = urlencode({"next": reverse(page, args=[code])})
            return redirect(f"{reverse('account:confirm')}?{back}")

        return asked  # type: ignore[return-value]

    return decorated
