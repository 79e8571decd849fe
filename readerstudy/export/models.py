"""The export: what was handed out, to whom, with its hash; what is being built; and
packed studies on their way in."""

import secrets
from functools import partial
from typing import Any

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


class ArrivalQuerySet(WorkQuerySet["Arrival"]):
    def of_person(self, person: Any) -> "ArrivalQuerySet":
        """What a person has uploaded and neither taken in nor dropped, newest first."""
        return self.filter(asked_by=person).exclude(status="done").order_by("-id")


class Arrival(Work):
    """A packed study on its way in: a worker looks at it, and stores it once confirmed.

    Held back between the two. The ZIP lies in the store under the token, until the
    study is there or the row is dropped.

    code         what the study is to be called here; empty for its own code
    seen         what the worker found (moving/arriving.py); empty before
    is_sure      whether somebody has seen that, and wants the study
    done, steps  radiographs stored, and how many there are
    study        what came of it
    """

    bell = "export.take_in"
    is_awaited = True

    token = models.CharField(
        max_length=32, unique=True, default=partial(secrets.token_hex, 16)
    )
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    code = models.CharField(max_length=40, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    seen = models.JSONField(default=dict, blank=True)
    is_sure = models.BooleanField(default=False)
    done = models.PositiveIntegerField(default=0)
    steps = models.PositiveIntegerField(default=0)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, null=True)

    objects = ArrivalQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="arrival_done_has_study",
                condition=Q(status="done", study__isnull=False, is_sure=True)
                | (~Q(status="done") & Q(study=None)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["status", "lease_until"],
                condition=Q(status__in=["queued", "running"]),
                name="arrival_unfinished",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.status}"

    @property
    def is_unfinished(self) -> bool:
        return self.status in self.UNFINISHED
