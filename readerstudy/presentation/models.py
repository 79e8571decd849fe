"""The blinded presentation: who reads which text in which place."""

import secrets

from django.db import models
from django.db.models import Q

from readerstudy.cases.models import Case

# Django looks for an app's models here.
from readerstudy.presentation.blinding_audit.models import (
    BlindingAcceptance as BlindingAcceptance,
)
from readerstudy.presentation.blinding_audit.models import (
    BlindingAudit as BlindingAudit,
)
from readerstudy.reports.models import Report
from readerstudy.statements import Statement
from readerstudy.studies.models import GRADES, Arm, Membership, Study


def opaque_id() -> str:
    """A name for a slot that says nothing of what is behind it."""
    return secrets.token_urlsafe(12)


class PresentedReport(models.Model):
    """The text of one report as every reader of a study sees it (blind.py)."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT)
    case = models.ForeignKey(Case, on_delete=models.PROTECT)
    arm = models.ForeignKey(Arm, on_delete=models.PROTECT)
    report = models.ForeignKey(Report, on_delete=models.PROTECT)
    body = models.JSONField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "case", "arm"], name="presented_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.case} in {self.study}"


# Columns of a study that no page of a reader needs; the protocol may be megabytes.
_OF_THE_DESIGN = [
    f"reader__study__{name}"
    for name in (
        *("protocol", "protocol_sha256", "sample_size", "primary_outcome", "alpha"),
        *("reader_inference", "planned_analyses", "margin_points", "ends_on"),
        *("allocation", "reader_groups", "anchor_cases", "arm_order", "seed"),
        *("minimum_pair_distance", "redaction", "layout_profile", "reminder_days"),
        *("created_by", "created_at", "frozen_at", "opened_at", "closed_at"),
    )
]


class SlotQuerySet(models.QuerySet["Slot"]):
    def of_reader(self, reader: Membership) -> "SlotQuerySet":
        """A reader's slots in reading order."""
        return self.filter(reader=reader).order_by("position")

    def of_study(self, study: Study) -> "SlotQuerySet":
        """All slots of a study."""
        return self.filter(reader__study=study)

    def first_readings(self) -> "SlotQuerySet":
        """Without the reports that come again."""
        return self.filter(repeat=0)

    def leading(self) -> "SlotQuerySet":
        """One slot for each page that is read: of a pair the first."""
        return self.filter(Q(side=None) | Q(side=1))

    def page_for(self, public_id: str, user: int) -> "SlotQuerySet":
        """The page of this name, if it is on a list of this person's own."""
        return (
            self.leading()
            .filter(public_id=public_id, reader__user=user)
            .select_related("reader__study", "reader__withdrawal", "presented")
            .defer(*_OF_THE_DESIGN)
        )

    def in_full(self) -> "SlotQuerySet":
        """With what a reading page needs of a slot; no further query."""
        return self.select_related(
            "presented__case__image", "reader__study", "reader__user"
        ).defer("reader__study__protocol")

    def read_together(self, slot: "Slot") -> "SlotQuerySet":
        """The slots on the page of a leading slot: itself, or the pair; one query."""
        last = slot.position if slot.side is None else slot.position + 1
        return (
            self.filter(reader=slot.reader_id, position__range=(slot.position, last))
            .select_related("reader__study", "presented__case__image")
            .defer("reader__study__protocol")
            .order_by("position")
        )


class Slot(models.Model):
    """One reader, one report, one place in that reader's list. Dealt once.

    session   number of the reading session to which the place belongs, from 1
    side      1 or 2 where two reports are read side by side, else None; side 2 has the
              place after side 1, and the two are read and graded as one
    repeat    1 for the second reading of a report that comes again, unannounced, else 0
    """

    public_id = models.CharField(max_length=24, unique=True, default=opaque_id)
    reader = models.ForeignKey(Membership, on_delete=models.PROTECT)
    presented = models.ForeignKey(PresentedReport, on_delete=models.PROTECT)
    position = models.PositiveIntegerField()
    session = models.PositiveSmallIntegerField(default=1)
    side = models.PositiveSmallIntegerField(null=True)
    repeat = models.PositiveSmallIntegerField(default=0)
    opened_at = models.DateTimeField(null=True)

    objects = SlotQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reader", "position"], name="one_slot_per_position"
            ),
            models.UniqueConstraint(
                fields=["reader", "presented", "repeat"], name="one_slot_per_report"
            ),
            models.CheckConstraint(
                name="slot_repeat_is_0_or_1", condition=Q(repeat__in=(0, 1))
            ),
            models.CheckConstraint(
                name="slot_side_is_1_or_2",
                condition=Q(side=None) | Q(side__in=(1, 2)),
            ),
        ]
        indexes = [
            # Where a reader is, without a look at all that was read before.
            models.Index(
                fields=["reader", "position"],
                condition=Q(opened_at__isnull=False),
                name="slot_opened",
            )
        ]

    def __str__(self) -> str:
        return self.public_id


page_for = Statement(Slot.objects.all().page_for, words=["public_id"], numbers=["user"])
shown_page_for = Statement(
    lambda public_id, user: (
        Slot.objects.all()
        .page_for(public_id, user)
        .select_related("presented__case__image")
    ),
    words=["public_id"],
    numbers=["user"],
)
# A slot that is graded, and its study's state. The slot is this transaction's alone;
# the study others may hold as well, but nobody changes it meanwhile: readers of a study
# do not wait for each other.
lock_slot = Statement(
    lambda slot: (
        Slot.objects.filter(pk=slot)
        .select_related("reader__study")
        .only("reader", "reader__study", "reader__study__state")
    ),
    numbers=["slot"],
    lock="FOR UPDATE OF presentation_slot FOR SHARE OF studies_study",
)


class PracticeCase(models.Model):
    """A report to practise on: its expected grade, and why. No part of the reads."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT)
    number = models.PositiveSmallIntegerField()
    report = models.ForeignKey(Report, on_delete=models.PROTECT)
    expected = models.CharField(
        max_length=1, choices=[(letter, letter) for letter in GRADES]
    )
    explanation = models.TextField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["study", "number"], name="practice_number_once"
            ),
            models.UniqueConstraint(
                fields=["study", "report"], name="practice_report_once"
            ),
            models.CheckConstraint(
                name="practice_expected_known", condition=Q(expected__in=GRADES)
            ),
        ]

    def __str__(self) -> str:
        return f"practice case {self.number} of {self.study}"
