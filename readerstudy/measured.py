"""The one step of every request that operators look at: its id, its time, its end."""

from collections.abc import Callable
from time import perf_counter

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch

from readerstudy import measures, tracing

GRADE = "api:grade"
# Anything else may be made up by whoever asks, without end.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def measured(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Give a request an id for the log, and count it by the part of the site.

    A proxy's X-Request-ID is taken over where there is a proxy. The part is the first
    name space of the address, so it tells of no study.
    """
    given = tracing.FROM_PROXY if settings.BEHIND_TLS_PROXY else ""

    def answer(request: HttpRequest) -> HttpResponse:
        begun = perf_counter()
        name = tracing.request_id(request.META.get(given, ""))
        request.META[tracing.IN_ENVIRON] = name
        with tracing.of_request(name):
            response = get_response(request)
        _count(request, response.status_code, perf_counter() - begun)
        return response

    return answer


def _count(request: HttpRequest, status: int, seconds: float) -> None:
    match = request.resolver_match
    part = _part(match)
    method = request.method if request.method in _METHODS else "other"
    measures.requests.labels(part, method, str(status)).inc()
    measures.request_seconds.labels(part).observe(seconds)
    if match and match.view_name == GRADE and status < 400:
        measures.grade_seconds.observe(seconds)


def _part(match: ResolverMatch | None) -> str:
    """The part of the site; `other` are static files and addresses there are not."""
    if match is None:
        return "other"
    return match.namespaces[0] if match.namespaces else "site"
