"""The protocol: what is compared, by whom, on which scale, and whether it is locked."""

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _

from readerstudy.statements import Statement
from readerstudy.studies.analysis_plan import AnalysisPlan

# Django finds the models of an app through this module.
from readerstudy.studies.lifecycle.models import Unblinding as Unblinding
from readerstudy.studies.people.models import Invitation as Invitation
from readerstudy.studies.people.models import Withdrawal as Withdrawal
from readerstudy.studies.reading_rules import ReadingRules
from readerstudy.studies.study_design import StudyDesign
from readerstudy.studies.webhooks.models import Webhook as Webhook
from readerstudy.studies.webhooks.models import WebhookDelivery as WebhookDelivery

# The grades from best to worst. Success, the autonomous-reporting rate of the
# CXR-LLaVA paper, is A or B.
GRADES = ("A", "B", "C", "D")


def default_scale() -> list[dict[str, str]]:
    """The four grades as the CXR-LLaVA paper defines them, in our words."""
    return [
        {
            "letter": "A",
            "label": "Acceptable as it stands",
            "definition": "Nothing needs revision.",
        },
        {
            "letter": "B",
            "label": "Acceptable with minor revision",
            "definition": (
                "Every referable abnormality is named; its shape, size or place may "
                "need a small adjustment."
            ),
        },
        {
            "letter": "C",
            "label": "Acceptable with major revision",
            "definition": (
                "Referable abnormalities are mentioned, but described only in part."
            ),
        },
        {
            "letter": "D",
            "label": "Unacceptable",
            "definition": (
                "A referable abnormality is missing, with possibly serious "
                "consequences. Referable: needs further examination, consultation or "
                "follow-up, such as a mass, nodule, effusion or pneumothorax."
            ),
        },
    ]


