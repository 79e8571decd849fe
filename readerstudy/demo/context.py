"""What the pages of a demonstration site show besides: who may sign in."""

from typing import Any

from django.http import HttpRequest

from readerstudy.demo.people import PASSWORD, SIGN_INS


def sign_ins(request: HttpRequest) -> dict[str, Any]:
    """List the demonstration's accounts for the sign-in page."""
    return {
        "demonstration_sign_ins": [
            {"role": role, "username": username, "password": PASSWORD}
            for role, username, _ in SIGN_INS
        ]
    }
