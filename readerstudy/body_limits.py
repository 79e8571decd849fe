"""How much one request may send; what is more is refused before a byte is read.

Django counts what it holds in memory, but not uploaded files, which it writes to the
disk for anybody.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from readerstudy.cases.intake.staging import free_bytes

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
_MARK = "takes_files"


def takes_files(view: View) -> View:
    """Mark a view that takes files, which may be as large as INTAKE_LARGEST_FILE_BYTES
    says; every other view takes no more than DATA_UPLOAD_MAX_MEMORY_SIZE."""
    setattr(view, _MARK, True)
    return view


class BodiesLimited:
    """Answer 413 to a request that says it is longer than its view takes.

    It stands before the check of CSRF tokens, which reads the whole form. A body whose
    length is not said is none to Django.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponseBase],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> HttpResponse | None:
        length = _length(request)
        if length <= _most(request, view):
            return self._while_there_is_room(request, length)
        if request.path.startswith("/api/"):
            return JsonResponse({"detail": "That is too much at once."}, status=413)
        return render(request, "413.html", status=413)

    def _while_there_is_room(
        self, request: HttpRequest, length: int
    ) -> HttpResponse | None:
        """Refuse an upload that would fill the disk before any view sees it."""
        if length <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE or length <= free_bytes():
            return None
        return render(request, "507.html", status=HTTPStatus.INSUFFICIENT_STORAGE)


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0  # to Django a body without a length is empty


def _most(request: HttpRequest, view: Callable[..., HttpResponseBase]) -> int:
    most: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if getattr(view, _MARK, False) and request.user.is_authenticated:
        # Around a file stand the other fields of its form.
        most += settings.INTAKE_LARGEST_FILE_BYTES
    return most
