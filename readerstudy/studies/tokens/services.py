"""Making and revoking the tokens by which scripts read and grade."""

import secrets
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from readerstudy.accounts.authentication import sha256_of_key
from readerstudy.accounts.models import ApiToken, User
from readerstudy.audit.services import record
from readerstudy.studies.account.second_factor import owes_second_factor

DEFAULT_DAYS = 90
MAXIMUM_DAYS = 365
# Scanners for leaked secrets, and people, see by this whose key it is.
_MARK = "rs_"
_KEY_BYTES = 32
# Enough to tell tokens apart; what is left keeps more than 220 random bits.
_SHOWN_CHARACTERS = 8


@transaction.atomic
def create(
    *,
    user: User,
    actor: User | None,
    name: str,
    scope: str,
    days: int = DEFAULT_DAYS,
) -> ApiToken:
    """Make a token; its `key` is known to the returned object alone.

    `actor` is None where a command on the server makes it. Raises ValidationError for
    a name that is missing or taken, for a closed account, for one that still lacks its
    second factor, for an unknown scope and for days beyond a year.
    """
    # Two requests of one person wait for each other, so that a name is there once.
    owner = User.objects.select_for_update().get(pk=user.pk)
    if not owner.is_active:
        raise ValidationError(_("This account is closed, so a token opens nothing."))
    if owes_second_factor(owner):
        raise ValidationError(
            _("This account needs a second factor before it can have a token.")
        )
    if not 1 <= days <= MAXIMUM_DAYS:
        raise ValidationError(
            {"days": _("A token is good for 1 to %d days.") % MAXIMUM_DAYS}
        )
    key = _MARK + secrets.token_urlsafe(_KEY_BYTES)
    now = timezone.now()
    token = ApiToken(
        user=owner,
        name=name.strip(),
        scope=scope,
        key_sha256=sha256_of_key(key),
        first_characters=key[:_SHOWN_CHARACTERS],
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    token.full_clean()
    token.save()
    _record("token.created", token, actor)
    token.key = key
    return token


@transaction.atomic
def revoke(*, token: ApiToken, actor: User | None) -> ApiToken:
    """End a token at once and for good; raises ValidationError if it was before."""
    current = ApiToken.objects.select_for_update().get(pk=token.pk)
    if current.revoked_at:
        raise ValidationError(_("This token was revoked already."))
    current.revoked_at = timezone.now()
    current.save(update_fields=["revoked_at"])
    _record("token.revoked", current, actor)
    return current


def _record(verb: str, token: ApiToken, actor: User | None) -> None:
    record(
        actor=actor,
        verb=verb,
        subject=str(token),
        detail={
            "user": token.user.number,
            "expires_at": token.expires_at.isoformat(),
            "scope": token.scope,
        },
    )
