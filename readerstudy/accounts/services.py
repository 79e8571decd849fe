"""Writes on people: accounts are made by whoever runs the site."""

import secrets
from datetime import timedelta

from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.utils import timezone

from readerstudy.accounts.models import ApiToken, User

# 72 random bits: more than any guessing reaches, short enough to type once.
_PASSWORD_BYTES = 9
# A script that asks a hundred times a minute writes once.
_NOTED_EVERY = timedelta(minutes=1)


@transaction.atomic
def add_person(
    *, username: str, name: str, may_create_studies: bool, password: str = ""
) -> tuple[User, str]:
    """Make an account and return it with its password, a random one unless given.

    Raises ValidationError for a user name that is taken or unfit and for a password
    that is too weak.
    """
    first, _, last = name.strip().partition(" ")
    user = User(
        username=username.strip(),
        first_name=first,
        last_name=last,
        may_create_studies=may_create_studies,
    )
    user.full_clean(exclude=["password"])
    if password:
        validate_password(password, user)
    chosen = password or made_up_password()
    user.set_password(chosen)
    user.save()
    return user, chosen


def made_up_password() -> str:
    """A password that nobody guesses, for whoever is told it."""
    return secrets.token_urlsafe(_PASSWORD_BYTES)


def note_use(*, token: ApiToken) -> None:
    """Keep when a token was last used, to the minute; it leaves no event."""
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at <= now - _NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
