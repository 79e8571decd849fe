"""In which language a page speaks: English, or Korean where readers come.

A reader chooses it, else the browser asks for one. It is asked for by cookie and by
Accept-Language alone, so that nothing of a study, and no arm, can have a part in it.
What coordinators and analysts see, and with it every table, protocol and document that
is made of a study, is English whoever asks.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import ResolverMatch
from django.utils import translation
from django.utils.cache import patch_vary_headers

from readerstudy.languages import ENGLISH

# Addresses that readers and strangers reach and that say something, by namespace. An
# address without one is a library's, of the sign-in, or the home page.
_SPACES: dict[str, set[str] | None] = {
    "": None,
    "account": None,
    "accounts": None,
    "people": {"accept"},
    "calendar": None,
    "presentation": {"window"},
    "api": {"open", "draft", "grade", "undo"},
    "grading": {
        *("start", "next", "begin", "consent", "display", "display_go_on"),
        *("practice", "practice_case", "guess", "open_guess", "graded", "read"),
        *("following", "amend"),
    },
}
# What machines ask for, and what is written for those who program them.
_WORDLESS = {"schema", "api_docs", "healthz", "readyz", "language"}


def speaks_both(match: ResolverMatch | None) -> bool:
    """Whether an address speaks the reader's language; one that is not there does."""
    return match is None or is_readers(match.namespace, match.url_name or "")


def is_readers(space: str, name: str) -> bool:
    """Whether an address, by namespace and name, is one that readers reach."""
    if space not in _SPACES or name in _WORDLESS:
        return False
    names = _SPACES[space]
    return names is None or name in names


class ReadersLanguage:
    """Let a request speak the language that was chosen, or English.

    What depends on it says so to whoever keeps answers (Vary).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = translation.get_language_from_request(request)
        with translation.override(chosen):
            request.LANGUAGE_CODE = chosen
            response = self.get_response(request)
        is_page = "text/html" in response.get("Content-Type", "")
        if speaks_both(request.resolver_match) or (is_page and _is_refusal(response)):
            response.setdefault("Content-Language", chosen)
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponseBase],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> None:
        if not speaks_both(request.resolver_match):
            translation.activate(ENGLISH)

    def process_exception(self, request: HttpRequest, problem: Exception) -> None:
        """The page that says what went wrong may be a reader's, whatever was asked."""
        translation.activate(request.LANGUAGE_CODE)


def _is_refusal(response: HttpResponse) -> bool:
    return response.status_code >= 400
