"""Writes on people: accounts are made by whoever runs the site."""

import secrets

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from readerstudy.accounts.models import User

# 72 random bits: more than any guessing reaches, short enough to type once.
_PASSWORD_BYTES = 9


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
    chosen = password or secrets.token_urlsafe(_PASSWORD_BYTES)
    user.set_password(chosen)
    user.save()
    return user, chosen
