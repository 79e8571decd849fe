"""People who sign in. What they may do in a study is a Membership, not a flag here."""

from datetime import datetime

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A person with an account on this site."""

    may_create_studies = models.BooleanField(
        default=False,
        help_text="Coordinators: may import cases and set up studies of their own.",
    )

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    @property
    def number(self) -> str:
        """What the record calls a person: it stays, whatever becomes of the name."""
        return f"person {self.pk}"


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def listed_for(self, user: User) -> "ApiTokenQuerySet":
        """A person's tokens that were not revoked, expired ones too; newest first."""
        return self.filter(user=user, revoked_at=None).order_by("-created_at", "-pk")


class ApiToken(models.Model):
    """A key by which a person's scripts may use the API; only its hash is stored.

    The key has 256 random bits, so one round of SHA-256 cannot be turned back.
    """

    class Scope(models.TextChoices):
        """What a script may do in its person's name."""

        RESULTS = "results", _("Read results and tables")
        READING = "reading", _("Read and grade")
        ALL = "all", _("Read results and tables, read and grade")

    user = models.ForeignKey(User, on_delete=models.CASCADE)
    name = models.CharField(max_length=80)
    scope = models.CharField(max_length=8, choices=Scope)
    key_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    first_characters = models.CharField(max_length=8, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    # No column: known to whoever has just made the token, and to nobody later.
    key = ""

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        constraints = [
            # A form that is sent twice makes one token.
            models.UniqueConstraint(
                fields=["user", "name"],
                condition=Q(revoked_at=None),
                name="token_once_per_name",
                violation_error_message=(
                    "There is a token of this name already. Revoke it first or choose "
                    "another name."
                ),
            ),
            models.CheckConstraint(
                name="token_scope_known",
                condition=Q(scope__in=["results", "reading", "all"]),
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")),
                name="token_expires_after_it_is_made",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.first_characters}...)"

    def is_expired(self, now: datetime | None = None) -> bool:
        """Whether it opens nothing any more because its time is over."""
        return self.expires_at <= (now or timezone.now())
