"""What is encrypted put under the signing key of now, so that an earlier one may go:
second factors, and the secrets that sign what webhooks send.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.db import transaction

from readerstudy.accounts.models import User
from readerstudy.accounts.sealed import resealed
from readerstudy.audit.services import record
from readerstudy.studies.webhooks.models import Webhook

# What of an authenticator is encrypted; the last is a list.
_SINGLE = ("secret", "seed")
_LISTED = "migrated_codes"


@dataclass(frozen=True)
class Resealed:
    """How many were encrypted anew, and what no key of the settings opens.

    people    user names of those whose second factors are left as they are
    webhooks  names of the receivers of webhooks whose secrets are
    """

    done: int
    people: list[str]
    webhooks: list[str]


@transaction.atomic
def reseal(*, actor: User | None) -> Resealed:
    """Encrypt every second factor and every webhook's secret under SECRET_KEY."""
    factors = Authenticator.objects.select_for_update().exclude(type="webauthn")
    done, people = _resealed(
        factors.order_by("pk"), _factor, lambda row: row.user.username
    )
    standing = Webhook.objects.select_for_update().filter(removed_at=None)
    more, webhooks = _resealed(
        standing.order_by("pk"), _secret, lambda row: row.receiver
    )
    found = Resealed(done + more, people, webhooks)
    detail = {"resealed": found.done, "left": len(people) + len(webhooks)}
    record(actor=actor, verb="site.keys_rotated", detail=detail)
    return found


def left_shut() -> int:
    """How many second factors and webhooks' secrets no key opens; changes nothing."""
    factors = Authenticator.objects.exclude(type="webauthn")
    standing = Webhook.objects.filter(removed_at=None)
    looks: list[tuple[Callable[[Any], Any], Any]] = [
        *((_anew, factor.data) for factor in factors),
        *((resealed, webhook.secret_sealed) for webhook in standing),
    ]
    return sum(map(_is_shut, looks))


def _is_shut(look: tuple[Callable[[Any], Any], Any]) -> bool:
    opens, stored = look
    try:
        opens(stored)
    except InvalidToken:
        return True
    return False


def _resealed(
    rows: Iterable[Any], anew: Callable[[Any], str], name: Callable[[Any], Any]
) -> tuple[int, list[Any]]:
    """How many rows could be encrypted anew, and the names of those that could not."""
    done, shut = 0, []
    for row in rows:
        try:
            column = anew(row)
        except InvalidToken:
            shut.append(name(row))
            continue
        row.save(update_fields=[column])
        done += 1
    return done, shut


def _secret(webhook: Webhook) -> str:
    webhook.secret_sealed = resealed(webhook.secret_sealed)
    return "secret_sealed"


def _factor(factor: Authenticator) -> str:
    factor.data = _anew(factor.data)
    return "data"


def _anew(data: dict[str, Any]) -> dict[str, Any]:
    changed: dict[str, Any] = {
        name: resealed(data[name]) for name in _SINGLE if name in data
    }
    if _LISTED in data:
        changed[_LISTED] = [resealed(code) for code in data[_LISTED]]
    return data | changed
