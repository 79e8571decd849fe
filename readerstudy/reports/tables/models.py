"""A table of reports on its way in: the file, how it is read, what came of it."""

import secrets
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from readerstudy.cases.dialects import Dialect
from readerstudy.cases.models import Collection
from readerstudy.work.models import Work, WorkQuerySet

KEPT = timedelta(days=7)
# Above so many rows a worker stores them; below, they are there before the page is.
AT_ONCE = 5_000


def _expiry() -> Any:
    return timezone.now() + KEPT


class TableImportQuerySet(WorkQuerySet["TableImport"]):
    def in_preparation(self) -> "TableImportQuerySet":
        """What was uploaded and neither stored nor dropped; failures can be mended."""
        return self.exclude(status=TableImport.Status.DONE)

    def expired(self) -> "TableImportQuerySet":
        """What nobody came back to."""
        forgotten = (TableImport.Status.HELD, TableImport.Status.FAILED)
        return self.filter(status__in=forgotten, expires_at__lt=timezone.now())

    def stored(self) -> "TableImportQuerySet":
        """What came in, the newest first."""
        return self.filter(status=TableImport.Status.DONE).order_by("-pk")


class TableImport(Work):
    """One uploaded table. It is held back until somebody has looked and confirmed.

    mapping   which column is what, by number, with the titles; see mapping.py
    source    the name under which its reports come; empty where it has none
    making    what is known of whoever or whatever wrote them
    checked   counts of the check that was on the page when it was confirmed
    stored    counts of what came in
    leave_out the bad rows were left out on purpose
    """

    bell = "reports.store_table"
    is_awaited = True

    token = models.CharField(
        max_length=32, unique=True, default=partial(secrets.token_hex, 16)
    )
    collection = models.ForeignKey(Collection, on_delete=models.PROTECT)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    expires_at = models.DateTimeField(default=_expiry)
    encoding = models.CharField(max_length=16)
    delimiter = models.CharField(max_length=1)
    has_header = models.BooleanField(default=True)
    mapping = models.JSONField(default=dict)
    source = models.CharField(max_length=80, blank=True)
    making = models.JSONField(default=dict)
    checked = models.JSONField(default=dict)
    leave_out = models.BooleanField(default=False)
    stored = models.JSONField(default=dict)

    objects = TableImportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="table_done_says_what_came",
                condition=~Q(status="done") | ~Q(stored={}),
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} for {self.collection}"

    @property
    def dialect(self) -> Dialect:
        """How the file is read."""
        return Dialect(self.encoding, self.delimiter, self.has_header)

    @property
    def is_held(self) -> bool:
        """Whether it is still being looked at; a failure is looked at again."""
        return self.status in {self.Status.HELD, self.Status.FAILED}

    @property
    def is_done(self) -> bool:
        return self.status == self.Status.DONE

    @property
    def is_unfinished(self) -> bool:
        return self.status in self.UNFINISHED
