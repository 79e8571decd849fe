"""Second factors put under the signing key of now, so that an earlier one may go."""

from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.db import transaction

from readerstudy.accounts.models import User
from readerstudy.accounts.sealed import resealed
from readerstudy.audit.services import record

# What of an authenticator is encrypted; the last is a list.
_SINGLE = ("secret", "seed")
_LISTED = "migrated_codes"


@transaction.atomic
def reseal(*, actor: User | None) -> tuple[int, list[int]]:
    """Encrypt every second factor anew under SECRET_KEY.

    Returns how many there were, and the numbers of the people whose factors no key of
    the settings opens; those are left as they are.
    """
    done, shut = 0, []
    sealed = Authenticator.objects.select_for_update().exclude(type="webauthn")
    for each in sealed.order_by("pk"):
        try:
            each.data = _anew(each.data)
        except InvalidToken:
            shut.append(each.user_id)
            continue
        each.save(update_fields=["data"])
        done += 1
    detail = {"resealed": done, "left": len(shut)}
    record(actor=actor, verb="site.keys_rotated", detail=detail)
    return done, shut


def _anew(data: dict[str, Any]) -> dict[str, Any]:
    changed: dict[str, Any] = {
        name: resealed(data[name]) for name in _SINGLE if name in data
    }
    if _LISTED in data:
        changed[_LISTED] = [resealed(code) for code in data[_LISTED]]
    return data | changed
