"""The report: a text per case and source, the jobs that make models write them, and the
self-tests by which models prove that they look."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Count, Q

from inference.verdict import Round, Verdict
from readerstudy.cases.models import Case, Collection

# Django looks for an app's models here.
from readerstudy.reports.console.models import Conversation as Conversation
from readerstudy.reports.console.models import Turn as Turn
from readerstudy.reports.labels.models import CaseLabels as CaseLabels
from readerstudy.reports.labels.models import Labelling as Labelling
from readerstudy.reports.labels.models import LabelSet as LabelSet
from readerstudy.reports.labels.models import LabelStoring as LabelStoring
from readerstudy.reports.labels.models import LabelUpload as LabelUpload
from readerstudy.reports.labels.models import MeasuredCase as MeasuredCase
from readerstudy.reports.labels.models import MetricTable as MetricTable
from readerstudy.reports.review.models import SignOff as SignOff
from readerstudy.reports.review.models import TextReview as TextReview
from readerstudy.reports.sources.models import EndpointAnswer as EndpointAnswer
from readerstudy.reports.sources.models import SendingConsent as SendingConsent
from readerstudy.reports.tables.models import TableImport as TableImport
from readerstudy.studies.models import Study
from readerstudy.work.models import GPU, Work, WorkQuerySet

GROUND_TRUTH = "ground_truth"
CXR_LLAVA = "cxr_llava"
_OTHERS = ("endpoint", "transformers", "command")


def _price(help_text: str) -> "models.DecimalField[Decimal | None, Decimal | None]":
    """A column for money; none where nobody charges."""
    return models.DecimalField(
        max_digits=12, decimal_places=6, null=True, blank=True, help_text=help_text
    )


class Source(models.Model):
    """Where reports come from. The names ground_truth and cxr_llava are reserved.

    What changes a text stands in checkpoint, address and making, and is never altered:
    other settings are another source. Prices change no text.
    """

    class Kind(models.TextChoices):
        GROUND_TRUTH = "ground_truth", "Reference reports"
        CXR_LLAVA = "cxr_llava", "CXR-LLaVA"
        ENDPOINT = "endpoint", "Endpoint elsewhere"
        TRANSFORMERS = "transformers", "Model of transformers"
        COMMAND = "command", "Command on the server"
        UPLOADED = "uploaded", "Uploaded"

        @property
        def is_written(self) -> bool:
            """Whether this site has such reports written, and vouches for it."""
            return self not in {Source.Kind.GROUND_TRUTH, Source.Kind.UPLOADED}

    name = models.SlugField(max_length=80, unique=True)
    kind = models.CharField(max_length=12, choices=Kind)
    checkpoint = models.CharField(
        max_length=300,
        blank=True,
        help_text="Folder on the server or hub id (blank: the configured one); of an "
        "endpoint the model's name there, of a command its own name.",
    )
    address = models.CharField(
        max_length=300, blank=True, help_text="Of an endpoint: where it answers."
    )
    making = models.JSONField(
        default=dict,
        blank=True,
        help_text="Prompts and settings of other models than CXR-LLaVA; never a key.",
    )
    price_in = _price("Of 1,000 tokens of prompt and image.")
    price_out = _price("Of 1,000 tokens of the answer.")
    currency = models.CharField(max_length=3, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="source_checkpoint_of_a_model",
                condition=Q(kind="cxr_llava")
                | (Q(kind__in=_OTHERS) & ~Q(checkpoint=""))
                | (~Q(kind__in=_OTHERS) & Q(checkpoint="")),
            ),
            models.CheckConstraint(
                name="source_address_of_an_endpoint",
                condition=(Q(kind="endpoint") & ~Q(address=""))
                | (~Q(kind="endpoint") & Q(address="")),
            ),
            models.CheckConstraint(
                name="source_making_of_other_models",
                condition=Q(kind__in=_OTHERS) | Q(making={}),
            ),
            models.CheckConstraint(
                name="source_prices_of_an_endpoint",
                condition=Q(price_in=None, price_out=None, currency="")
                | (
                    Q(kind="endpoint", price_in__gte=0, price_out__gte=0)
                    & ~Q(currency="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_written(self) -> bool:
        """Whether this site has its reports written."""
        return self.Kind(self.kind).is_written

    @property
    def sends_images_away(self) -> bool:
        """Whether its radiographs leave this server.

        An endpoint on this very machine counts: what stands behind it, nobody can see
        from here.
        """
        return self.kind == self.Kind.ENDPOINT


class ReportQuerySet(models.QuerySet["Report"]):
    def current(self) -> "ReportQuerySet":
        """The newest report of each case and source."""
        newer = self.model._default_manager.filter(
            case=models.OuterRef("case"),
            source=models.OuterRef("source"),
            id__gt=models.OuterRef("id"),
        )
        return self.filter(~models.Exists(newer))


class Report(models.Model):
    """One text about one case, kept exactly as it came.

    `fingerprint` is the identity of the making: the text's own hash for uploaded
    reports, the hash of (weights revision, prompt, settings) for a model's.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT)
    source = models.ForeignKey(Source, on_delete=models.PROTECT)
    findings = models.TextField(blank=True)
    impression = models.TextField(blank=True)
    text = models.TextField(
        blank=True, help_text="The whole text where it has no sections."
    )
    sha256 = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    provenance = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "source", "fingerprint"], name="report_once"
            )
        ]
        # By a shorter one SQLite looks for newer reports among all of a source.
        indexes = [models.Index(fields=["case", "source", "id"], name="report_newest")]

    def __str__(self) -> str:
        return f"{self.source} on {self.case}"

    @property
    def whole_text(self) -> str:
        """All of it, sections one after the other."""
        return "\n".join(filter(None, (self.findings, self.impression, self.text)))


