"""Labels: what a report, a reader or a model says of fourteen findings, case by case.

A label set is made once, by the labeler of this site, from a table or from a model's
answers, and never altered. Metrics of whole reports that were measured elsewhere stand
beside it.
"""

import secrets
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from readerstudy.cases.models import Case, Collection
from readerstudy.work.models import Work, WorkQuerySet

KEPT = timedelta(days=7)


def _expiry() -> Any:
    return timezone.now() + KEPT


class LabelSetQuerySet(models.QuerySet["LabelSet"]):
    def of_collection(self, collection: Collection) -> "LabelSetQuerySet":
        """The label sets of a collection with their sources, the newest first."""
        found = self.filter(collection=collection).select_related("source", "made_by")
        return found.order_by("-id")


class LabelSet(models.Model):
    """Fourteen findings of each of many cases, by one labeler. Never altered.

    source        whose reports they are labels of; None for radiographs and readers
    labeler       the program, model or person that labelled, with its version
    making        what the labeler was told, or what is known of a model's making
    texts_sha256  of the texts that were labelled, all together; empty where no texts
                  were there
    labelled      how many cases it holds; `unread` of them have an answer that is no
                  set of labels
    """

    class Subject(models.TextChoices):
        REPORTS = "reports", "Reports of a source"
        IMAGES = "images", "The radiographs"
        READER = "reader", "A human reader"

    class Origin(models.TextChoices):
        COMPUTED = "computed", "Labelled on this site"
        IMPORTED = "imported", "From a table"
        ANSWERS = "answers", "Answers to the label prompt"

    collection = models.ForeignKey(Collection, on_delete=models.PROTECT)
    name = models.CharField(max_length=120)
    subject = models.CharField(max_length=8, choices=Subject)
    origin = models.CharField(max_length=8, choices=Origin)
    source = models.ForeignKey("reports.Source", on_delete=models.PROTECT, null=True)
    labeler = models.CharField(max_length=120)
    version = models.CharField(max_length=120, blank=True)
    making = models.JSONField(default=dict)
    texts_sha256 = models.CharField(max_length=64, blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    file_sha256 = models.CharField(max_length=64, blank=True)
    labelled = models.PositiveIntegerField()
    unread = models.PositiveIntegerField(default=0)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    made_at = models.DateTimeField(auto_now_add=True)

    objects = LabelSetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["collection", "name"], name="label_set_name_once"
            ),
            models.CheckConstraint(
                name="label_set_of_reports_has_source",
                condition=Q(subject="reports", source__isnull=False)
                | (~Q(subject="reports") & Q(source=None)),
            ),
            models.CheckConstraint(
                name="label_set_is_named", condition=~Q(name="") & ~Q(labeler="")
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def about(self) -> str:
        """What it labels, in words; a query unless fetched with the source."""
        if self.source:
            return f"reports of {self.source.name}"
        return str(self.get_subject_display())

    @property
    def by(self) -> str:
        """Who labelled, with the version."""
        return f"{self.labeler} {self.version}".strip()


class CaseLabelsQuerySet(models.QuerySet["CaseLabels"]):
    def saying(self, finding: str, value: int | None) -> "CaseLabelsQuerySet":
        """The cases with this value of a finding; None: not mentioned."""
        if value is None:
            return self.exclude(values__has_key=finding)
        return self.filter(**{f"values__{finding}": value})


class CaseLabels(models.Model):
    """What a label set says of one case. Never altered.

    values       1 present, 0 absent, -1 uncertain, by finding; what is not mentioned
                 is not there
    evidence     the words behind them: finding, polarity, quote, start, end and rule;
                 empty unless they were labelled here
    report       the report whose text stood there, where reports were labelled
    text_sha256  of the text that was labelled
    answer       what a model said, word for word
    problem      why that is no set of labels; empty where it is one
    """

    label_set = models.ForeignKey(
        LabelSet, on_delete=models.PROTECT, related_name="cases"
    )
    case = models.ForeignKey(Case, on_delete=models.PROTECT)
    values = models.JSONField(default=dict)
    evidence = models.JSONField(default=list)
    report = models.ForeignKey("reports.Report", on_delete=models.PROTECT, null=True)
    text_sha256 = models.CharField(max_length=64, blank=True)
    answer = models.TextField(blank=True)
    problem = models.CharField(max_length=500, blank=True)

    objects = CaseLabelsQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["label_set", "case"], name="labels_once_per_case"
            )
        ]

    def __str__(self) -> str:
        return f"{self.label_set} on {self.case}"