class Study(StudyDesign, ReadingRules, AnalysisPlan):
    """One reader study. Its settings are the protocol, locked at the freeze."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        FROZEN = "frozen", _("Frozen")
        OPEN = "open", _("Open for reading")
        PAUSED = "paused", _("Paused")
        CLOSED = "closed", _("Closed")
        ARCHIVED = "archived", _("Archived")

    # Reading has ended, and what was graded may be seen by arm.
    ENDED = (State.CLOSED, State.ARCHIVED)

    class Redaction(models.TextChoices):
        AS_WRITTEN = "as_written", "as they are written: XXXX"
        ELLIPSIS = "ellipsis", "as […]"

    class LayoutProfile(models.TextChoices):
        """What presentation/blind.py can lay out, by name and version."""

        PLAIN = "plain/3", "Plain"
        EVEN = "even/2", "Even"
        SECTIONS = "sections/2", "Even, in two sections"
        FORMER_PLAIN = "plain/2", "Plain, former"
        FORMER_EVEN = "even/1", "Even, former"
        FORMER_SECTIONS = "sections/1", "Even, in two sections, former"

    code = models.SlugField(max_length=40, unique=True)
    title = models.CharField(max_length=200)
    instructions = models.TextField(blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    seed = models.PositiveBigIntegerField(default=1)
    minimum_pair_distance = models.PositiveIntegerField(
        default=10,
        validators=[MinValueValidator(1)],
        help_text="Reads between two reports of one radiograph, at the least.",
    )
    redaction = models.CharField(
        max_length=12, choices=Redaction, default=Redaction.AS_WRITTEN
    )
    layout_profile = models.CharField(
        max_length=20, choices=LayoutProfile, default=LayoutProfile.PLAIN
    )
    show_indication = models.BooleanField(default=True)
    scale = models.JSONField(default=default_scale)
    margin_points = models.DecimalField(
        max_digits=4,
        decimal_places=1,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text="Non-inferiority margin in percentage points; empty for none.",
    )
    ends_on = models.DateField(null=True, blank=True)
    reminder_days = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    protocol = models.JSONField(null=True, blank=True, editable=False)
    protocol_sha256 = models.CharField(max_length=64, blank=True)
    frozen_at = models.DateTimeField(null=True, blank=True, editable=False)
    opened_at = models.DateTimeField(null=True, blank=True, editable=False)
    pause_message = models.TextField(blank=True, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name_plural = "studies"
        constraints = [
            *StudyDesign.Meta.constraints,
            *ReadingRules.Meta.constraints,
            *AnalysisPlan.Meta.constraints,
            models.CheckConstraint(
                name="study_layout_known",
                condition=Q(
                    layout_profile__in=[
                        *("plain/3", "even/2", "sections/2"),
                        *("plain/2", "even/1", "sections/1"),
                    ]
                ),
            ),
            models.CheckConstraint(
                name="study_locked_unless_draft",
                condition=Q(state="draft", protocol_sha256="", frozen_at=None)
                | (~Q(state="draft") & ~Q(protocol_sha256="") & ~Q(frozen_at=None)),
            ),
            models.CheckConstraint(
                name="study_closed_has_time",
                condition=Q(state__in=["closed", "archived"], closed_at__isnull=False)
                | (~Q(state__in=["closed", "archived"]) & Q(closed_at=None)),
            ),
            models.CheckConstraint(
                name="study_state_known",
                condition=Q(
                    state__in=[
                        "draft",
                        "frozen",
                        "open",
                        "paused",
                        "closed",
                        "archived",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="study_opened_has_time",
                condition=Q(state__in=["draft", "frozen"], opened_at=None)
                | (~Q(state__in=["draft", "frozen"]) & Q(opened_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="study_message_while_paused",
                condition=Q(state="paused") | Q(pause_message=""),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def locked_protocol(self) -> dict[str, Any]:
        """The protocol under its hash; raises ValueError before the freeze."""
        if self.protocol is None:
            raise ValueError(f"{self.code} has no locked protocol yet.")
        protocol: dict[str, Any] = self.protocol
        return protocol

    @property
    def is_locked_without_plan(self) -> bool:
        """Whether its protocol was locked before protocols named an analysis plan."""
        return self.protocol is not None and "analysis" not in self.protocol

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT

    @property
    def is_frozen(self) -> bool:
        """Whether the protocol is locked and nobody may read yet."""
        return self.state == self.State.FROZEN

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def is_paused(self) -> bool:
        return self.state == self.State.PAUSED

    @property
    def is_closed(self) -> bool:
        """Whether reading has ended for good; so it has once a study is archived."""
        return self.state in self.ENDED

    @property
    def is_archived(self) -> bool:
        return self.state == self.State.ARCHIVED

    @property
    def is_unblinded(self) -> bool:
        """Whether its results were opened before the close; one query, once."""
        return hasattr(self, "unblinding")

    @property
    def has_open_results(self) -> bool:
        """Whether those who may see results may see them now."""
        return self.is_closed or self.is_unblinded


class Arm(models.Model):
    """One report source under comparison; `source` names a reports.Source."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE)
    position = models.PositiveSmallIntegerField()
    name = models.SlugField(max_length=40)
    label = models.CharField(max_length=80)
    source = models.CharField(max_length=80)
    is_reference = models.BooleanField(default=False)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["study", "name"], name="arm_name_once"),
            models.UniqueConstraint(fields=["study", "source"], name="arm_source_once"),
            models.UniqueConstraint(
                fields=["study"],
                condition=Q(is_reference=True),
                name="one_reference_arm_per_study",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(models.QuerySet["Membership"]):
    def readers(self) -> "MembershipQuerySet":
        """Readers in the order of their codes."""
        found = self.filter(role=Membership.Role.READER)
        # R2 comes before R10.
        return found.order_by(Length("reader_code"), "reader_code", "id")

    def in_order(self) -> "MembershipQuerySet":
        """Everybody with their names, by role."""
        return self.select_related("user").order_by("role", "id")

    def of_person(self, code: str, user: int) -> "MembershipQuerySet":
        """A person's role in a study, and the study without its protocol."""
        found = self.select_related("study").defer("study__protocol")
        return found.filter(study__code=code, user=user)

    def of_studies_not_ended(self) -> "MembershipQuerySet":
        """Those in studies whose reading has not ended."""
        return self.exclude(study__state__in=Study.ENDED)

    def who_see_sources(self) -> "MembershipQuerySet":
        """Who may know which source wrote what: see `Study.has_open_results`.

        Coordinators always; analysts once the results are open.
        """
        opened = Q(study__state__in=Study.ENDED) | Q(study__unblinding__isnull=False)
        analysts = Q(role=Membership.Role.ANALYST) & opened
        return self.filter(Q(role=Membership.Role.COORDINATOR) | analysts)


class Membership(models.Model):
    """One person's one role in one study; roles exclude each other."""

    class Role(models.TextChoices):
        READER = "reader", _("Reader")
        COORDINATOR = "coordinator", _("Coordinator")
        ANALYST = "analyst", _("Analyst")

    study = models.ForeignKey(Study, on_delete=models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    role = models.CharField(max_length=12, choices=Role)
    reader_code = models.CharField(max_length=12, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "user"], name="one_role_per_study"
            ),
            models.UniqueConstraint(
                fields=["study", "reader_code"],
                condition=~Q(reader_code=""),
                name="reader_code_once",
            ),
            models.CheckConstraint(
                name="reader_code_for_readers_only",
                condition=(Q(role="reader") & ~Q(reader_code=""))
                | (~Q(role="reader") & Q(reader_code="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} as {self.role} of {self.study}"

    @property
    def has_withdrawn(self) -> bool:
        """Whether a reader has left the study; one query, once."""
        return hasattr(self, "withdrawal")

    @property
    def may_read(self) -> bool:
        """Whether a reader may read and grade now."""
        return self.study.is_open and not self.has_withdrawn


# Nearly every page begins with it.
membership_of = Statement(
    Membership.objects.all().of_person, words=["code"], numbers=["user"]
)


class Amendment(models.Model):
    """A change of a frozen protocol: what, why, by whom. Never altered."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT)
    number = models.PositiveIntegerField()
    at = models.DateTimeField(auto_now_add=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    reason = models.TextField()
    field = models.CharField(max_length=40)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["study", "number"], name="amendment_number_once"
            )
        ]

    def __str__(self) -> str:
        return f"Amendment {self.number} of {self.study}"

    @property
    def what(self) -> str:
        """The field that was changed, in words."""
        return self.field.replace("_", " ")

    def as_record(self) -> dict[str, Any]:
        """The amendment as it is exported."""
        return self.as_event() | {"author": self.author.username}

    def as_event(self) -> dict[str, Any]:
        """The amendment as its event tells of it, which names its actor itself."""
        return {
            "number": self.number,
            "at": self.at.isoformat(),
            "field": self.field,
            "before": self.before,
            "after": self.after,
            "reason": self.reason,
        }
