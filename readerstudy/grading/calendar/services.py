"""Making and revoking the address of a person's calendar."""

import secrets

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from readerstudy.accounts.authentication import sha256_of_key
from readerstudy.accounts.models import User
from readerstudy.audit.services import record
from readerstudy.grading.models import CalendarFeed

_KEY_BYTES = 32


@transaction.atomic
def make(*, user: User) -> CalendarFeed:
    """Make an address; one from before opens nothing any more.

    Its `key` is known to the returned object alone.
    """
    # Two requests of one person wait for each other.
    owner = User.objects.select_for_update().get(pk=user.pk)
    CalendarFeed.objects.filter(user=owner).delete()
    key = secrets.token_urlsafe(_KEY_BYTES)
    made = CalendarFeed.objects.create(user=owner, key_sha256=sha256_of_key(key))
    record(actor=owner, verb="calendar.address_made", subject=owner.number)
    made.key = key
    return made


@transaction.atomic
def revoke(*, user: User) -> None:
    """End the address; raises ValidationError where there is none."""
    owner = User.objects.select_for_update().get(pk=user.pk)
    if not CalendarFeed.objects.filter(user=owner).delete()[0]:
        raise ValidationError(_("Your calendar has no address."))
    record(actor=owner, verb="calendar.address_revoked", subject=owner.number)


def found(key: str) -> User | None:
    """Whose calendar a key opens; None for any other, and for a closed account.

    It is looked up by the key's hash: how long that takes tells nothing of any key.
    """
    feed = CalendarFeed.objects.select_related("user").filter(
        key_sha256=sha256_of_key(key), user__is_active=True
    )
    first = feed.first()
    return first.user if first else None
