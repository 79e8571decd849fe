"""How a study is read: the part of the protocol that decides what a reader meets."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from readerstudy.studies.instruments import DEFAULT_NAMES, OPTIONAL_NAMES

# The rules as they stand in the locked protocol; the names are the fields'.
RULES = (
    "presentation",
    "instruments",
    "amending",
    "undo_seconds",
    "session_reads",
    "washout_days",
    "idle_seconds",
    "break_minutes",
    "guess_sample",
    "display_check",
    "consent",
    "show_other_images",
    "allow_small_screens",
)


def default_instruments() -> list[str]:
    """What is asked beside the grade unless the protocol says otherwise."""
    return list(DEFAULT_NAMES)


def known_instruments(names: Any) -> None:
    """Refuse what is not a list of instruments, each named once."""
    if not isinstance(names, list) or len(set(map(str, names))) != len(names):
        raise ValidationError("Instruments are a list that names each one once.")
    if unknown := [name for name in names if name not in OPTIONAL_NAMES]:
        raise ValidationError(f"There is no instrument {unknown[0]}.")


class ReadingRules(models.Model):
    """The rules of reading, as fields of a study; fixed at the freeze."""

    class Presentation(models.TextChoices):
        SINGLE = "single", gettext_lazy("One report at a time, as in the paper")
        PAIR = "pair", gettext_lazy("Two reports of a radiograph side by side")

    class Amending(models.TextChoices):
        NEVER = "never", gettext_lazy("Never: a submitted grade stands")
        SESSION = "session", gettext_lazy("Until the reading session ends")
        STUDY = "study", gettext_lazy("Until the study is closed")

    presentation = models.CharField(
        max_length=8, choices=Presentation, default=Presentation.SINGLE
    )
    instruments = models.JSONField(
        default=default_instruments, blank=True, validators=[known_instruments]
    )
    amending = models.CharField(
        max_length=8, choices=Amending, default=Amending.SESSION
    )
    undo_seconds = models.PositiveSmallIntegerField(
        default=10,
        validators=[MaxValueValidator(120)],
        help_text="For so long after submitting, Backspace takes a grade back.",
    )
    session_reads = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Reports per reading session at the most; empty for no limit.",
    )
    washout_days = models.PositiveSmallIntegerField(
        default=0,
        validators=[MaxValueValidator(365)],
        help_text="Days between two reports of one radiograph, at the least.",
    )
    idle_seconds = models.PositiveSmallIntegerField(
        default=120,
        validators=[MinValueValidator(15), MaxValueValidator(3600)],
        help_text="Without any input for so long, the image is blanked and the clock "
        "stops.",
    )
    break_minutes = models.PositiveSmallIntegerField(
        default=20,
        validators=[MaxValueValidator(240)],
        help_text="After so much reading a break is proposed, between two cases; 0 for "
        "never.",
    )
    guess_sample = models.PositiveSmallIntegerField(
        default=10,
        validators=[MaxValueValidator(50)],
        help_text="Reports of a session whose source the reader guesses at its end; 0 "
        "for none.",
    )
    display_check = models.BooleanField(
        default=True, help_text="Readers check their display before a session."
    )
    consent = models.TextField(
        blank=True, help_text="What readers agree to before the first report."
    )
    show_other_images = models.BooleanField(
        default=False,
        help_text="Show lateral and prior radiographs beside the one that is read.",
    )
    allow_small_screens = models.BooleanField(
        default=False, help_text="Let readers read on telephones."
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="study_presentation_known",
                condition=Q(presentation__in=["single", "pair"]),
            ),
            models.CheckConstraint(
                name="study_amending_known",
                condition=Q(amending__in=["never", "session", "study"]),
            ),
        ]

    @property
    def reads_pairs(self) -> bool:
        return bool(self.presentation == self.Presentation.PAIR)

    @property
    def reading_rules(self) -> dict[str, Any]:
        """The rules in plain JSON, for the locked protocol."""
        return {name: getattr(self, name) for name in RULES}
