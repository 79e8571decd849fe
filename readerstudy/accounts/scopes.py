"""How far a token reaches: each operation of the API names the scope that it needs."""

from collections.abc import Callable
from typing import Any, TypeVar

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from readerstudy.accounts.models import ApiToken

# Open to every token: it tells no more than what the person's own pages are called.
ANY = "any"
Scope = ApiToken.Scope
View = TypeVar("View", bound=Callable[..., Any])


def needs(scope: str) -> Callable[[View], View]:
    """Say of a view of the API which scope opens it; outermost of its decorators."""

    def marked(view: View) -> View:
        view.cls.token_scope = scope  # type: ignore[attr-defined]
        return view

    return marked


class TokenReaches(BasePermission):
    """Whether the scope of a token opens the operation; a session is not narrowed.

    A view that names no scope opens to no token.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        token = request.auth
        if not isinstance(token, ApiToken):
            return True
        needed = getattr(view, "token_scope", "")
        self.message = (
            f"This token is good for: {token.get_scope_display().lower()}. Make "
            "another one for this."
        )
        reaches = token.scope in {needed, Scope.ALL}
        return needed == ANY or (bool(needed) and reaches)
