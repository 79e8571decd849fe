"""Invitations into a study, and withdrawals from it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def in_force(self) -> "InvitationQuerySet":
        """What can still be accepted."""
        now = timezone.now()
        return self.filter(used_at=None, revoked_at=None, expires_at__gt=now)


class Invitation(models.Model):
    """A link by which one person joins a study, once; only its key's hash is stored.

    The key has 256 random bits, so one round of SHA-256 cannot be turned back.
    """

    study = models.ForeignKey("studies.Study", on_delete=models.PROTECT)
    role = models.CharField(max_length=12)
    name = models.CharField(max_length=150)
    email = models.EmailField(blank=True)
    key_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=500, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    revoked_at = models.DateTimeField(null=True, blank=True)
    refusals = models.PositiveSmallIntegerField(default=0, editable=False)

    # No column: known to whoever has just made the invitation, and to nobody later.
    key = ""

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="invitation_role_known",
                condition=Q(role__in=["reader", "analyst"]),
            ),
            models.CheckConstraint(
                name="invitation_used_by_somebody",
                condition=Q(used_at=None, used_by=None)
                | Q(used_at__isnull=False, used_by__isnull=False, revoked_at=None),
            ),
            models.CheckConstraint(
                name="invitation_expires_after_it_is_made",
                condition=Q(expires_at__gt=F("created_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"invitation of {self.name} to {self.study}"

    @property
    def standing(self) -> str:
        """In a word or two: what has become of it."""
        if self.used_at:
            return "accepted"
        if self.revoked_at:
            return "withdrawn"
        return "expired" if self.expires_at <= timezone.now() else "open"

    @property
    def is_in_force(self) -> bool:
        return self.standing == "open"


class Withdrawal(models.Model):
    """A reader who left a study: why, and what becomes of the reads. Never altered."""

    class Rule(models.TextChoices):
        EXCLUDED = "excluded", _("All reads are excluded from the analysis")
        KEPT = "kept", _("Reads until the withdrawal are kept")

    reader = models.OneToOneField("studies.Membership", on_delete=models.PROTECT)
    rule = models.CharField(max_length=8, choices=Rule, default=Rule.EXCLUDED)
    reason = models.TextField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="withdrawal_for_a_reason", condition=~Q(reason="")
            ),
            models.CheckConstraint(
                name="withdrawal_rule_known", condition=Q(rule__in=["excluded", "kept"])
            ),
        ]

    def __str__(self) -> str:
        return f"withdrawal of {self.reader}"
