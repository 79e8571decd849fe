"""Audits of the blinding, and the coordinators' acceptances of their number."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from readerstudy.studies.models import Study
from readerstudy.work.models import Work, WorkQuerySet


class BlindingAuditQuerySet(WorkQuerySet["BlindingAudit"]):
    def done(self, study: Study) -> "BlindingAuditQuerySet":
        """The audits of a study that have a result, newest first."""
        found = self.filter(study=study, status=Work.Status.DONE)
        return found.select_related("requested_by").order_by("-id")


class BlindingAudit(Work):
    """How well texts tell the arms of a study under one layout; done, never altered.

    digest  of the texts, the cases, the arms and the layout that were read
    result  what the statistical reader found (reading/audit.py)
    """

    bell = "presentation.audit_blinding"
    is_awaited = True

    study = models.ForeignKey(Study, on_delete=models.PROTECT)
    layout_profile = models.CharField(max_length=20)
    redaction = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, blank=True)
    result = models.JSONField(null=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    objects = BlindingAuditQuerySet.as_manager()

    class Meta:
        constraints = [
            # Whoever asks meanwhile waits for the same one.
            models.UniqueConstraint(
                fields=["study", "layout_profile", "redaction"],
                condition=Q(status__in=["queued", "running"]),
                name="blinding_audit_one_unfinished",
            ),
            models.CheckConstraint(
                name="blinding_audit_done_has_result",
                condition=(Q(status="done", result__isnull=False) & ~Q(digest=""))
                | (~Q(status="done") & Q(result__isnull=True, digest="")),
            ),
        ]

    def __str__(self) -> str:
        return f"blinding audit {self.pk} of {self.study}: {self.status}"

    @property
    def found(self) -> dict[str, Any]:
        """The result; empty before it is there."""
        return self.result or {}

    @property
    def is_unfinished(self) -> bool:
        return self.status in self.UNFINISHED


class BlindingAcceptance(models.Model):
    """A coordinator's own words on the number of an audit. Never altered or deleted."""

    audit = models.ForeignKey(BlindingAudit, on_delete=models.PROTECT)
    digest = models.CharField(max_length=64)
    auc = models.FloatField(null=True)
    text = models.TextField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="blinding_acceptance_in_words", condition=~Q(text="")
            )
        ]

    def __str__(self) -> str:
        return f"acceptance of {self.audit}"
