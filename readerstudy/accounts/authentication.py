"""Who asks the API: the person whose token stands in the header of the request."""

import hashlib
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed

from readerstudy.accounts.models import ApiToken, User
from readerstudy.accounts.services import note_use


def sha256_of_key(key: str) -> str:
    """What is stored of a key, and by what it is found again."""
    return hashlib.sha256(key.encode()).hexdigest()


class TokenAuthentication(authentication.TokenAuthentication):
    """`Authorization: Token KEY`; anything but a token in force is answered by 401.

    The row is looked up by the hash of the key: how long that takes tells nothing of
    any key that is stored.
    """

    model = ApiToken

    def authenticate_credentials(self, key: str) -> tuple[User, ApiToken]:
        """Return the person and the token; raises AuthenticationFailed."""
        token = (
            ApiToken.objects.select_related("user")
            .filter(key_sha256=sha256_of_key(key))
            .first()
        )
        if token is None:
            raise AuthenticationFailed("There is no such token. Make one on the site.")
        if token.revoked_at:
            raise AuthenticationFailed("This token was revoked. Make another one.")
        if token.is_expired():
            raise AuthenticationFailed("This token has expired. Make another one.")
        if not token.user.is_active:
            raise AuthenticationFailed(
                "The account of this token is closed. Ask the person who runs the site."
            )
        note_use(token=token)
        return token.user, token


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document names it."""

    target_class = "readerstudy.accounts.authentication.TokenAuthentication"
    name = "tokenAuth"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": (
                "`Token KEY`, with a key made on the page of API tokens. Each token "
                "has a scope: `results` opens results and tables, `reading` the "
                "radiographs, drafts and grades of one's own list, `all` both. What is "
                "out of scope is answered by 403."
            ),
        }
