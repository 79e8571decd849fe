"""The private address at which a calendar fetches a person's sessions."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class CalendarFeed(models.Model):
    """One address per person; only its key's hash is stored.

    The key has 256 random bits, so one round of SHA-256 cannot be turned back.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    key_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)

    # No column: known to whoever has just made the address, and to nobody later.
    key = ""

    def __str__(self) -> str:
        return f"calendar of {self.user}"