class Labelling(Work):
    """The reports of a source that a worker is asked to label, and how far it is.

    strict     find phrases inside of other words too, as the CheXpert labeler does
    label_set  what came of it
    """

    bell = "reports.label"
    is_awaited = True

    collection = models.ForeignKey(Collection, on_delete=models.PROTECT)
    source = models.ForeignKey("reports.Source", on_delete=models.PROTECT)
    strict = models.BooleanField(default=False)
    total = models.PositiveIntegerField()
    labelled = models.PositiveIntegerField(default=0)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    label_set = models.ForeignKey(LabelSet, on_delete=models.PROTECT, null=True)

    objects = WorkQuerySet.as_manager()

    class Meta:
        constraints = [
            # Whoever asks meanwhile waits for the same one.
            models.UniqueConstraint(
                fields=["collection", "source"],
                condition=Q(status__in=["queued", "running"]),
                name="labelling_one_unfinished",
            ),
            models.CheckConstraint(
                name="labelling_done_has_labels",
                condition=Q(status="done", label_set__isnull=False)
                | (~Q(status="done") & Q(label_set=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"labelling {self.source} in {self.collection}: {self.status}"

    @property
    def is_unfinished(self) -> bool:
        return self.status in self.UNFINISHED


class MetricTable(models.Model):
    """Metrics of a source's reports that another program measured. Never altered.

    columns   the names of the metrics, in the order of the table
    """

    collection = models.ForeignKey(Collection, on_delete=models.PROTECT)
    source = models.ForeignKey("reports.Source", on_delete=models.PROTECT)
    columns = models.JSONField()
    cases = models.PositiveIntegerField()
    file_name = models.CharField(max_length=200)
    file_sha256 = models.CharField(max_length=64)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    made_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{', '.join(self.columns)} of {self.source}"


class MeasuredCase(models.Model):
    """The metrics of one report, by name; what was not measured is not there."""

    table = models.ForeignKey(
        MetricTable, on_delete=models.PROTECT, related_name="measured"
    )
    case = models.ForeignKey(Case, on_delete=models.PROTECT)
    values = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["table", "case"], name="measured_once_per_case"
            )
        ]

    def __str__(self) -> str:
        return f"{self.table} on {self.case}"


class LabelUpload(models.Model):
    """A file on its way in, kept in staging until somebody has looked and confirmed.

    asked   what was said of it: name, subject, source, labeler and version
    """

    class Kind(models.TextChoices):
        LABELS = "labels", "Labels"
        ANSWERS = "answers", "Answers to the label prompt"
        METRICS = "metrics", "Metrics"

    token = models.CharField(
        max_length=32, unique=True, default=partial(secrets.token_hex, 16)
    )
    collection = models.ForeignKey(Collection, on_delete=models.PROTECT)
    kind = models.CharField(max_length=8, choices=Kind)
    asked = models.JSONField(default=dict)
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(default=_expiry)

    def __str__(self) -> str:
        return f"{self.name} for {self.collection}"

    @property
    def storing(self) -> "LabelStoring | None":
        """The work that stores it, where it is under way; a query."""
        return self.storings.unfinished().first()


class LabelStoring(Work):
    """A confirmed file of many lines that a worker is asked to store.

    upload     the file; None once it is stored
    leave_out  lines about cases that the collection has not stay out
    cases      how many lines it had when it was confirmed
    """

    bell = "reports.store_labels"
    is_awaited = True

    upload = models.ForeignKey(
        LabelUpload, on_delete=models.SET_NULL, null=True, related_name="storings"
    )
    collection = models.ForeignKey(Collection, on_delete=models.PROTECT)
    file_name = models.CharField(max_length=200)
    leave_out = models.BooleanField(default=False)
    cases = models.PositiveIntegerField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    objects = WorkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["upload"],
                condition=Q(status__in=["queued", "running"]),
                name="label_storing_one_unfinished",
            ),
            models.CheckConstraint(
                name="label_storing_done_has_no_file",
                condition=~Q(status="done") | Q(upload=None),
            ),
        ]

    def __str__(self) -> str:
        return f"storing {self.file_name} in {self.collection}: {self.status}"

    @property
    def is_done(self) -> bool:
        return self.status == self.Status.DONE

    @property
    def is_unfinished(self) -> bool:
        return self.status in self.UNFINISHED