class JobQuerySet(WorkQuerySet["Job"]):
    def of_collection(self, source: Source, collection: Collection) -> "JobQuerySet":
        """Jobs of one source over one collection."""
        return self.filter(source=source, case__collection=collection)

    def failed_of(self, source: Source) -> "JobQuerySet":
        """Reports of a source that could not be written, and wait for somebody."""
        return self.filter(source=source, status=Work.Status.FAILED).order_by()

    def reasons(self) -> list[tuple[str, int]]:
        """Why they failed and how many each time, the commonest first; one query."""
        counted = self.values_list("failure").annotate(count=Count("id"))
        return list(counted.order_by("-count", "failure"))


class Job(Work):
    """One report to be written by a model."""

    bell = "reports.write_reports"
    queue = GPU

    case = models.ForeignKey(Case, on_delete=models.PROTECT)
    source = models.ForeignKey(Source, on_delete=models.PROTECT)
    fingerprint = models.CharField(max_length=64)
    checkpoint = models.CharField(max_length=300)
    report = models.OneToOneField(Report, on_delete=models.PROTECT, null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "source", "fingerprint"], name="job_once"
            ),
            models.CheckConstraint(
                name="job_done_has_report",
                condition=Q(status="done", report__isnull=False)
                | (~Q(status="done") & Q(report=None)),
            ),
        ]
        indexes = [
            # The reaper and the claim look only at unfinished jobs.
            models.Index(
                fields=["status", "lease_until"],
                condition=Q(status__in=["queued", "running"]),
                name="job_unfinished",
            ),
            # The page of work looks only at these, among millions that are done.
            models.Index(
                fields=["status", "id"],
                condition=Q(status__in=["held", "failed"]),
                name="job_left_over",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} on {self.case}: {self.status}"


class SelfTestResultQuerySet(models.QuerySet["SelfTestResult"]):
    def newest(self, source: Source, fingerprint: str) -> "SelfTestResult | None":
        """The latest result of one making of a source; one query."""
        made = self.filter(source=source, fingerprint=fingerprint)
        return made.order_by("-id").first()


class SelfTestResult(models.Model):
    """What a pixel self-test said of a source and one way of its making. Never altered.

    `outcome` is what inference.selftest returns: thresholds, figures, every text.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT)
    fingerprint = models.CharField(max_length=64)
    verdict = models.CharField(
        max_length=8, choices=[(str(each), each.words) for each in Verdict]
    )
    sentence = models.TextField()
    outcome = models.JSONField()
    provenance = models.JSONField(default=dict)
    made_at = models.DateTimeField(auto_now_add=True)

    objects = SelfTestResultQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["source", "fingerprint"])]

    def __str__(self) -> str:
        return f"{self.source} {self.get_verdict_display()}"

    @property
    def images(self) -> int:
        """How many radiographs were asked about."""
        return len(self.outcome["names"])


class SelfTestQuerySet(WorkQuerySet["SelfTest"]):
    def latest_of(self, source: Source, fingerprint: str) -> "SelfTest | None":
        """The last test asked of one making of a source; one query."""
        asked = self.filter(source=source, fingerprint=fingerprint)
        return asked.order_by("-id").first()


class SelfTest(Work):
    """A pixel self-test that was asked for, and how far it is."""

    bell = "reports.self_test"
    queue = GPU
    is_awaited = True

    source = models.ForeignKey(Source, on_delete=models.PROTECT)
    fingerprint = models.CharField(max_length=64)
    checkpoint = models.CharField(max_length=300)
    cases = models.JSONField(
        default=list, help_text="Ids of the cases to ask about; empty: drawn phantoms."
    )
    images = models.PositiveSmallIntegerField()
    written = models.PositiveIntegerField(default=0)
    stream = models.CharField(max_length=64, help_text="Where its events go.")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True
    )
    result = models.OneToOneField(SelfTestResult, on_delete=models.PROTECT, null=True)

    objects = SelfTestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "fingerprint"],
                condition=Q(status__in=["queued", "running"]),
                name="self_test_one_at_a_time",
            ),
            models.CheckConstraint(
                name="self_test_done_has_result",
                condition=Q(status="done", result__isnull=False)
                | (~Q(status="done") & Q(result=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"self-test of {self.source}: {self.status}"

    @property
    def reports(self) -> int:
        """How many reports the whole test writes."""
        return self.images * len(Round)


class Overruling(models.Model):
    """A coordinator's reason to use a source that ignores the pixels. Never altered."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT)
    result = models.ForeignKey(SelfTestResult, on_delete=models.PROTECT)
    reason = models.TextField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "result"], name="overruled_once"),
            models.CheckConstraint(
                name="overruled_for_a_reason", condition=~Q(reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.study} overrules: {self.result}"
