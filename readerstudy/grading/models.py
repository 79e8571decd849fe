"""The grade: append-only versions per slot, and the draft that is not a grade."""

from django.db import models
from django.db.models import Q

# Django finds the models of an app through this module.
from readerstudy.grading.after.models import GuessSheet as GuessSheet
from readerstudy.grading.after.models import SourceGuess as SourceGuess
from readerstudy.grading.before.models import Consent as Consent
from readerstudy.grading.before.models import DisplayCheck as DisplayCheck
from readerstudy.grading.before.models import PracticeReading as PracticeReading
from readerstudy.grading.calendar.models import CalendarFeed as CalendarFeed
from readerstudy.grading.reminding.models import Reminder as Reminder
from readerstudy.presentation.models import Slot
from readerstudy.statements import Statement
from readerstudy.studies.instruments import ERROR_CATEGORIES, INSTRUMENTS
from readerstudy.studies.models import GRADES, Membership, Study

LETTERS = [(letter, letter) for letter in GRADES]
REASONS = INSTRUMENTS["cannot_assess"].values


class Draft(models.Model):
    """What a reader has entered so far on one slot. Never counted, never exported."""

    slot = models.OneToOneField(Slot, on_delete=models.PROTECT)
    content = models.JSONField(default=dict)
    preference = models.CharField(max_length=6, blank=True)
    saved_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"draft of {self.slot}"


draft_of = Statement(lambda slot: Draft.objects.filter(slot=slot), numbers=["slot"])


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
    """One submitted grade. A change of mind is a new version, never an edit.

    letter         empty where the reader gave a reason against grading instead
    answers        value by name of the instruments that are choices
    active_ms, wall_ms, idle_ms   from the event log (timing.py) under the threshold
                   beside them; None where the client sent no log
    """

    slot = models.ForeignKey(Slot, on_delete=models.PROTECT)
    version = models.PositiveSmallIntegerField()
    letter = models.CharField(max_length=1, choices=LETTERS, blank=True)
    cannot_assess = models.CharField(max_length=20, blank=True)
    answers = models.JSONField(default=dict)
    comment = models.TextField(blank=True)
    reason = models.TextField(blank=True, help_text="Why a later version was needed.")
    active_ms = models.PositiveBigIntegerField(null=True)
    wall_ms = models.PositiveBigIntegerField(null=True)
    idle_ms = models.PositiveBigIntegerField(null=True)
    idle_threshold_ms = models.PositiveIntegerField(null=True)
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
                name="grade_is_a_letter_or_a_reason",
                condition=Q(letter__in=GRADES, cannot_assess="")
                | Q(letter="", cannot_assess__in=REASONS),
            ),
            models.CheckConstraint(
                name="later_grade_has_a_reason",
                condition=Q(version=1) | ~Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.spoken} on {self.slot}"

    @property
    def spoken(self) -> str:
        """The letter, or the reason against one."""
        return self.letter or self.cannot_assess


versions_of = Statement(
    lambda slot: Grade.objects.filter(slot=slot).order_by("version"), numbers=["slot"]
)


class ErrorMark(models.Model):
    """One error that a reader marked in a report, as part of one version of a grade.

    sentence, start, end   which characters, as shown; sentence from 1, None for what
                           was left out
    """

    grade = models.ForeignKey(Grade, on_delete=models.PROTECT, related_name="marks")
    number = models.PositiveSmallIntegerField()
    category = models.CharField(
        max_length=20, choices=[(name, name) for name in ERROR_CATEGORIES]
    )
    significant = models.BooleanField()
    sentence = models.PositiveSmallIntegerField(null=True)
    start = models.PositiveIntegerField(default=0)
    end = models.PositiveIntegerField(default=0)
    quote = models.TextField(blank=True)
    replacement = models.TextField(blank=True)

    class Meta:
        ordering = ["grade_id", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["grade", "number"], name="mark_number_once"
            ),
            models.CheckConstraint(
                name="mark_category_known",
                condition=Q(category__in=list(ERROR_CATEGORIES)),
            ),
            models.CheckConstraint(
                name="mark_has_a_place",
                condition=Q(sentence=None, quote="")
                | Q(sentence__gte=1, end__gt=models.F("start")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category} in {self.grade}"


class Preference(models.Model):
    """Which report of a pair a reader preferred, with each version of the grades.

    It hangs on the grade of side 1.
    """

    class Choice(models.TextChoices):
        FIRST = "1", "Report 1"
        EQUAL = "equal", "Equal"
        SECOND = "2", "Report 2"

    grade = models.OneToOneField(Grade, on_delete=models.PROTECT)
    choice = models.CharField(max_length=6, choices=Choice)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="preference_known", condition=Q(choice__in=["1", "equal", "2"])
            )
        ]

    def __str__(self) -> str:
        return f"{self.choice} on {self.grade}"


class Visit(models.Model):
    """One opening of a reading page, with the event log that the browser kept.

    Grows until the grade that it led to is stored; `version` is that grade's.
    """

    slot = models.ForeignKey(Slot, on_delete=models.PROTECT)
    key = models.CharField(max_length=32)
    version = models.PositiveSmallIntegerField(null=True)
    began_at = models.DateTimeField(auto_now_add=True)
    client_began_at = models.DateTimeField(
        help_text="By the clock of the reader's computer."
    )
    events = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["slot", "key"], name="visit_once")
        ]

    def __str__(self) -> str:
        return f"visit of {self.slot}"


visits_of = Statement(lambda slot: Visit.objects.filter(slot=slot), numbers=["slot"])


class Reopening(models.Model):
    """A submitted grade taken up again: the permission for one further version."""

    class Kind(models.TextChoices):
        UNDO = "undo", "Taken back at once"
        AMEND = "amend", "Amended later"

    slot = models.ForeignKey(Slot, on_delete=models.PROTECT)
    version = models.PositiveSmallIntegerField(help_text="The version it allows.")
    kind = models.CharField(max_length=8, choices=Kind)
    reason = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["slot", "version"], name="reopened_once_per_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.slot}"
