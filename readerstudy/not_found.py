"""What is answered where there is nothing: a page, or JSON where scripts ask."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.defaults import page_not_found


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404 in the form of the address."""
    if request.path_info.startswith("/api/"):
        return JsonResponse({"detail": "There is no such address."}, status=404)
    return page_not_found(request, exception)


def refuse_null(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: no name holds a NUL, and PostgreSQL would break on the question."""

    def answer(request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            raise Http404("There is no such address.")
        return get_response(request)

    return answer
