"""The grade: append-only versions per slot, and the draft that is not a grade."""

from django.db import models
from django.db.models import Q

from readerstudy.presentation.models import Slot
from readerstudy.studies.models import GRADES, Membership, Study

LETTERS = [(letter, letter) for letter in GRADES]


class Draft(models.Model):
    """What a reader has typed so far on one slot. Never counted, never exported."""

    slot = models.OneToOneField(Slot, on_delete=models.PROTECT)
    letter = models.CharField(max_length=1, choices=LETTERS, blank=True)
    comment = models.TextField(blank=True)
    active_ms = models.PositiveBigIntegerField(default=0)
    saved_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"draft of {self.slot}"


class GradeQuerySet(models.QuerySet["Grade"]):
    def current(self) -> "GradeQuerySet":
        """The newest version of each slot's grade."""
        newer = self.model._default_manager.filter(
            slot=models.OuterRef("slot"), version__gt=models.OuterRef("version")
        )
        return self.filter(~models.Exists(newer))

    def of_study(self, study: Study) -> "GradeQuerySet":
        """Every version of every grade of a study."""
        return self.filter(slot__reader__study=study)

    def of_reader(self, reader: Membership) -> "GradeQuerySet":
        """Every version of one reader's grades."""
        return self.filter(slot__reader=reader)


class Grade(models.Model):
    """One submitted grade. A change of mind is a new version, never an edit."""

    slot = models.ForeignKey(Slot, on_delete=models.PROTECT)
    version = models.PositiveSmallIntegerField()
    letter = models.CharField(max_length=1, choices=LETTERS)
    comment = models.TextField(blank=True)
    reason = models.TextField(blank=True, help_text="Why a later version was needed.")
    active_ms = models.PositiveBigIntegerField()
    wall_ms = models.PositiveBigIntegerField()
    idempotency_key = models.CharField(max_length=64)
    body_sha256 = models.CharField(max_length=64)
    submitted_at = models.DateTimeField()

    objects = GradeQuerySet.as_manager()

    class Meta:
        ordering = ["slot_id", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["slot", "version"], name="grade_version_once"
            ),
            models.UniqueConstraint(
                fields=["slot", "idempotency_key"], name="grade_key_once"
            ),
            models.CheckConstraint(
                name="grade_letter_a_to_d", condition=Q(letter__in=GRADES)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.letter} on {self.slot}"
