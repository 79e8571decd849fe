"""No more tries for a while, after too many wrong passwords."""

from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_cool_off
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import salted_hmac

from readerstudy.studies.account import services


class LockOut(AxesDatabaseHandler):
    """Counts wrong passwords by user name and address, and leaves events of them."""

    def user_login_failed(
        self,
        sender: Any,
        credentials: dict[str, Any],
        request: HttpRequest | None = None,
        **kwargs: Any,
    ) -> None:
        if request is None:
            return
        was_locked = request.axes_locked_out  # type: ignore[attr-defined]
        super().user_login_failed(sender, credentials, request, **kwargs)
        if was_locked:
            # It has its event, and more would only fill the record.
            return
        username = str(credentials.get("username", ""))
        services.note_failure(username=username, what="password")
        if request.axes_locked_out:  # type: ignore[attr-defined]
            services.note_lock_out(username=username, what="password")

    def user_logged_in(
        self, sender: Any, request: HttpRequest, user: Any, **kwargs: Any
    ) -> None:
        """Nothing: the adapter forgets failures, once all factors were given."""

    def user_logged_out(
        self, sender: Any, request: HttpRequest, user: Any, **kwargs: Any
    ) -> None:
        """Nothing: sign-outs are events already."""


def counted_name(
    request: HttpRequest | None, credentials: dict[str, Any] | None = None
) -> str:
    """What stands for a user name where tries are counted.

    Not the name as typed: sooner or later a password lands in its field.
    """
    name = str((credentials or {}).get("username", ""))
    return salted_hmac("readerstudy.lock-out", name).hexdigest()


def locked_out(
    request: HttpRequest, original: HttpResponse, credentials: Any
) -> HttpResponse:
    """The page that says so, alike whether the account exists or not."""
    minutes = int(get_cool_off(request).total_seconds()) // 60
    return render(request, "account/locked_out.html", {"minutes": minutes}, status=429)
