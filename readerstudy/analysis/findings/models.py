"""Scores of findings: which labels were compared, how, and what came of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from readerstudy.cases.models import Collection
from readerstudy.reports.labels.models import LabelSet
from readerstudy.studies.models import Study
from readerstudy.work.models import Work, WorkQuerySet


class FindingsRunQuerySet(models.QuerySet["FindingsRun"]):
    def of_collection(self, collection: Collection) -> "FindingsRunQuerySet":
        """The comparisons of a collection without the texts' metrics, newest first."""
        found = self.filter(collection=collection).defer("metrics")
        found = found.select_related("reference", "requested_by")
        return found.prefetch_related("predicted").order_by("-id")


class FindingsRun(models.Model):
    """Label sets compared with a reference. Never altered.

    asked      preset, policy, limits, draws, seed, as they were asked for
    inputs     SHA-256 of all that was compared: label sets by id, texts by source
    version    of the software that computed it
    results    what statistics.findings.score says
    metrics    of the texts, and those made elsewhere: a row per source and metric, and
               the values of each case
    """

    collection = models.ForeignKey(Collection, on_delete=models.PROTECT)
    reference = models.ForeignKey(LabelSet, on_delete=models.PROTECT, related_name="+")
    predicted = models.ManyToManyField(LabelSet, related_name="+")
    asked = models.JSONField()
    inputs = models.JSONField()
    inputs_sha256 = models.CharField(max_length=64)
    version = models.CharField(max_length=80)
    results = models.JSONField()
    metrics = models.JSONField(default=dict)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    computed_at = models.DateTimeField(auto_now_add=True)

    objects = FindingsRunQuerySet.as_manager()

    def __str__(self) -> str:
        return f"findings against {self.reference}"


class FindingsJob(Work):
    """A comparison that a worker is asked to compute.

    asked   what is compared, and how; see `comparing.Asked`
    doing   what the worker is at, in words; `step` of `steps`
    """

    bell = "analysis.findings"
    is_awaited = True

    collection = models.ForeignKey(Collection, on_delete=models.PROTECT)
    asked = models.JSONField()
    asked_sha256 = models.CharField(max_length=64)
    step = models.PositiveSmallIntegerField(default=0)
    steps = models.PositiveSmallIntegerField(default=3)
    doing = models.CharField(max_length=120, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    run = models.ForeignKey(FindingsRun, on_delete=models.PROTECT, null=True)

    objects = WorkQuerySet.as_manager()

    class Meta:
        constraints = [
            # Whoever asks the same meanwhile waits for the same one.
            models.UniqueConstraint(
                fields=["collection", "asked_sha256"],
                condition=Q(status__in=["queued", "running"]),
                name="findings_job_one_unfinished",
            ),
            models.CheckConstraint(
                name="findings_job_done_has_run",
                condition=Q(status="done", run__isnull=False)
                | (~Q(status="done") & Q(run=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"findings in {self.collection}: {self.status}"

    @property
    def is_unfinished(self) -> bool:
        return self.status in self.UNFINISHED


class MetricAgreementQuerySet(WorkQuerySet["MetricAgreement"]):
    def newest_done(self, study: Study) -> "MetricAgreement | None":
        """The comparison of a study that was computed last; None before any was."""
        done = self.filter(study=study, status=Work.Status.DONE)
        return done.order_by("-id").first()


class MetricAgreement(Work):
    """How far metrics rank a closed study's reports as its readers did.

    inputs_sha256  of the grades and the metrics that it is computed from
    result         what statistics.metrics.agreement_with_grades says
    """

    bell = "analysis.metric_agreement"
    is_awaited = True

    study = models.ForeignKey(Study, on_delete=models.PROTECT)
    inputs_sha256 = models.CharField(max_length=64, blank=True)
    result = models.JSONField(null=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = MetricAgreementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study"],
                condition=Q(status__in=["queued", "running"]),
                name="metric_agreement_one_unfinished",
            ),
            models.CheckConstraint(
                name="metric_agreement_done_has_result",
                condition=Q(status="done", result__isnull=False)
                | (~Q(status="done") & Q(result=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"metrics and grades of {self.study}: {self.status}"

    @property
    def is_unfinished(self) -> bool:
        return self.status in self.UNFINISHED
