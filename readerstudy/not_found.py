"""What is answered where there is nothing: a page, or JSON where scripts ask."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.defaults import page_not_found


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404 in the form of the address."""
    if request.path_info.startswith("/api/"):
        return JsonResponse({"detail": "There is no such address."}, status=404)
    return page_not_found(request, exception)
