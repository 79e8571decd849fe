"""What readers did before they read: rows that are never altered, and never counted."""

from django.db import models
from django.db.models import Q

from readerstudy.presentation.models import PracticeCase
from readerstudy.studies.models import GRADES, Membership


class Consent(models.Model):
    """A reader's agreement to one version of the instructions and the consent text."""

    reader = models.ForeignKey(Membership, on_delete=models.PROTECT)
    version = models.CharField(max_length=64, help_text="SHA-256 of both texts.")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reader", "version"], name="consent_once_per_version"
            )
        ]

    def __str__(self) -> str:
        return f"consent of {self.reader}"


class DisplayCheck(models.Model):
    """One look at the test pattern before a session.

    passed     whether everything was told right
    went_on    whether the reader went on knowingly although it was not
    expected, answers   what the pattern showed and what was said of it (display.py)
    screen     which screen it was, as far as a browser tells; empty where it does not
    device     sizes in CSS pixels, device pixel ratio, colour depth, zoom
    """

    reader = models.ForeignKey(Membership, on_delete=models.PROTECT)
    session = models.PositiveSmallIntegerField()
    at = models.DateTimeField(auto_now_add=True)
    passed = models.BooleanField()
    went_on = models.BooleanField(default=False)
    expected = models.JSONField()
    answers = models.JSONField()
    screen = models.CharField(max_length=40, blank=True)
    device = models.JSONField(default=dict)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="display_went_on_only_if_not_passed",
                condition=Q(passed=False) | Q(went_on=False),
            )
        ]

    def __str__(self) -> str:
        return f"display check of {self.reader}"


class PracticeReading(models.Model):
    """One grade of a practice case. It may be repeated, and counts nowhere."""

    reader = models.ForeignKey(Membership, on_delete=models.PROTECT)
    practice_case = models.ForeignKey(PracticeCase, on_delete=models.PROTECT)
    letter = models.CharField(max_length=1)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="practice_letter_known", condition=Q(letter__in=GRADES)
            )
        ]

    def __str__(self) -> str:
        return f"{self.letter} on {self.practice_case}"
