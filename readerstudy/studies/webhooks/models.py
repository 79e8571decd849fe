"""A webhook of a study, and each thing that it has to tell."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from readerstudy.audit.models import Stream
from readerstudy.work.models import Work, WorkQuerySet


def opaque_id() -> str:
    """A name for a delivery that says nothing of what it tells."""
    return f"msg_{secrets.token_urlsafe(16)}"


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def in_force(self) -> "WebhookQuerySet":
        """Neither switched off nor removed."""
        return self.filter(off_at=None, removed_at=None)

    def with_news(self) -> "WebhookQuerySet":
        """Those in force whose study's chain is longer than they have looked."""
        longer = Stream.objects.filter(
            name=OuterRef("study__code"), length__gt=OuterRef("told_until")
        )
        return self.in_force().filter(Exists(longer))

    def listed_for(self, study: models.Model) -> "WebhookQuerySet":
        """Those of a study that were not removed, oldest first."""
        return self.filter(study=study.pk, removed_at=None).order_by("id")


class Webhook(models.Model):
    """Who is told of which kinds of events of one study.

    receiver       a name in WEBHOOK_RECEIVERS
    secret_sealed  the signing secret, encrypted: it is needed again at every call
    told_until     sequence of the last event of the study's chain that was looked at
    failures       deliveries that failed for good since the last that arrived
    off_because    why it was switched off, in a sentence
    """

    study = models.ForeignKey("studies.Study", on_delete=models.PROTECT)
    receiver = models.CharField(max_length=40)
    kinds = models.JSONField()
    secret_sealed = models.TextField(editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    told_until = models.PositiveBigIntegerField()
    failures = models.PositiveSmallIntegerField(default=0)
    off_at = models.DateTimeField(null=True, blank=True)
    off_because = models.CharField(max_length=300, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    # No column: known to whoever has just made the webhook, and to nobody later.
    secret = ""

    objects = WebhookQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "receiver"],
                condition=Q(removed_at=None),
                name="webhook_receiver_once",
            ),
            models.CheckConstraint(
                name="webhook_off_for_a_reason",
                condition=Q(off_at=None, off_because="")
                | (Q(off_at__isnull=False) & ~Q(off_because="")),
            ),
        ]

    def __str__(self) -> str:
        return f"webhook of {self.study} to {self.receiver}"

    @property
    def is_in_force(self) -> bool:
        return self.off_at is None and self.removed_at is None


class WebhookDeliveryQuerySet(WorkQuerySet["WebhookDelivery"]):
    def due(self) -> "WebhookDeliveryQuerySet":
        """What waited long enough for its next attempt."""
        return self.held().filter(due_at__lte=Now())

    def newest(self, webhook: Webhook) -> "WebhookDeliveryQuerySet":
        """What a webhook told or has to tell, newest first."""
        return self.filter(webhook=webhook).order_by("-id")


class WebhookDelivery(Work):
    """One event on its way to one receiver. Held back between two attempts.

    public_id    the same at every attempt, so that a receiver knows what came twice
    sequence     of the event in the study's chain; None for a test
    due_at       when a delivery that is held back is tried again
    answered     status of HTTP at the last attempt; None where no answer came
    milliseconds of the last attempt
    """

    bell = "studies.deliver"

    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT)
    public_id = models.CharField(max_length=40, unique=True, default=opaque_id)
    sequence = models.PositiveBigIntegerField(null=True)
    kind = models.CharField(max_length=64)
    at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    answered = models.PositiveSmallIntegerField(null=True)
    milliseconds = models.PositiveIntegerField(null=True)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["webhook", "sequence"], name="webhook_tells_once"
            ),
            models.CheckConstraint(
                name="webhook_delivery_held_until_due",
                condition=Q(status="held", due_at__isnull=False)
                | (~Q(status="held") & Q(due_at=None)),
            ),
        ]
        indexes = [
            # The sweep, the claim and the chore look only at what is not over.
            models.Index(
                fields=["status", "due_at"],
                condition=Q(status__in=["queued", "running", "held"]),
                name="webhook_delivery_unfinished",
            ),
            # The page of work looks only at these.
            models.Index(
                fields=["status", "id"],
                condition=Q(status__in=["held", "failed"]),
                name="webhook_delivery_left_over",
            ),
            models.Index(F("webhook"), F("id").desc(), name="webhook_delivery_log"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.webhook.receiver}"

    @property
    def is_test(self) -> bool:
        return self.sequence is None

    @property
    def is_over(self) -> bool:
        return self.status in {self.Status.DONE, self.Status.FAILED}
