"""People who sign in. What they may do in a study is a Membership, not a flag here."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A person with an account on this site."""

    may_create_studies = models.BooleanField(
        default=False,
        help_text="Coordinators: may import cases and set up studies of their own.",
    )

    def __str__(self) -> str:
        return self.get_full_name() or self.username
