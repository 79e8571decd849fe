"""The export: what was handed out, to whom, with its hash; and what is being built."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from readerstudy.studies.models import Study
from readerstudy.work.models import Work, WorkQuerySet


class ExportBundle(models.Model):
    """A record of one exported bundle.

    file    name of the ZIP in the media folder; empty where none was kept: a command
            wrote a folder, or it is older than the keeping
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True
    )
    made_at = models.DateTimeField(auto_now_add=True)
    manifest_sha256 = models.CharField(max_length=64)
    file = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(null=True)

    def __str__(self) -> str:
        return f"export of {self.study}"


class BundleOrderQuerySet(WorkQuerySet["BundleOrder"]):
    def latest_of(self, study: Study) -> "BundleOrder | None":
        """The last bundle that was ordered; one query."""
        return self.filter(study=study).select_related("asked_by").last()


class BundleOrder(Work):
    """A bundle too large to be built while somebody waits; a worker builds it.

    step      number of the step in hand, from 1; 0 before the first
    bundle    the record of what came of it
    """

    bell = "export.build"
    is_awaited = True

    study = models.ForeignKey(Study, on_delete=models.PROTECT)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    checklists = models.JSONField(default=list, blank=True)
    step = models.PositiveSmallIntegerField(default=0)
    steps = models.PositiveSmallIntegerField(default=0)
    doing = models.CharField(max_length=100, blank=True)
    bundle = models.OneToOneField(ExportBundle, on_delete=models.PROTECT, null=True)

    objects = BundleOrderQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["study"],
                condition=Q(status__in=["queued", "running"]),
                name="bundle_order_one_unfinished",
            ),
            models.CheckConstraint(
                name="bundle_order_done_has_bundle",
                condition=Q(status="done", bundle__isnull=False)
                | (~Q(status="done") & Q(bundle=None)),
            ),
        ]
        indexes = [
            # The sweep and the claim look only at unfinished orders.
            models.Index(
                fields=["status", "lease_until"],
                condition=Q(status__in=["queued", "running"]),
                name="bundle_order_unfinished",
            )
        ]

    def __str__(self) -> str:
        return f"bundle of {self.study}: {self.status}"

    @property
    def is_unfinished(self) -> bool:
        return self.status in self.UNFINISHED
