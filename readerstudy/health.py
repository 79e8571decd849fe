"""Is the process up, and do its neighbours answer?"""

import threading

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from readerstudy.operations import checks
from readerstudy.operations.findings import Finding

_looking = threading.Lock()
_last: list[Finding] = []


def _neighbours() -> list[Finding]:
    """What the neighbours of this process are like.

    One request at a time looks, and the others are told what was found last: whoever
    asks again and again holds one thread, not all, where a neighbour is slow to answer.
    """
    if not _looking.acquire(blocking=not _last):
        return list(_last)
    try:
        _last[:] = checks.neighbours()
        return list(_last)
    finally:
        _looking.release()


@login_not_required
@never_cache
@require_GET
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@login_not_required
@never_cache
@require_GET
def readyz(request: HttpRequest) -> JsonResponse:
    """Whether readers can be served; 503, with what is wrong, where they cannot.

    Readers need no worker, no broker and no room for uploads: without these the status
    is `degraded`, and 200, so that a balancer goes on sending readers here. With `?all`
    these answer 503 too, for whoever wants to be woken.
    """
    found = _neighbours()
    bad = [each for each in found if each.is_wrong]
    needs_all = "all" in request.GET
    stops = [each for each in bad if needs_all or each.about in checks.NEEDED]
    status = "unavailable" if stops else "degraded" if bad else "ok"
    return JsonResponse(
        {
            "status": status,
            "checks": {each.about: not each.is_wrong for each in found},
            "wrong": [each.sentence for each in bad],
        },
        status=503 if stops else 200,
    )
