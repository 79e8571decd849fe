"""What is answered while the database, or the store of radiographs, is away.

It is 503, a sentence, and when to try again.

The database can be missed at any point of a request: by the session, by the sign-in,
by a view, by what is stored after the answer was made. All of these end in Django's
handler of errors that nobody expected, so that is where the two are told apart.
"""

import logging
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.defaults import server_error as unexpected

from readerstudy.media_store import StoreAway

logger = logging.getLogger(__name__)
# A database that was killed is back in a few seconds.
RETRY_SECONDS = 5


DATABASE, STORE = "database", "store"


def away(problem: BaseException | None) -> str:
    """What did not answer where an error is that, or came of it; else empty."""
    while problem is not None:
        if isinstance(problem, StoreAway):
            return STORE
        if isinstance(problem, OperationalError | InterfaceError):
            return DATABASE
        problem = problem.__cause__ or problem.__context__
    return ""


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 503 where something is away, else 500; in the form that was asked for.

    Nothing here may ask the database, nor the session that lies in it.
    """
    problem = sys.exception()
    what = away(problem)
    if not what:
        return unexpected(request)
    logger.warning("the %s is away: %s", what, str(problem).partition("\n")[0])
    answer = _answer(request, what)
    answer["Retry-After"] = str(RETRY_SECONDS)
    answer["Cache-Control"] = "no-store"
    return answer


def _answer(request: HttpRequest, what: str) -> HttpResponse:
    if _wants_json(request):
        return JsonResponse({"detail": _detail(what)}, status=503)
    comes_back = RETRY_SECONDS if request.method in {"GET", "HEAD"} else None
    # Without the request: what every other page is given would ask the database.
    context = {"comes_back": comes_back, "is_store_away": what == STORE}
    return HttpResponse(render_to_string("503.html", context), status=503)


def _detail(what: str) -> str:
    if what == STORE:
        return _(
            "The site cannot reach its store of radiographs at the moment. What you "
            "sent may not have been stored: send it again, unchanged, in a few seconds."
        )
    return _(
        "The site cannot reach its database at the moment. What you sent may not have "
        "been stored: send it again, unchanged, in a few seconds."
    )


def _wants_json(request: HttpRequest) -> bool:
    accepted = request.headers.get("Accept", "")
    return request.path.startswith("/api/") or "application/json" in accepted
