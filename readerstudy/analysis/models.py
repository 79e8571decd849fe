"""The analysis: result sets and what each of them saw, and what was left out later."""

from typing import cast

from django.conf import settings
from django.db import models
from django.db.models import Q

# Django looks for an app's models here.
from readerstudy.analysis.findings.models import FindingsJob as FindingsJob
from readerstudy.analysis.findings.models import FindingsRun as FindingsRun
from readerstudy.analysis.findings.models import MetricAgreement as MetricAgreement
from readerstudy.cases.models import Case
from readerstudy.presentation.models import Slot
from readerstudy.studies.models import Membership, Study
from readerstudy.work.models import Work, WorkQuerySet


class AnalysisRunQuerySet(models.QuerySet["AnalysisRun"]):
    def of_study(self, study: Study) -> "AnalysisRunQuerySet":
        """The runs of a study, newest first."""
        return self.filter(study=study).order_by("-id")

    def newest_of(self, study: Study) -> "AnalysisRun | None":
        """The newest run of a study with its results; None without any."""
        return self.of_study(study).select_related("study", "requested_by").first()

    def without_results(self) -> "AnalysisRunQuerySet":
        """For lists: who, when and what was seen, without the numbers."""
        return self.defer("results").select_related("requested_by")


class AnalysisRun(models.Model):
    """One computed result set and what it saw. Never altered.

    state         counts and newest ids of what the reads are made of (state.py); empty
                  in a run that was stored before runs noted it
    reads         rows of the reads' table; None likewise
    requested_by  None where a page or script asked for it without a person's button
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT)
    reads_sha256 = models.CharField(max_length=64)
    protocol_sha256 = models.CharField(max_length=64, blank=True)
    version = models.CharField(max_length=40)
    state = models.JSONField(default=dict)
    seed = models.PositiveBigIntegerField(default=0)
    reads = models.PositiveIntegerField(null=True)
    results = models.JSONField()
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    computed_at = models.DateTimeField(auto_now_add=True)

    objects = AnalysisRunQuerySet.as_manager()

    def __str__(self) -> str:
        return f"analysis of {self.study}"


class AnalysisJob(Work):
    """A result set that a worker is asked to compute, as it takes too long for a page.

    run  the result set, once it is there
    """

    bell = "analysis.compute"
    is_awaited = True

    study = models.ForeignKey(Study, on_delete=models.PROTECT)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    run = models.ForeignKey(AnalysisRun, on_delete=models.PROTECT, null=True)

    objects = WorkQuerySet.as_manager()

    class Meta:
        constraints = [
            # Whoever asks meanwhile waits for the same one.
            models.UniqueConstraint(
                fields=["study"],
                condition=Q(status__in=["queued", "running"]),
                name="analysis_job_one_unfinished",
            ),
            models.CheckConstraint(
                name="analysis_job_done_has_run",
                condition=Q(status="done", run__isnull=False)
                | (~Q(status="done") & Q(run=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"job {self.pk} for {self.study}: {self.status}"

    @property
    def is_unfinished(self) -> bool:
        return self.status in self.UNFINISHED


class ExclusionQuerySet(models.QuerySet["Exclusion"]):
    def of_study(self, study: Study) -> "ExclusionQuerySet":
        """Everything that was excluded or lifted, in the order in which it was."""
        return (
            self.filter(study=study)
            .select_related(
                "author",
                "reader",
                "case",
                "slot__reader",
                "slot__presented__case",
                "slot__presented__arm",
                "lifted_by__author",
            )
            .order_by("id")
        )

    def in_force(self) -> "ExclusionQuerySet":
        """What is excluded now: neither a lifting itself nor lifted since."""
        return self.filter(lifts=None, lifted_by=None)


class Exclusion(models.Model):
    """Grades left out of the analysis after closing, and why. Never altered.

    Of reader, case and slot the one that the scope names is set. A row that lifts
    another repeats what it excluded.
    """

    class Scope(models.TextChoices):
        READER = "reader", "A reader"
        CASE = "case", "A case"
        READ = "read", "A single read"

    study = models.ForeignKey(Study, on_delete=models.PROTECT)
    scope = models.CharField(max_length=6, choices=Scope)
    reader = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True)
    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, null=True)
    reason = models.TextField()
    lifts = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="lifted_by"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)

    objects = ExclusionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="exclusion_names_what_its_scope_says",
                condition=Q(scope="reader", reader__isnull=False, case=None, slot=None)
                | Q(scope="case", case__isnull=False, reader=None, slot=None)
                | Q(scope="read", slot__isnull=False, reader=None, case=None),
            ),
            models.CheckConstraint(
                name="exclusion_for_a_reason", condition=~Q(reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"{'lifted: ' if self.lifts_id else ''}{self.what}"

    @property
    def is_in_force(self) -> bool:
        """Whether it counts now; a query unless fetched of_study."""
        return self.lifts_id is None and not hasattr(self, "lifted_by")

    @property
    def what(self) -> str:
        """What it leaves out, in words; one query more unless fetched of_study."""
        if self.reader:
            return f"reader {self.reader.reader_code}"
        if self.case:
            return f"case {self.case.code}"
        slot = cast(Slot, self.slot)  # the constraint leaves nothing else
        presented, reader = slot.presented, slot.reader.reader_code
        return f"read of {reader} on case {presented.case.code}, {presented.arm.label}"
